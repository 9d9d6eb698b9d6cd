"""The peak of one billing window and what it costs.

value[i] = weight[i] mean import[i],  peak = mean of the k highest of them
mean import[i] = known[i] + sum of share[i,t] import[t]
billed = base + above >= peak,  base = what is billed without any import

The sum of the k highest is linear where it is minimised: it is the least of
k theta + sum of excess[g] with theta + excess[g] >= value[i], all >= 0 (Ogryczak
and Tamir, Information Processing Letters 85, 2003). Of a day that counts once,
all periods share one excess. Fixed sums by level take a binary a level.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cem_core.tariff import (
    ON_A_LEVEL_KW,
    CapacityTariff,
    PeaksSoFar,
    WeighedPeriod,
    charge_before,
)
from optimizer import words as pyo
from optimizer.component import Block, Cap, Data, Expression
from optimizer.horizon import PerStep

# A peak on a level may be above it by what the solver calls equal.
_SLACK_KW = ON_A_LEVEL_KW / 5

type Given = Mapping[str, Expression]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityWindow:
    """The periods of one window, in order of time; at least one."""

    tariff: CapacityTariff
    so_far: PeaksSoFar
    periods: Sequence[WeighedPeriod]
    most_import_kw: PerStep

    def structure(self) -> Hashable:
        """Return the steps of each period, what counts together, and the sizes."""
        count = self._count()
        return (
            tuple([tuple([t for t, _ in p.period.shares]) for p in self.periods]),
            tuple([self._whole(i) for i in range(len(self.periods))]),
            tuple(self._groups()) if count > 1 else (),
            count,
            bool(self.tariff.levels),
            tuple((name, len(values)) for name, values in self._arrays().items()),
        )

    def data(self) -> Data:
        """Return its numbers."""
        base_kw = self._base_kw()
        before = charge_before(self.tariff, self.so_far)
        numbers = {
            "base_kw": base_kw,
            "charge_idle": self.tariff.charge(base_kw) - before,
        }
        if self.tariff.levels:
            numbers["room_kw"] = self._ends_kw()[0] - base_kw
        else:
            numbers["price_per_kw"] = self.tariff.price_per_kw
        return {**numbers, **self._arrays()}

    def _arrays(self) -> Mapping[str, Sequence[float]]:
        """Return the numbers of which there may be any, but none without one."""
        arrays: dict[str, Sequence[float]] = {
            "share": [
                each.weight * share
                for each in self.periods
                for _, share in each.period.shares
            ],
            "known_kw": [each.weight * each.period.known_kw for each in self.periods],
        }
        if self._count() > 1:
            known_kw = sorted(self._known_kw(), reverse=True)[: self._count()]
            arrays["peak_so_far_kw"] = [self._first_kw(), *known_kw]
        if self.tariff.levels:
            ends_kw = self._ends_kw()
            prices = [self.tariff.charge(kw) for kw in (self._base_kw(), *ends_kw[1:])]
            arrays["rise_kw"] = [b - a for a, b in pairwise(ends_kw)]
            arrays["rise"] = [b - a for a, b in pairwise(prices)]
        return {name: values for name, values in arrays.items() if values}

    def build(
        self, block: Block, given: Given, imported: Sequence[Expression]
    ) -> Expression:
        """Put peak and price on ``block`` and return the cost."""
        block.above = pyo.Var(domain=pyo.NonNegativeReals)
        groups = self._groups()
        bound_kw = [block.above for _ in groups]
        if self._count() > 1:
            self._mean_of_highest(block, given, max(groups) + 1)
            bound_kw = [block.theta + block.excess[g] for g in groups]
        base_kw = 0.0 if self._count() > 1 else given["base_kw"]
        weighed = iter(given["share"].values())
        counted_kw = [
            pyo.quicksum(next(weighed) * imported[t] for t, _ in each.period.shares)
            for each in self.periods
        ]

        @block.Constraint(list(range(len(self.periods))))
        def peak(b: Block, i: int) -> Expression:
            del b
            # weight[i] mean import[i] ≤ base + above, or theta + excess[g]
            return given["known_kw"][i] + counted_kw[i] - bound_kw[i] <= base_kw

        block.caps = [
            Cap(step=shares[0][0], bound=base_kw, excess=bound_kw[i])
            for i, shares in enumerate(each.period.shares for each in self.periods)
            if self._whole(i)
        ]
        return given["charge_idle"] + self._price(block, given)

    def price_per_kw(self, i: int) -> float | None:
        """Return what one kW more in a period that counts costs, without levels."""
        if self.tariff.levels:
            return None
        return self.tariff.price_per_kw * self.periods[i].weight / self._count()

    def _whole(self, i: int) -> bool:
        """Tell whether one step is the mean of a period, which counts as it is."""
        weighed = self.periods[i]
        shares = weighed.period.shares
        return weighed.weight == 1 == len(shares) and shares[0][1] == 1

    def _count(self) -> int:
        """Return how many values make the peak."""
        groups = max(self._groups()) + 1
        return min(self.tariff.top, groups + len(self._known_kw()))

    def _groups(self) -> Sequence[int]:
        """Return by period the group of which one counts: its day, or itself."""
        if not self.tariff.distinct_days:
            return range(len(self.periods))
        days = list(dict.fromkeys(each.period.day for each in self.periods))
        return [days.index(each.period.day) for each in self.periods]

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

    def _base_kw(self) -> float:
        idle = [0.0] * max(self._groups())
        return self.tariff.billed_kw([self._first_kw(), *self._known_kw(), *idle])

    def _mean_of_highest(self, block: Block, given: Given, groups: int) -> None:
        """Bound the peak from below by theta and what exceeds it."""
        so_far_kw, count = given["peak_so_far_kw"], self._count()
        # The first group's peak so far is the first of them.
        owner = [0, *range(groups, groups + len(so_far_kw) - 1)]
        block.theta = pyo.Var(domain=pyo.NonNegativeReals)
        block.excess = pyo.Var(
            list(range(groups + len(so_far_kw) - 1)), domain=pyo.NonNegativeReals
        )

        @block.Constraint(list(range(len(so_far_kw))))
        def peak_so_far(b: Block, n: int) -> Expression:
            # theta + excess[g] ≥ peak so far
            return b.theta + b.excess[owner[n]] >= so_far_kw[n]

        @block.Constraint()
        def mean_of_highest(b: Block) -> Expression:
            # theta + (sum of excess[g]) / k ≤ base + above
            excess = pyo.quicksum(b.excess.values())
            return b.theta + excess / count - b.above <= given["base_kw"]

    def _price(self, block: Block, given: Given) -> Expression:
        """Return what is above the base costs: by kW, or every rise passed."""
        if not self.tariff.levels:
            return given["price_per_kw"] * block.above
        index = list(range(len(given.get("rise_kw", ()))))
        block.passed = pyo.Var(index, domain=pyo.Binary)

        @block.Constraint()
        def level(b: Block) -> Expression:
            # base + above ≤ end[0] + sum of (end[l+1] - end[l]) passed[l]
            more = pyo.quicksum(given["rise_kw"][n] * b.passed[n] for n in index)
            return b.above - more <= given["room_kw"]

        @block.Constraint(index[1:])
        def in_order(b: Block, n: int) -> Expression:
            # passed[l+1] ≤ passed[l]
            return b.passed[n] - b.passed[n - 1] <= 0

        return pyo.quicksum(given["rise"][n] * block.passed[n] for n in index)

    def _ends_kw(self) -> Sequence[float]:
        """Return where the base's level and those above it end, within reach."""
        base_kw, reach_kw = self._base_kw(), self._reach_kw()
        above_base = [
            level.up_to_kw
            for level in self.tariff.levels
            if base_kw <= level.up_to_kw + ON_A_LEVEL_KW
        ]
        ends = [up_to + _SLACK_KW for up_to in above_base[:-1] if up_to < reach_kw]
        return [*ends, max(base_kw, reach_kw)]

    def _reach_kw(self) -> float:
        """Return the highest value that any period can have, at most."""
        most_kw = max(
            float(each.counted_kw(self.most_import_kw)) for each in self.periods
        )
        return max(most_kw, *self.so_far.peaks_kw, self._first_kw())
