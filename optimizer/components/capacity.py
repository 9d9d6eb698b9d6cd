"""A price on the highest mean import of a month.

peak[m] >= mean import of each window in month m,  cost = price (peak - so far)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyomo.environ as pyo

from cem_core.tariff import CapacityWindow
from optimizer import home
from optimizer.component import Block, Expression, Flows
from optimizer.horizon import Horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class Capacity:
    """Only a new peak costs money: the old one is on the bill already."""

    charge: home.CapacityCharge
    windows: Sequence[CapacityWindow]
    name: str = "capacity charge"

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the charge on ``block``."""
        del horizon
        months = sorted({window.month for window in self.windows})
        # A month that begins inside the horizon starts without a peak.
        so_far = dict.fromkeys(months, 0.0)
        so_far[months[0]] = self.charge.peak_so_far_kw
        block.above = pyo.Var(range(len(months)), domain=pyo.NonNegativeReals)

        @block.Constraint(list(range(len(self.windows))))
        def peak(b: Block, place: int) -> Expression:
            window = self.windows[place]
            mean = pyo.quicksum(share * flows.imported[t] for t, share in window.shares)
            # mean import ≤ peak so far + above
            return mean - b.above[months.index(window.month)] <= so_far[window.month]

        above = pyo.quicksum(block.above.values())
        block.cost = {"capacity": self.charge.price_per_kw * above}
