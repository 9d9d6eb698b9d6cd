"""A price on the peak of a month or a year, as the tariff engine bills it.

cost = sum over windows of bill(with the plan) - bill(the peaks so far alone)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import groupby

from cem_core.tariff import CapacityTariff, PeaksSoFar, WeighedPeriod
from optimizer import words as pyo
from optimizer.capacity_window import CapacityWindow
from optimizer.component import Block, Data, Flows, Soft
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """The periods in order of time; ``most_import_kw`` bounds what they can reach.

    ``meter`` is the id of the one that it is measured at, absent the connection.
    """

    tariff: CapacityTariff
    so_far: PeaksSoFar
    weighed: Sequence[WeighedPeriod]
    most_import_kw: PerStep
    name: str
    meter: str | None = None

    def structure(self, horizon: Horizon) -> Hashable:
        """Return where it is measured and what each window is made of."""
        del horizon
        return self.meter, tuple(window.structure() for window in self.windows())

    def data(self, horizon: Horizon) -> Data:
        """Return the numbers of all windows, each with the window's in its name."""
        del horizon
        return {
            f"{name}_{w}": values
            for w, window in enumerate(self.windows())
            for name, values in window.data().items()
        }

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the charge on ``block``; ``block.window[w].peak`` are its rows."""
        del horizon
        windows = self.windows()
        own = self.meter
        imported = flows.imported if own is None else flows.metered[own]
        block.window = pyo.Block(list(range(len(windows))))
        block.caps, costs = [], []
        for w, window in enumerate(windows):
            given = {
                name: getattr(block.given, f"{name}_{w}") for name in window.data()
            }
            costs.append(window.build(block.window[w], given, imported))
            if own is None:
                block.caps += block.window[w].caps
        block.cost = {"capacity": pyo.quicksum(costs)}

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: a peak costs money and does not give way."""
        del block, horizon
        return ()

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
