"""Time of use: which period of a price sheet holds, and what it costs."""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import gcd

from cem_core.tariff.calendar import When, YearDay, easter


class NoPriceError(LookupError):
    """A time that no period of a price sheet covers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A named period; with ``day`` only on days of that kind (a colour)."""

    name: str
    when: When = field(default_factory=When)
    day: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """Periods, the first that holds counts.

    ``yearly_holidays`` count as a Sunday every year, and so do days so many after
    Easter Sunday. A kind of day is told by date and lasts from ``day_start_hour`` to the next
    day's; ``other_days`` is the kind of dates that are not told. Without
    ``daylight_saving`` the meter's clock stays on standard time.
    """

    periods: tuple[Period, ...]
    yearly_holidays: tuple[YearDay, ...] = ()
    easter_holidays: tuple[int, ...] = ()
    other_days: str = ""
    day_start_hour: int = 0
    daylight_saving: bool = True

    @property
    def grain_minutes(self) -> int:
        """The longest span that divides every boundary between periods."""
        spans = (span for p in self.periods for span in p.when.hours)
        ends = (minute for span in spans for minute in (span.first, span.end))
        return gcd(24 * 60, 60 * self.day_start_hour, *ends)

    def _is_holiday(self, day: date) -> bool:
        if YearDay(day.month, day.day) in self.yearly_holidays:
            return True
        if not self.easter_holidays:
            return False
        return (day - easter(day.year)).days in self.easter_holidays

    def period(
        self,
        local: datetime,
        holidays: AbstractSet[date] = frozenset(),
        days: Mapping[date, str] | None = None,
    ) -> Period:
        """Return the period at ``local``. Raises `NoPriceError`."""
        clock = local
        if not self.daylight_saving:
            clock = local.replace(tzinfo=None) - (local.dst() or timedelta(0))
        today = clock.date()
        free = {today} if self._is_holiday(today) else holidays
        told = (
            clock.replace(tzinfo=None) - timedelta(hours=self.day_start_hour)
        ).date()
        kind = (days or {}).get(told, self.other_days)
        for period in self.periods:
            if period.day in {None, kind} and period.when.holds(clock, free):
                return period
        message = f"no period holds at {local.isoformat()}"
        raise NoPriceError(message + (f", a {kind} day" if kind else ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeOfUse:
    """A calendar and a price sheet: currency per kWh by the name of a period."""

    calendar: Calendar
    prices: Mapping[str, float]
    days: Mapping[date, str] = field(default_factory=dict)

    def price(
        self, local: datetime, holidays: AbstractSet[date] = frozenset()
    ) -> float:
        """Return the price at ``local``. Raises `NoPriceError`."""
        name = self.calendar.period(local, holidays, self.days).name
        if name not in self.prices:
            message = f"no price for {name}"
            raise NoPriceError(message)
        return self.prices[name]
