"""A price on the peak of a month or a year, as the tariff engine bills it.

cost = sum over windows of bill(with the plan) - bill(the peaks so far alone)
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

import pyomo.environ as pyo

from cem_core.tariff import CapacityTariff, PeaksSoFar, WeighedPeriod
from optimizer.capacity_window import CapacityWindow
from optimizer.component import Block, Flows
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The periods in order of time; ``most_import_kw`` bounds what they can reach."""

    tariff: CapacityTariff
    so_far: PeaksSoFar
    weighed: Sequence[WeighedPeriod]
    most_import_kw: PerStep
    name: str

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the charge on ``block``; ``block.window[w].peak`` are its rows."""
        del horizon
        windows = self.windows()
        block.window = pyo.Block(list(range(len(windows))))
        for w, window in enumerate(windows):
            window.build(block.window[w], flows.imported)
        costs = (block.window[w].charge for w in range(len(windows)))
        block.cost = {"capacity": pyo.quicksum(costs)}

    def windows(self) -> Sequence[CapacityWindow]:
        """Return the billing windows that the horizon touches."""
        found = groupby(self.weighed, key=lambda each: each.window)
        return [
            CapacityWindow(
                tariff=self.tariff,
                so_far=self.so_far if place == 0 else PeaksSoFar(),
                periods=list(periods),
                most_import_kw=self.most_import_kw,
            )
            for place, (_, periods) in enumerate(found)
        ]
