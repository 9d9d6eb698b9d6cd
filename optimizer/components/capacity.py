"""A price on the highest mean import of a month.

peak[m] >= mean import of each window in month m,  cost = price (peak - so far)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import pyomo.environ as pyo

from cem_core.tariff import CapacityWindow
from optimizer import home
from optimizer.component import Block, Data, Expression, Flows, Soft
from optimizer.horizon import Horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Only a new peak costs money: the old one is on the bill already."""

    charge: home.CapacityCharge
    windows: Sequence[CapacityWindow]
    name: str = "capacity charge"

    def months(self) -> list[int]:
        """Return for each window the place of its month among those touched."""
        touched = sorted({window.month for window in self.windows})
        return [touched.index(window.month) for window in self.windows]

    def structure(self, horizon: Horizon) -> Hashable:
        """Return which steps make up each window, and its month."""
        del horizon
        return tuple(w.shares for w in self.windows), tuple(self.months())

    def data(self, horizon: Horizon) -> Data:
        """Return the price and the peak so far of each month."""
        del horizon
        # A month that begins inside the horizon starts without a peak.
        so_far = [self.charge.peak_so_far_kw] + [0.0] * max(self.months())
        return {"price_per_kw": self.charge.price_per_kw, "so_far_kw": so_far}

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the charge on ``block``."""
        del horizon
        given, months = block.given, self.months()
        block.above = pyo.Var(range(max(months) + 1), domain=pyo.NonNegativeReals)

        @block.Constraint(list(range(len(months))))
        def peak(b: Block, place: int) -> Expression:
            shares, month = self.windows[place].shares, months[place]
            mean = pyo.quicksum(share * flows.imported[t] for t, share in shares)
            # mean import ≤ peak so far + above
            return mean - b.above[month] <= given.so_far_kw[month]

        above = pyo.quicksum(block.above.values())
        block.cost = {"capacity": given.price_per_kw * above}

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: a peak costs money and does not give way."""
        del block, horizon
        return ()
