"""What a meter's import and export cost, on the block that has both.

cost = sum(dt (p_imp import - p_exp export))

Where a contract nets import and export over periods n of several steps:

bought[n] - sold[n] = sum of dt power[t] in n,  cost = sum(p_imp bought - p_exp sold)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

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
        bought, sold = np.asarray(self.import_price), np.asarray(self.export_price)
        return [int(t) for t in np.flatnonzero(bought < sold)]

    def apart_netted(self) -> list[int]:
        """Return the netting periods in which buying and selling would pay."""
        apart = set(self.apart())
        return [n for n, steps in enumerate(self.netted) if apart & set(steps)]

    def structure(self) -> Hashable:
        """Return the steps with a binary, and what is netted."""
        return tuple(self.apart()), tuple(map(tuple, self.netted))

    def data(self, horizon: Horizon) -> Data:
        """Return prices and bounds."""
        flows = (
            ("import", "bought", self.import_price, self.most_import_kw),
            ("export", "sold", self.export_price, self.most_export_kw),
        )
        data: dict[str, float | PerStep] = {"hours": horizon.hours}
        for way, kwh, price, most_kw in flows:
            data[f"most_{way}_kw"] = most_kw
            if self.netted:
                most_kwh = netted_kwh(self.netted, most_kw, horizon.hours)
                data[f"most_{kwh}_kwh"] = most_kwh
                data[f"{kwh}_price"] = [price[steps[0]] for steps in self.netted]
            else:
                data[f"{way}_price_per_kw"] = np.multiply(price, horizon.hours)
        return data

    def build(self, block: Block, horizon: Horizon) -> Expression:
        """Return the cost of ``block.imported`` and ``block.exported``."""
        if self.netted:
            return self._netted(block)
        self._keep_apart(block)
        given = block.given
        return pyo.quicksum(
            given.import_price_per_kw[t] * block.imported[t]
            - given.export_price_per_kw[t] * block.exported[t]
            for t in horizon.index
        )

    def _netted(self, block: Block) -> Expression:
        given, periods = block.given, list(range(len(self.netted)))
        block.bought = bounded(periods, 0.0, given.most_bought_kwh)
        block.sold = bounded(periods, 0.0, given.most_sold_kwh)
        block.buying = pyo.Var(self.apart_netted(), domain=pyo.Binary)

        @block.Constraint(periods)
        def net(b: Block, n: int) -> Expression:
            # bought[n] - sold[n] = sum of dt power[t]
            net_kwh = pyo.quicksum(
                given.hours[t] * (b.imported[t] - b.exported[t]) for t in self.netted[n]
            )
            return b.bought[n] - b.sold[n] - net_kwh == 0

        @block.Constraint(list(block.buying))
        def bought_only(b: Block, n: int) -> Expression:
            # bought[n] ≤ most_bought[n] z[n]
            return b.bought[n] <= given.most_bought_kwh[n] * b.buying[n]

        @block.Constraint(list(block.buying))
        def sold_only(b: Block, n: int) -> Expression:
            # sold[n] ≤ most_sold[n] (1 - z[n])
            return b.sold[n] <= given.most_sold_kwh[n] * (1 - b.buying[n])

        return pyo.quicksum(
            given.bought_price[n] * block.bought[n]
            - given.sold_price[n] * block.sold[n]
            for n in periods
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
