"""The peak of one billing window and what it costs.

value[i] = weight[i] mean import[i],  peak = mean of the k highest of them
billed = base + above >= peak,  base = what is billed without any import

The sum of the k highest is linear where it is minimised: it is the least of
k theta + sum of excess[g] with theta + excess[g] >= value[i], all >= 0 (Ogryczak
and Tamir, Information Processing Letters 85, 2003). Of a day that counts once,
all periods share one excess. Fixed sums by level take a binary a level.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyomo.environ as pyo

from cem_core.tariff import (
    ON_A_LEVEL_KW,
    CapacityTariff,
    PeaksSoFar,
    WeighedPeriod,
    charge_before,
)
from optimizer.component import Block, Expression
from optimizer.horizon import PerStep

# A peak on a level may be above it by what the solver calls equal.
_SLACK_KW = ON_A_LEVEL_KW / 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityWindow:
    """The periods of one window, in order of time; at least one."""

    tariff: CapacityTariff
    so_far: PeaksSoFar
    periods: Sequence[WeighedPeriod]
    most_import_kw: PerStep

    def build(self, block: Block, imported: Sequence[Expression]) -> None:
        """Put peak and price on ``block``: ``block.charge`` is its cost."""
        groups, known_kw = self._groups(), self._known_kw()
        count = self._count()
        base_kw = self._billed_idle(groups, known_kw)
        block.above = pyo.Var(domain=pyo.NonNegativeReals)
        if count > 1:
            bound_kw = self._mean_of_highest(block, groups, known_kw, count, base_kw)
        else:
            bound_kw = dict.fromkeys(groups, base_kw + block.above)

        @block.Constraint([i for i in groups if self.periods[i].weight])
        def peak(b: Block, i: int) -> Expression:
            del b
            each = self.periods[i]
            mean = pyo.quicksum(
                each.weight * share * imported[t] for t, share in each.period.shares
            )
            # weight[i] mean import[i] ≤ base + above, or theta + excess[g]
            return mean - bound_kw[i] <= 0

        price = self._level_price if self.tariff.levels else self._linear_price
        before = charge_before(self.tariff, self.so_far)
        block.charge = price(block, base_kw) - before

    def price_per_kw(self, i: int) -> float | None:
        """Return what one kW more in a period that counts costs, without levels."""
        if self.tariff.levels:
            return None
        return self.tariff.price_per_kw * self.periods[i].weight / self._count()

    def _count(self) -> int:
        """Return how many values make the peak."""
        groups = len(set(self._groups().values()))
        return min(self.tariff.top, groups + len(self._known_kw()))

    def _groups(self) -> Mapping[int, int]:
        """Return by period the group of which one counts: its day, or itself."""
        if not self.tariff.distinct_days:
            return {i: i for i in range(len(self.periods))}
        days = list(dict.fromkeys(each.period.day for each in self.periods))
        return {i: days.index(each.period.day) for i, each in enumerate(self.periods)}

    def _known_kw(self) -> Sequence[float]:
        """Return the peaks so far that no period here can replace."""
        known_kw = list(self.so_far.peaks_kw)
        first_kw = self.so_far.first_day_kw
        if first_kw is not None and not self.tariff.distinct_days:
            known_kw.append(first_kw)
        return known_kw

    def _first_kw(self) -> float:
        """Return the least that the first group counts for."""
        first_kw = self.so_far.first_day_kw
        return first_kw if first_kw is not None and self.tariff.distinct_days else 0.0

    def _billed_idle(
        self, groups: Mapping[int, int], known_kw: Sequence[float]
    ) -> float:
        rest = len(set(groups.values())) - 1
        return self.tariff.billed_kw([self._first_kw(), *known_kw, *([0.0] * rest)])

    def _mean_of_highest(
        self,
        block: Block,
        groups: Mapping[int, int],
        known_kw: Sequence[float],
        count: int,
        base_kw: float,
    ) -> Mapping[int, Expression]:
        """Bound the peak from below; return what bounds each period's value."""
        least = dict(enumerate(sorted(known_kw, reverse=True)[:count], start=-count))
        least = {g: kw for g, kw in (least | {0: self._first_kw()}).items() if kw > 0}
        block.theta = pyo.Var(domain=pyo.NonNegativeReals)
        block.excess = pyo.Var(
            sorted({*least, *groups.values()}), domain=pyo.NonNegativeReals
        )

        @block.Constraint(list(least))
        def peak_so_far(b: Block, g: int) -> Expression:
            # theta + excess[g] ≥ peak so far
            return b.theta + b.excess[g] >= least[g]

        @block.Constraint()
        def mean_of_highest(b: Block) -> Expression:
            # theta + (sum of excess[g]) / k ≤ base + above
            excess = pyo.quicksum(b.excess.values())
            return b.theta + excess / count - b.above <= base_kw

        return {i: block.theta + block.excess[g] for i, g in groups.items()}

    def _linear_price(self, block: Block, base_kw: float) -> Expression:
        return self.tariff.charge(base_kw) + self.tariff.price_per_kw * block.above

    def _level_price(self, block: Block, base_kw: float) -> Expression:
        """Return the fixed sum: that of the base and every rise passed."""
        reach_kw = max(base_kw, self._reach_kw())
        above_base = [
            level.up_to_kw
            for level in self.tariff.levels
            if base_kw <= level.up_to_kw + ON_A_LEVEL_KW
        ]
        below = [up_to + _SLACK_KW for up_to in above_base[:-1] if up_to < reach_kw]
        ends = [*below, reach_kw]
        rises = [b - a for a, b in pairwise(ends)]
        prices = [self.tariff.charge(kw) for kw in (base_kw, *ends[1:])]
        index = list(range(len(rises)))
        block.passed = pyo.Var(index, domain=pyo.Binary)

        @block.Constraint()
        def level(b: Block) -> Expression:
            # base + above ≤ end[0] + sum of (end[l+1] - end[l]) passed[l]
            room = pyo.quicksum(rises[n] * b.passed[n] for n in index)
            return b.above - room <= ends[0] - base_kw

        @block.Constraint(index[1:])
        def in_order(b: Block, n: int) -> Expression:
            # passed[l+1] ≤ passed[l]
            return b.passed[n] - b.passed[n - 1] <= 0

        steps = (prices[n + 1] - prices[n] for n in index)
        return prices[0] + pyo.quicksum(
            rise * block.passed[n] for n, rise in zip(index, steps, strict=True)
        )

    def _reach_kw(self) -> float:
        """Return the highest value that any period can have, at most."""
        most_kw = max(
            each.weight
            * sum(
                share * float(self.most_import_kw[t]) for t, share in each.period.shares
            )
            for each in self.periods
        )
        return max(most_kw, *self.so_far.peaks_kw, self._first_kw())
