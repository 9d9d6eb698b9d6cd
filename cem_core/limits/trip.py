"""How long until a connection trips at the power it has now, by country.

A rule keeps what a meter's or breaker's memory of the past is; `Trip.after` returns
the rule after a telegram, `Trip.left_s` how long it would last from there. None means
that it never trips at that power.

Numbers and sources of France, Italy and Spain are in `cem_core.tariff.country_rules`.
What Italy's minute 92 is held against is not published: the upper threshold is
assumed. Circuit breakers: IEC 60898-1, table 7.
"""

from dataclasses import dataclass, replace
from itertools import pairwise
import math
from typing import Final, Protocol, Self

from cem_core.tariff.country_rules import TripAtOnce, TripByFilter, TripByTolerance

# Current in multiples of the rated one, and the least time until it trips: the
# conventional non-tripping current, test c, test d of characteristics B and C.
BREAKER_B: Final = ((1.13, 3600.0), (2.55, 1.0), (3.0, 0.1))
BREAKER_C: Final = ((1.13, 3600.0), (2.55, 1.0), (5.0, 0.1))


class Trip(Protocol):
    """A country's rule with what it remembers."""

    def after(self, power_w: float, elapsed_s: float) -> Self:
        """Return the rule after ``elapsed_s`` at ``power_w``."""

    def left_s(self, power_w: float) -> float | None:
        """Return the seconds until it trips at ``power_w``; None: it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkyTrip:
    """France: the meter filters the square of the power, see `TripByFilter`.

    Powers are apparent in VA; active power in W is a lower bound of them.
    """

    subscribed_va: float
    law: TripByFilter
    filtered_va2: float = 0.0

    def after(self, power_w: float, elapsed_s: float) -> Self:
        """Return the rule after ``elapsed_s`` at ``power_w``."""
        past = self.law.past**elapsed_s
        filtered = power_w**2 * (1 - past) + self.filtered_va2 * past
        return replace(self, filtered_va2=filtered)

    def left_s(self, power_w: float) -> float | None:
        """Return the seconds until it cuts at ``power_w``; None: it does not."""
        cut_va2, square = (self.law.cut_at * self.subscribed_va) ** 2, power_w**2
        if self.filtered_va2 > cut_va2:
            return 0.0
        if square <= cut_va2:
            return None
        share = (square - cut_va2) / (square - self.filtered_va2)
        return math.log(share) / math.log(self.law.past)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedTrip:
    """Italy: from when it exceeds ``available_w`` the mean is checked now and then.

    It cuts where the mean since then exceeds ``over_w``, at the last check
    ``available_w``. A check that finds the mean within what is available ends
    the count.
    """

    available_w: float
    over_w: float
    checks_s: tuple[float, ...]
    exceeded_s: float = 0.0
    energy_ws: float = 0.0

    def after(self, power_w: float, elapsed_s: float) -> Self:
        """Return the rule after ``elapsed_s`` at ``power_w``."""
        rule = self
        while elapsed_s > 0 and (rule.exceeded_s or power_w > rule.available_w):
            check_s = next(c for c in rule.checks_s if c > rule.exceeded_s)
            step_s = min(elapsed_s, check_s - rule.exceeded_s)
            elapsed_s -= step_s
            energy_ws = rule.energy_ws + power_w * step_s
            exceeded_s = rule.exceeded_s + step_s
            if exceeded_s >= check_s:
                mean_w = energy_ws / exceeded_s
                if not rule.available_w < mean_w <= rule._bound_w(check_s):
                    exceeded_s = energy_ws = 0.0
            rule = replace(rule, exceeded_s=exceeded_s, energy_ws=energy_ws)
        return rule

    def left_s(self, power_w: float) -> float | None:
        """Return the seconds until it cuts at ``power_w``; None: it does not."""
        if not self.exceeded_s and power_w <= self.available_w:
            return None
        for check_s in self.checks_s:
            left_s = check_s - self.exceeded_s
            if left_s <= 0:
                continue
            mean_w = (self.energy_ws + power_w * left_s) / check_s
            if mean_w > self._bound_w(check_s):
                return left_s
            if mean_w <= self.available_w:
                anew_s = replace(self, exceeded_s=0.0, energy_ws=0.0).left_s(power_w)
                return None if anew_s is None else left_s + anew_s
        return None

    def _bound_w(self, check_s: float) -> float:
        return self.available_w if check_s == self.checks_s[-1] else self.over_w


def italy(contract_w: float, law: TripByTolerance) -> CheckedTrip:
    """Return the rule of a contract under ``law``."""
    available_w = law.available_share * contract_w
    return CheckedTrip(
        available_w=available_w,
        over_w=law.over_share * available_w,
        checks_s=tuple(60.0 * minutes for minutes in law.checked_at_min),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceTrip:
    """Cuts where more than ``limit_w`` lasts longer than ``tolerated_s``."""

    limit_w: float
    tolerated_s: float
    exceeded_s: float = 0.0

    def after(self, power_w: float, elapsed_s: float) -> Self:
        """Return the rule after ``elapsed_s`` at ``power_w``."""
        exceeded_s = self.exceeded_s + elapsed_s if power_w > self.limit_w else 0.0
        if exceeded_s == self.exceeded_s:
            return self
        return replace(self, exceeded_s=exceeded_s)

    def left_s(self, power_w: float) -> float | None:
        """Return the seconds until it trips at ``power_w``; None: it does not."""
        if power_w <= self.limit_w:
            return None
        return max(self.tolerated_s - self.exceeded_s, 0.0)


def spain(contracted_w: float, law: TripAtOnce) -> ToleranceTrip:
    """Return the rule of a contract under ``law``."""
    return ToleranceTrip(
        limit_w=law.cut_at * contracted_w, tolerated_s=law.assumed_after_s
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class BreakerTrip:
    """A circuit breaker at the soonest that its characteristic allows.

    Between the ``points`` of the standard log of time over log of current is a
    straight line. ``heat`` is the share of that time which is used up; it fades
    with ``cools_s``, an assumption on the slow side.
    """

    rated_w: float
    points: tuple[tuple[float, float], ...] = BREAKER_B
    cools_s: float = 1800.0
    heat: float = 0.0

    def after(self, power_w: float, elapsed_s: float) -> Self:
        """Return the rule after ``elapsed_s`` at ``power_w``."""
        lasts_s = self._lasts_s(power_w)
        if lasts_s is None:
            if not self.heat:
                return self
            return replace(self, heat=self.heat * math.exp(-elapsed_s / self.cools_s))
        used = elapsed_s / lasts_s if lasts_s else 1.0
        return replace(self, heat=min(self.heat + used, 1.0))

    def left_s(self, power_w: float) -> float | None:
        """Return the seconds until it may trip at ``power_w``; None: it does not."""
        lasts_s = self._lasts_s(power_w)
        return None if lasts_s is None else (1 - self.heat) * lasts_s

    def _lasts_s(self, power_w: float) -> float | None:
        """Return how long it bears ``power_w`` when it is cold."""
        load = power_w / self.rated_w
        if load <= self.points[0][0]:
            return None
        for (below, longer_s), (above, shorter_s) in pairwise(self.points):
            if load <= above:
                share = math.log(load / below) / math.log(above / below)
                return float(longer_s * (shorter_s / longer_s) ** share)
        return 0.0
