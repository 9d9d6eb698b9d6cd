"""A power limit that somebody with the right to do so has ordered.

connection:   import[t] <= limit (or export)
controllable: sum of what the counted devices draw (or give) <= limit
grid draw:    that sum <= limit + max(0, production and discharge - other load)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from cem_core.model import Direction, Message, Scope
from optimizer import words as pyo
from optimizer.component import Block, Cap, Data, Expression, Flows, Rank, Soft, slack
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

    def steps(self, horizon: Horizon) -> range:
        """Return the steps that it touches."""
        return horizon.touching(self.limit.start, self.limit.end)

    def _free(self, horizon: Horizon) -> tuple[int, ...]:
        """Return the steps in which production may let the devices draw more.

        min(drawn, net import) ≤ limit says the same as drawn ≤ limit + max(0,
        production and discharge - other load); a binary chooses which of the two.
        """
        if self.limit.basis is not Basis.GRID_DRAW:
            return ()
        return tuple(t for t in self.steps(horizon) if self.most_surplus_kw[t] > 0)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return which flow it bounds, whose, and when."""
        limit = self.limit
        flow = limit.direction, limit.scope, limit.counted
        return flow, self.steps(horizon), self._free(horizon)

    def data(self, horizon: Horizon) -> Data:
        """Return the limit, and the bounds that a surplus lifts it by."""
        del horizon
        return {
            "limit_kw": self.limit.limit_kw,
            "most_surplus_kw": self.most_surplus_kw,
            "most_import_kw": self.most_import_kw,
        }

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
        flow, steps, given = self.flow(flows), list(self.steps(horizon)), block.given
        free = self._free(horizon)
        over = slack(block, steps)
        block.lifted = pyo.Var(free, domain=pyo.Binary)

        if flow is flows.imported:
            block.caps = [
                Cap(step=t, bound=given.limit_kw, excess=over[t]) for t in steps
            ]

        @block.Constraint(steps)
        def limited(b: Block, t: int) -> Expression:
            if isinstance(flow[t], int | float):
                return pyo.Constraint.Skip
            if t not in b.lifted:
                # flow[t] ≤ limit
                return flow[t] - over[t] <= given.limit_kw
            # drawn[t] ≤ limit + most_surplus[t] z[t]
            more_kw = given.most_surplus_kw[t] * b.lifted[t]
            return flow[t] - over[t] <= given.limit_kw + more_kw

        @block.Constraint(free)
        def drawn_from_grid(b: Block, t: int) -> Expression:
            # import[t] ≤ limit + most_import[t] (1 - z[t])
            more_kw = given.most_import_kw[t] * (1 - b.lifted[t])
            return flows.imported[t] - over[t] <= given.limit_kw + more_kw

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
