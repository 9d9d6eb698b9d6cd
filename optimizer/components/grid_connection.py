"""The grid connection point: what is bought and sold there.

power[t] = import[t] - export[t],  cost = dt sum(p_imp import - p_exp export)

Where a contract nets import and export over periods n of several steps:

bought[n] - sold[n] = dt sum of power[t] in n,  cost = sum(p_imp bought - p_exp sold)
"""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from cem_core.model import Message
from cem_core.tariff import netted_kwh
from optimizer import home, words as pyo
from optimizer.component import Block, Cap, Data, Expression, Rank, Soft, bounded, slack
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class GridConnection:
    """``most_import_kw`` and ``most_export_kw`` bound what the home can reach.

    Where selling pays more than buying costs, a binary keeps the two apart;
    elsewhere doing both at once loses money. ``netted`` are the steps of each
    netting period, with one price in each, or none where each step is billed.
    """

    grid: home.Grid
    import_price: PerStep
    export_price: PerStep
    most_import_kw: PerStep
    most_export_kw: PerStep
    netted: Sequence[Sequence[int]] = ()
    name: str = "grid connection"

    def apart(self) -> list[int]:
        """Return the steps in which buying and selling at once would pay."""
        prices = zip(self.import_price, self.export_price, strict=True)
        return [t for t, (buy, sell) in enumerate(prices) if buy < sell]

    def apart_netted(self) -> list[int]:
        """Return the netting periods in which buying and selling would pay."""
        apart = set(self.apart())
        return [n for n, steps in enumerate(self.netted) if apart & set(steps)]

    def limits(self) -> Iterator[tuple[str, float]]:
        """Return the directions that have a limit, and its kW."""
        if self.grid.import_limit_kw is not None:
            yield "import", self.grid.import_limit_kw
        if self.grid.export_limit_kw is not None:
            yield "export", self.grid.export_limit_kw

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the steps with a binary, and which directions are limited."""
        del horizon
        return (
            tuple(self.apart()),
            tuple(map(tuple, self.netted)),
            tuple(name for name, _ in self.limits()),
        )

    def data(self, horizon: Horizon) -> Data:
        """Return prices and limits."""
        netted: dict[str, Sequence[float]] = {}
        if self.netted:
            for name, most_kw in (
                ("most_bought_kwh", self.most_import_kw),
                ("most_sold_kwh", self.most_export_kw),
            ):
                netted[name] = netted_kwh(self.netted, most_kw, horizon.hours)
        return (
            netted
            | {
                "import_price": self.import_price,
                "export_price": self.export_price,
                "most_import_kw": self.most_import_kw,
                "most_export_kw": self.most_export_kw,
            }
            | {f"{name}_limit_kw": limit_kw for name, limit_kw in self.limits()}
        )

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the connection point on ``block``."""
        given, index = block.given, list(horizon.index)
        block.imported = bounded(index, 0.0, given.most_import_kw)
        block.exported = bounded(index, 0.0, given.most_export_kw)
        block.power = {t: block.imported[t] - block.exported[t] for t in index}
        self._limits(block, horizon)
        if self.netted:
            self._netted(block, horizon)
            return
        self._keep_apart(block)
        paid = pyo.quicksum(
            given.import_price[t] * block.imported[t]
            - given.export_price[t] * block.exported[t]
            for t in index
        )
        block.cost = {"energy": horizon.hours * paid}

    def _netted(self, block: Block, horizon: Horizon) -> None:
        given, periods = block.given, list(range(len(self.netted)))
        block.bought = bounded(periods, 0.0, given.most_bought_kwh)
        block.sold = bounded(periods, 0.0, given.most_sold_kwh)
        block.buying = pyo.Var(self.apart_netted(), domain=pyo.Binary)

        @block.Constraint(periods)
        def net(b: Block, n: int) -> Expression:
            # bought[n] - sold[n] = dt sum of power[t]
            power = pyo.quicksum(b.power[t] for t in self.netted[n])
            return b.bought[n] - b.sold[n] - horizon.hours * power == 0

        @block.Constraint(list(block.buying))
        def bought_only(b: Block, n: int) -> Expression:
            # bought[n] ≤ most_bought[n] z[n]
            return b.bought[n] <= given.most_bought_kwh[n] * b.buying[n]

        @block.Constraint(list(block.buying))
        def sold_only(b: Block, n: int) -> Expression:
            # sold[n] ≤ most_sold[n] (1 - z[n])
            return b.sold[n] <= given.most_sold_kwh[n] * (1 - b.buying[n])

        block.cost = {
            "energy": pyo.quicksum(
                given.import_price[steps[0]] * block.bought[n]
                - given.export_price[steps[0]] * block.sold[n]
                for n, steps in enumerate(self.netted)
            )
        }

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

    def _keep_apart(self, block: Block) -> None:
        steps, given = self.apart(), block.given
        block.importing = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def import_only(b: Block, t: int) -> Expression:
            # import[t] ≤ most_import[t] z[t]
            return b.imported[t] <= given.most_import_kw[t] * b.importing[t]

        @block.Constraint(steps)
        def export_only(b: Block, t: int) -> Expression:
            # export[t] ≤ most_export[t] (1 - z[t])
            return b.exported[t] <= given.most_export_kw[t] * (1 - b.importing[t])

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
