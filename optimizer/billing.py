"""What a meter's import and export cost, on the block that has both.

cost = dt sum(p_imp import - p_exp export)

Where a contract nets import and export over periods n of several steps:

bought[n] - sold[n] = dt sum of power[t] in n,  cost = sum(p_imp bought - p_exp sold)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from cem_core.tariff import netted_kwh
from optimizer import words as pyo
from optimizer.component import Block, Data, Expression, bounded
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Billing:
    """``most_import_kw`` and ``most_export_kw`` bound what the meter can reach.

    Where selling pays more than buying costs, a binary keeps the two apart;
    elsewhere doing both at once loses money, and ``one_way`` says that nothing can
    be sold. ``netted`` are the steps of each netting period, with one price in each,
    or none where each step is billed.
    """

    import_price: PerStep
    export_price: PerStep
    most_import_kw: PerStep
    most_export_kw: PerStep
    netted: Sequence[Sequence[int]] = ()
    one_way: bool = False

    def apart(self) -> list[int]:
        """Return the steps in which buying and selling at once would pay."""
        if self.one_way:
            return []
        prices = zip(self.import_price, self.export_price, strict=True)
        return [t for t, (buy, sell) in enumerate(prices) if buy < sell]

    def apart_netted(self) -> list[int]:
        """Return the netting periods in which buying and selling would pay."""
        apart = set(self.apart())
        return [n for n, steps in enumerate(self.netted) if apart & set(steps)]

    def structure(self) -> Hashable:
        """Return the steps with a binary, and what is netted."""
        return tuple(self.apart()), tuple(map(tuple, self.netted))

    def data(self, horizon: Horizon) -> Data:
        """Return prices and bounds."""
        netted: dict[str, Sequence[float]] = {}
        if self.netted:
            for name, most_kw in (
                ("most_bought_kwh", self.most_import_kw),
                ("most_sold_kwh", self.most_export_kw),
            ):
                netted[name] = netted_kwh(self.netted, most_kw, horizon.hours)
        return netted | {
            "import_price": self.import_price,
            "export_price": self.export_price,
            "most_import_kw": self.most_import_kw,
            "most_export_kw": self.most_export_kw,
        }

    def build(self, block: Block, horizon: Horizon) -> Expression:
        """Return the cost of ``block.imported`` and ``block.exported``."""
        if self.netted:
            return self._netted(block, horizon)
        self._keep_apart(block)
        given = block.given
        paid = pyo.quicksum(
            given.import_price[t] * block.imported[t]
            - given.export_price[t] * block.exported[t]
            for t in horizon.index
        )
        return horizon.hours * paid

    def _netted(self, block: Block, horizon: Horizon) -> Expression:
        given, periods = block.given, list(range(len(self.netted)))
        block.bought = bounded(periods, 0.0, given.most_bought_kwh)
        block.sold = bounded(periods, 0.0, given.most_sold_kwh)
        block.buying = pyo.Var(self.apart_netted(), domain=pyo.Binary)

        @block.Constraint(periods)
        def net(b: Block, n: int) -> Expression:
            # bought[n] - sold[n] = dt sum of power[t]
            power = pyo.quicksum(b.imported[t] - b.exported[t] for t in self.netted[n])
            return b.bought[n] - b.sold[n] - horizon.hours * power == 0

        @block.Constraint(list(block.buying))
        def bought_only(b: Block, n: int) -> Expression:
            # bought[n] ≤ most_bought[n] z[n]
            return b.bought[n] <= given.most_bought_kwh[n] * b.buying[n]

        @block.Constraint(list(block.buying))
        def sold_only(b: Block, n: int) -> Expression:
            # sold[n] ≤ most_sold[n] (1 - z[n])
            return b.sold[n] <= given.most_sold_kwh[n] * (1 - b.buying[n])

        return pyo.quicksum(
            given.import_price[steps[0]] * block.bought[n]
            - given.export_price[steps[0]] * block.sold[n]
            for n, steps in enumerate(self.netted)
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
