"""Less or more net power than a baseline, paid by the kWh.

0 <= delivered[t] <= power z[t]
delivered[t] <= ±(net[t] - baseline[t]) + behind[t] (1 - z[t]),  ±(...) <= ahead[t] z[t]
cost = sum of hours[t] (penalty power - (price + penalty) delivered[t])
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from cem_core.tariff import Deviation, FlexibilityPrice
from optimizer import words as pyo
from optimizer.component import Block, Data, Expression, Flows, Soft, bounded
from optimizer.horizon import Horizon, PerStep
from optimizer.series import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Activation:
    """``covered_hours`` is how long the window covers each step.

    A binary says whether net power is on the paid side of the baseline, where it
    can be on the other: ``most_import_kw`` and ``most_export_kw`` bound it.
    """

    id: str
    direction: Deviation
    price: FlexibilityPrice
    baseline_kw: PerStep
    covered_hours: Sequence[float]
    most_import_kw: PerStep
    most_export_kw: PerStep

    @property
    def name(self) -> str:
        """The name of its block."""
        return f"activation {self.id}"

    def steps(self) -> list[int]:
        """Return the steps that the window touches."""
        return [t for t, hours in enumerate(self.covered_hours) if hours > 0]

    def _reach_kw(self) -> tuple[Numbers, Numbers]:
        """Return how far net power can be on the side that is paid, and on the other."""
        above_kw = np.maximum(np.asarray(self.most_import_kw) - self.baseline_kw, 0.0)
        below_kw = np.maximum(np.asarray(self.most_export_kw) + self.baseline_kw, 0.0)
        if self.direction is Deviation.REDUCE:
            return below_kw, above_kw
        return above_kw, below_kw

    def structure(self, horizon: Horizon) -> Hashable:
        """Return its direction and steps, and those with a binary."""
        del horizon
        _, behind_kw = self._reach_kw()
        return self.direction, tuple((t, bool(behind_kw[t] > 0)) for t in self.steps())

    def data(self, horizon: Horizon) -> Data:
        """Return baseline, bounds and prices."""
        del horizon
        ahead_kw, behind_kw = self._reach_kw()
        price, hours = self.price, np.asarray(self.covered_hours)
        lacking = price.penalty_per_kwh * price.power_kw * float(hours.sum())
        return {
            "baseline_kw": self.baseline_kw,
            "ahead_kw": ahead_kw,
            "behind_kw": behind_kw,
            "power_kw": price.power_kw,
            "per_kw": price.per_kwh * hours,
            "nothing_delivered": lacking,
        }

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put what is delivered on ``block``."""
        del horizon
        steps, given, sign = self.steps(), block.given, self.direction.sign
        _, behind_kw = self._reach_kw()
        block.delivered = bounded(steps, 0.0, given.power_kw)
        block.deviating = pyo.Var(
            [t for t in steps if behind_kw[t] > 0], domain=pyo.Binary
        )

        @block.Constraint(steps)
        def no_more_than_it_deviates(b: Block, t: int) -> Expression:
            # delivered[t] ≤ ±(net[t] - baseline[t]) + behind[t] (1 - z[t])
            ahead = sign * (flows.net[t] - given.baseline_kw[t])
            behind = 0.0
            if t in b.deviating:
                behind = given.behind_kw[t] * (1 - b.deviating[t])
            return b.delivered[t] - ahead - behind <= 0

        @block.Constraint(list(block.deviating))
        def nothing_on_the_other_side(b: Block, t: int) -> Expression:
            # delivered[t] ≤ power z[t]
            return b.delivered[t] - given.power_kw * b.deviating[t] <= 0

        @block.Constraint(list(block.deviating))
        def on_the_paid_side(b: Block, t: int) -> Expression:
            # ±(net[t] - baseline[t]) ≤ ahead[t] z[t]
            ahead = sign * (flows.net[t] - given.baseline_kw[t])
            return ahead - given.ahead_kw[t] * b.deviating[t] <= 0

        paid = pyo.quicksum(given.per_kw[t] * block.delivered[t] for t in steps)
        block.cost = {"flexibility": given.nothing_delivered - paid}

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: what lacks has its price."""
        del block, horizon
        return ()
