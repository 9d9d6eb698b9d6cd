"""A power limit that somebody with the right to do so has ordered.

connection:   import[t] <= limit (or export)
controllable: sum of what the counted devices draw (or give) <= limit
grid draw:    that sum <= limit + max(0, production and discharge - other load)
"""

from collections.abc import Sequence
from dataclasses import dataclass

import pyomo.environ as pyo

from cem_core.model import Direction, Scope
from optimizer.component import Block, Expression, Flows, Rank, Soft, slack
from optimizer.home import Basis
from optimizer.horizon import Horizon, PerStep
from optimizer.ordered import OrderedLimit


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLimit:
    """It holds in every step that it touches.

    ``most_surplus_kw[t]`` is the most production and discharge that other load
    can leave, ``most_import_kw[t]`` the most that can be imported.
    """

    limit: OrderedLimit
    most_surplus_kw: PerStep
    most_import_kw: PerStep

    @property
    def name(self) -> str:
        """The limit's name."""
        return f"limit {self.limit.id}"

    def flow(self, flows: Flows) -> Sequence[Expression]:
        """Return what the limit bounds."""
        match self.limit.direction, self.limit.scope:
            case Direction.IMPORT, Scope.CONNECTION:
                return flows.imported
            case Direction.EXPORT, Scope.CONNECTION:
                return flows.exported
            case Direction.IMPORT, _:
                return flows.drawn_by(self.limit.counted)
            case _:
                return flows.fed_by(self.limit.counted)

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the limit on ``block``."""
        limit = self.limit
        steps = list(horizon.touching(limit.start, limit.end))
        over = slack(block, steps)
        self._limited(block, steps, flows)
        block.soft = [
            Soft(
                rank=Rank.LIMIT,
                constraint=f"limit {limit.id}",
                unit="kW",
                text=f"{limit.direction} is up to {{by}} above limit {limit.id},"
                f" {limit.limit_kw:g} kW",
                slack=list(over.values()),
                kwh_per_slack=horizon.hours,
            )
        ]

    def _limited(self, block: Block, steps: Sequence[int], flows: Flows) -> None:
        limit_kw, flow = self.limit.limit_kw, self.flow(flows)
        free = [t for t in steps if self._surplus_counts(t)]
        block.from_grid = pyo.Var(free, domain=pyo.Binary)

        @block.Constraint(steps)
        def limited(b: Block, t: int) -> Expression:
            if isinstance(flow[t], int | float):
                return pyo.Constraint.Skip
            if t not in b.from_grid:
                # flow[t] ≤ limit
                return flow[t] - b.slack[t] <= limit_kw
            # drawn[t] ≤ limit + most_surplus[t] z[t]
            more_kw = float(self.most_surplus_kw[t]) * b.from_grid[t]
            return flow[t] - b.slack[t] <= limit_kw + more_kw

        @block.Constraint(free)
        def drawn_from_grid(b: Block, t: int) -> Expression:
            # import[t] ≤ limit + most_import[t] (1 - z[t])
            more_kw = float(self.most_import_kw[t]) * (1 - b.from_grid[t])
            return flows.imported[t] - b.slack[t] <= limit_kw + more_kw

    def _surplus_counts(self, t: int) -> bool:
        """Tell whether production could let the devices draw more than the limit.

        min(drawn, net import) ≤ limit says the same as drawn ≤ limit + max(0,
        production and discharge - other load); the binary chooses which of the two.
        """
        return self.limit.basis is Basis.GRID_DRAW and self.most_surplus_kw[t] > 0
