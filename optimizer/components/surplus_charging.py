"""A battery that never charges from the grid, only from what is left over.

charge[t] > 0 only where import[t] = 0
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyomo.environ as pyo

from optimizer.component import Block, Expression, Flows
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusCharging:
    """In ``steps`` there can be a surplus; in all others the battery's bound is 0."""

    battery: str
    steps: Sequence[int]
    most_charge_kw: PerStep
    most_import_kw: PerStep

    @property
    def name(self) -> str:
        """Its own name beside the battery's."""
        return f"surplus charging {self.battery}"

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the rule on ``block``."""
        del horizon
        charge = flows.drawn[self.battery]
        block.charging = pyo.Var(self.steps, domain=pyo.Binary)

        @block.Constraint(self.steps)
        def charge_only(b: Block, t: int) -> Expression:
            # charge[t] ≤ most_charge[t] z[t]
            return charge[t] <= float(self.most_charge_kw[t]) * b.charging[t]

        @block.Constraint(self.steps)
        def import_only(b: Block, t: int) -> Expression:
            # import[t] ≤ most_import[t] (1 - z[t])
            most_kw = float(self.most_import_kw[t])
            return flows.imported[t] <= most_kw * (1 - b.charging[t])
