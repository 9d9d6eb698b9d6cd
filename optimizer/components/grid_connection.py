"""The grid connection point: what is bought and sold there.

power[t] = import[t] - export[t],  cost = dt sum(p_imp import - p_exp export)
"""

from dataclasses import dataclass
from functools import partial

import pyomo.environ as pyo

from cem_core.model import Message
from optimizer import home
from optimizer.component import Block, Expression, Rank, Soft, slack
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class GridConnection:
    """``most_import_kw`` and ``most_export_kw`` bound what the home can reach.

    Where selling pays more than buying costs, a binary keeps the two apart;
    elsewhere doing both at once loses money.
    """

    grid: home.Grid
    import_price: PerStep
    export_price: PerStep
    most_import_kw: PerStep
    most_export_kw: PerStep
    name: str = "grid connection"

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the connection point on ``block``."""
        index = list(horizon.index)
        block.imported = pyo.Var(
            index, bounds=lambda _, t: (0, float(self.most_import_kw[t]))
        )
        block.exported = pyo.Var(
            index, bounds=lambda _, t: (0, float(self.most_export_kw[t]))
        )
        block.power = {t: block.imported[t] - block.exported[t] for t in index}
        self._limits(block, horizon)
        self._keep_apart(block)
        paid = pyo.quicksum(
            float(self.import_price[t]) * block.imported[t]
            - float(self.export_price[t]) * block.exported[t]
            for t in index
        )
        block.cost = {"energy": horizon.hours * paid}

    def _limits(self, block: Block, horizon: Horizon) -> None:
        block.excess = pyo.Block(["import", "export"])
        block.soft = []
        for direction, limit_kw, flow, exceeded in (
            ("import", self.grid.import_limit_kw, block.imported, _import_exceeded),
            ("export", self.grid.export_limit_kw, block.exported, _export_exceeded),
        ):
            if limit_kw is None:
                continue
            part = block.excess[direction]
            over = slack(part, horizon.index)
            # import[t] ≤ import_limit, export[t] ≤ export_limit
            part.limit = pyo.Constraint(
                list(horizon.index),
                rule=lambda _, t, flow=flow, over=over, kw=limit_kw: (
                    flow[t] - over[t] <= kw
                ),
            )
            block.soft.append(
                Soft(
                    rank=Rank.LIMIT,
                    constraint=f"{direction} limit of the connection",
                    unit="kW",
                    message=partial(exceeded, limit_kw),
                    slack=list(over.values()),
                    kwh_per_slack=horizon.hours,
                )
            )

    def _keep_apart(self, block: Block) -> None:
        steps = [
            t
            for t, (buy, sell) in enumerate(
                zip(self.import_price, self.export_price, strict=True)
            )
            if buy < sell
        ]
        block.importing = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def import_only(b: Block, t: int) -> Expression:
            # import[t] ≤ most_import[t] z[t]
            return b.imported[t] <= float(self.most_import_kw[t]) * b.importing[t]

        @block.Constraint(steps)
        def export_only(b: Block, t: int) -> Expression:
            # export[t] ≤ most_export[t] (1 - z[t])
            most = float(self.most_export_kw[t])
            return b.exported[t] <= most * (1 - b.importing[t])


def _import_exceeded(limit_kw: float, by: float) -> Message:
    return Message.of("connection_import_exceeded", by_kw=by, limit_kw=limit_kw)


def _export_exceeded(limit_kw: float, by: float) -> Message:
    return Message.of("connection_export_exceeded", by_kw=by, limit_kw=limit_kw)
