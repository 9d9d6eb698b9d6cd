"""A power limit that somebody with the right to do so has ordered.

connection:   import[t] <= limit (or export)
controllable: sum of what controllable devices draw (or give) <= limit
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import pyomo.environ as pyo

from cem_core.model import Direction, Message, Scope
from optimizer import home
from optimizer.component import Block, Data, Expression, Flows, Rank, Soft, slack
from optimizer.horizon import Horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLimit:
    """It holds in every step that it touches."""

    limit: home.Limit
    name: str

    def steps(self, horizon: Horizon) -> range:
        """Return the steps that it touches."""
        return horizon.touching(self.limit.start, self.limit.end)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return which flow it bounds, and when."""
        return self.limit.direction, self.limit.scope, self.steps(horizon)

    def data(self, horizon: Horizon) -> Data:
        """Return the limit."""
        del horizon
        return {"limit_kw": self.limit.limit_kw}

    def flow(self, flows: Flows) -> Sequence[Expression]:
        """Return what the limit bounds."""
        match self.limit.direction, self.limit.scope:
            case Direction.IMPORT, Scope.CONNECTION:
                return flows.imported
            case Direction.EXPORT, Scope.CONNECTION:
                return flows.exported
            case Direction.IMPORT, _:
                return flows.drawn
            case _:
                return flows.fed

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the limit on ``block``."""
        flow, steps = self.flow(flows), list(self.steps(horizon))
        over = slack(block, steps)

        @block.Constraint(steps)
        def limited(b: Block, t: int) -> Expression:
            if not isinstance(flow[t], int | float):
                # flow[t] ≤ limit
                return flow[t] - over[t] <= b.given.limit_kw
            return pyo.Constraint.Skip

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the limit itself."""
        limit = self.limit
        return [
            Soft(
                rank=Rank.LIMIT,
                constraint=f"limit {limit.id}",
                unit="kW",
                message=self._exceeded,
                slack=list(block.slack.values()),
                kwh_per_slack=horizon.hours,
            )
        ]

    def _exceeded(self, by: float) -> Message:
        name, limit_kw = self.limit.id, self.limit.limit_kw
        if self.limit.direction is Direction.IMPORT:
            return Message.of(
                "limit_import_exceeded", by_kw=by, limit=name, limit_kw=limit_kw
            )
        return Message.of(
            "limit_export_exceeded", by_kw=by, limit=name, limit_kw=limit_kw
        )
