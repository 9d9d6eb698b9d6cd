"""The grid connection point: what is bought and sold there.

power[t] = import[t] - export[t]
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cem_core.model import Message
from optimizer import home, words as pyo
from optimizer.billing import Billing
from optimizer.component import Block, Cap, Data, Rank, Soft, bounded, slack
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class GridConnection:
    """``most_import_kw`` and ``most_export_kw`` bound what the home can reach.

    ``billing`` is absent where other meters bill all that flows here.
    """

    grid: home.Grid
    most_import_kw: PerStep
    most_export_kw: PerStep
    billing: Billing | None
    name: str = "grid connection"

    def limits(self) -> Iterator[tuple[str, float]]:
        """Return the directions that have a limit, and its kW."""
        if self.grid.import_limit_kw is not None:
            yield "import", self.grid.import_limit_kw
        if self.grid.export_limit_kw is not None:
            yield "export", self.grid.export_limit_kw

    @property
    def netted(self) -> Sequence[Sequence[int]]:
        """The steps of each netting period, none where each step is billed."""
        return () if self.billing is None else self.billing.netted

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how it is billed, and which directions are limited."""
        del horizon
        billed = None if self.billing is None else self.billing.structure()
        return billed, tuple(name for name, _ in self.limits())

    def data(self, horizon: Horizon) -> Data:
        """Return prices and limits."""
        billed = {} if self.billing is None else self.billing.data(horizon)
        return {
            **billed,
            "most_import_kw": self.most_import_kw,
            "most_export_kw": self.most_export_kw,
            **{f"{name}_limit_kw": limit_kw for name, limit_kw in self.limits()},
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the connection point on ``block``."""
        given, index = block.given, list(horizon.index)
        block.imported = bounded(index, 0.0, given.most_import_kw)
        block.exported = bounded(index, 0.0, given.most_export_kw)
        block.power = {t: block.imported[t] - block.exported[t] for t in index}
        self._limits(block, horizon)
        if self.billing is not None:
            block.cost = {"energy": self.billing.build(block, horizon)}

    def _limits(self, block: Block, horizon: Horizon) -> None:
        flows = {"import": block.imported, "export": block.exported}
        block.excess, block.caps = pyo.Block(list(flows)), []
        for direction, _ in self.limits():
            part, flow = block.excess[direction], flows[direction]
            limit_kw = getattr(block.given, f"{direction}_limit_kw")
            over = slack(part, horizon.index)
            if direction == "import":
                block.caps = [
                    Cap(step=t, bound=limit_kw, excess=over[t]) for t in horizon.index
                ]
            # import[t] ≤ import_limit, export[t] ≤ export_limit
            part.limit = pyo.Constraint(
                list(horizon.index),
                rule=lambda _, t, flow=flow, over=over, kw=limit_kw: (
                    flow[t] - over[t] <= kw
                ),
            )

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the limits of the connection."""
        return [
            Soft(
                rank=Rank.LIMIT,
                constraint=f"{direction} limit of the connection",
                unit="kW",
                message=partial(_EXCEEDED[direction], limit_kw),
                slack=list(block.excess[direction].slack.values()),
                kwh_per_slack=horizon.hours,
            )
            for direction, limit_kw in self.limits()
        ]


def _import_exceeded(limit_kw: float, by: float) -> Message:
    return Message.of("connection_import_exceeded", by_kw=by, limit_kw=limit_kw)


def _export_exceeded(limit_kw: float, by: float) -> Message:
    return Message.of("connection_export_exceeded", by_kw=by, limit_kw=limit_kw)


_EXCEEDED = {"import": _import_exceeded, "export": _export_exceeded}
