"""Energy that the envelopes of PEBC have to let through by a time.

What a device is to draw at most in a period (`upper_average_power`), or to give
(`lower_average_power`), the envelopes of that period have to allow in all. Source:
s2-ws-json, PEBC.EnergyConstraint.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from s2python.common import CommodityQuantity
from s2python.pebc import PEBCEnergyConstraint

from cem_core.s2.power import ELECTRIC, Span

_HOUR: Final = timedelta(hours=1)


@dataclass(slots=True)
class _Period:
    """A constraint, and what was allowed of it: to draw, and to give."""

    constraint: PEBCEnergyConstraint
    drawn_wh: float = 0.0
    given_wh: float = 0.0

    @property
    def length(self) -> timedelta:
        return self.constraint.valid_until - self.constraint.valid_from

    @property
    def to_draw_wh(self) -> float:
        """What envelopes still have to let it draw."""
        all_wh = max(0.0, self.constraint.upper_average_power) * (self.length / _HOUR)
        return max(0.0, all_wh - self.drawn_wh)

    @property
    def to_give_wh(self) -> float:
        """What envelopes still have to let it give."""
        all_wh = max(0.0, -self.constraint.lower_average_power) * (self.length / _HOUR)
        return max(0.0, all_wh - self.given_wh)

    def since(self, begin: datetime, end: datetime) -> float:
        """Return how many hours of [begin, end) lie in it."""
        first = max(begin, self.constraint.valid_from)
        last = min(end, self.constraint.valid_until)
        return max(last - first, timedelta()) / _HOUR


@dataclass(slots=True)
class Allowance:
    """What is still to be allowed; told of each envelope when it begins."""

    _periods: dict[str, _Period] = field(default_factory=dict)
    _bounds: Mapping[CommodityQuantity, Span] = field(default_factory=dict)
    _counted: datetime | None = None

    def take(self, constraint: PEBCEnergyConstraint) -> None:
        """Keep a period; told again, it is counted on."""
        name = str(constraint.id)
        before = self._periods.get(name)
        if before is None:
            self._periods[name] = _Period(constraint)
        else:
            before.constraint = constraint

    def revoke(self, name: str) -> bool:
        """Forget a period; False: it is not known."""
        return self._periods.pop(name, None) is not None

    def bounded(self, bounds: Mapping[CommodityQuantity, Span], now: datetime) -> None:
        """Take that the device is bounded so from ``now`` on."""
        self._count(now)
        self._bounds = bounds

    def _count(self, now: datetime) -> None:
        begin, self._counted = self._counted, now
        if begin is None:
            return
        for period in self._periods.values():
            bound = self._bounds.get(period.constraint.commodity_quantity)
            if bound is not None:
                hours = period.since(begin, now)
                period.drawn_wh += max(0.0, bound.high) * hours
                period.given_wh += max(0.0, -bound.low) * hours

    def owed_w(
        self,
        quantity: CommodityQuantity,
        most: Span,
        now: datetime,
        lasts: timedelta,
    ) -> Span:
        """Return the bounds that an envelope from ``now`` on has to leave at least.

        ``most`` are the widest bounds: what those cannot let through after it, it has to.
        """
        self._count(now)
        low_w = high_w = 0.0
        for period in self._running(now):
            if period.constraint.commodity_quantity is not quantity:
                continue
            hours = period.since(now, now + lasts)
            later = period.since(now + lasts, period.constraint.valid_until)
            for_drawing = (period.to_draw_wh - later * max(0.0, most.high)) / hours
            for_giving = (period.to_give_wh - later * max(0.0, -most.low)) / hours
            high_w = max(high_w, min(most.high, for_drawing))
            low_w = min(low_w, max(most.low, -for_giving))
        return Span(low_w, high_w)

    def _running(self, now: datetime) -> Iterator[_Period]:
        for period in self._periods.values():
            found = period.constraint
            if found.valid_from <= now < found.valid_until:
                yield period

    def to_draw(self, now: datetime) -> tuple[datetime, datetime, float] | None:
        """Return the first period with something to draw: from, until, and the Wh.

        None where nothing says how much.
        """
        self._count(now)
        periods = sorted(
            (
                period
                for period in self._periods.values()
                if period.constraint.valid_until > now
                and period.constraint.commodity_quantity in ELECTRIC
                and period.to_draw_wh > 0
            ),
            key=lambda period: period.constraint.valid_until,
        )
        if not periods:
            return None
        first = periods[0].constraint
        # Of several phases each has its own.
        alike = [
            period.to_draw_wh
            for period in periods
            if period.constraint.valid_until == first.valid_until
        ]
        return max(first.valid_from, now), first.valid_until, sum(alike)
