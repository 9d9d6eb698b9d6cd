"""How long until a connection trips at the power it has now, by country.

A rule keeps what a meter's or breaker's memory of the past is; `Trip.after` returns
the rule after a telegram, `Trip.left_s` how long it would last from there. None means
that it never trips at that power.

Sources: Linky's filter (capfile.com, secondary); Italy's tolerance on the power
(servizioelettriconazionale.it; the upper threshold differs between sources, and the
lower one is the default); Spain publishes no curve, so what is assumed can be set.
"""

from dataclasses import dataclass, replace
import math
from typing import Protocol, Self

_LINKY_PAST = 0.992  # of the filtered square, each second


class Trip(Protocol):
    """A country's rule with what it remembers."""

    def after(self, power_w: float, elapsed_s: float) -> Self:
        """Return the rule after ``elapsed_s`` at ``power_w``."""

    def left_s(self, power_w: float) -> float | None:
        """Return the seconds until it trips at ``power_w``; None: it does not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkyTrip:
    """France: Y = 0.008 X^2 + 0.992 Y each second; it cuts above 1.3 subscribed.

    Powers are apparent in VA; active power in W is a lower bound of them.
    """

    subscribed_va: float
    cut_at: float = 1.3
    filtered_va2: float = 0.0

    def after(self, power_w: float, elapsed_s: float) -> Self:
        """Return the rule after ``elapsed_s`` at ``power_w``."""
        past = _LINKY_PAST**elapsed_s
        filtered = power_w**2 * (1 - past) + self.filtered_va2 * past
        return replace(self, filtered_va2=filtered)

    def left_s(self, power_w: float) -> float | None:
        """Return the seconds until it cuts at ``power_w``; None: it does not."""
        cut_va2, square = (self.cut_at * self.subscribed_va) ** 2, power_w**2
        if self.filtered_va2 > cut_va2:
            return 0.0
        if square <= cut_va2:
            return None
        share = (square - cut_va2) / (square - self.filtered_va2)
        return math.log(share) / math.log(_LINKY_PAST)


@dataclass(frozen=True, slots=True, kw_only=True)
class ToleranceTrip:
    """Italy: ``available_w`` for ever, more for hours, above ``over_w`` 2 minutes."""

    available_w: float
    over_w: float
    tolerated_s: float = 182 * 60.0
    over_s: float = 2 * 60.0
    exceeded_s: float = 0.0
    far_exceeded_s: float = 0.0

    @classmethod
    def of_contract(cls, contract_w: float, over: float = 1.21) -> ToleranceTrip:
        """Return the rule of a contract: 10 % more is available; ``over`` that."""
        available_w = 1.1 * contract_w
        return cls(available_w=available_w, over_w=over * available_w)

    def after(self, power_w: float, elapsed_s: float) -> Self:
        """Return the rule after ``elapsed_s`` at ``power_w``."""
        exceeded = self.exceeded_s + elapsed_s if power_w > self.available_w else 0.0
        far = self.far_exceeded_s + elapsed_s if power_w > self.over_w else 0.0
        return replace(self, exceeded_s=exceeded, far_exceeded_s=far)

    def left_s(self, power_w: float) -> float | None:
        """Return the seconds until it trips at ``power_w``; None: it does not."""
        left = []
        if power_w > self.available_w:
            left.append(self.tolerated_s - self.exceeded_s)
        if power_w > self.over_w:
            left.append(self.over_s - self.far_exceeded_s)
        return max(min(left), 0.0) if left else None


def spain(contracted_w: float, tolerated_s: float = 30.0) -> ToleranceTrip:
    """Return Spain's rule up to 15 kW: the meter cuts above the contracted power."""
    return ToleranceTrip(
        available_w=contracted_w,
        over_w=contracted_w,
        tolerated_s=tolerated_s,
        over_s=tolerated_s,
    )
