"""When a price or a weight holds: months, weekdays and hours on the local clock.

A holiday is given as a date and counts as a Sunday. Each item has a notation of
one word, a number or a span: `11`, `11-3`, `mon-fri`, `6` (that hour), `6-20`,
`22:30-6`. A span of months and weekdays includes its last, one of hours ends
before it, as is the custom; all wrap around.
"""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import date, datetime
import re
import reprlib
from typing import Final, Self

_WEEKDAYS: Final = (
    "monday",
    "tuesday",
    "wednesday",
    "thursday",
    "friday",
    "saturday",
    "sunday",
)
_SUNDAY: Final = 7
_MONTHS: Final = 12
_DAY: Final = 24 * 60
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?")

type Notation = int | str


@dataclass(frozen=True, slots=True)
class MonthSpan:
    """From the first to the last month, both included; 1 is January."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: Notation) -> Self:
        """Return the span `11`, `11-3`. Raises `ValueError` with what to write."""
        ends = str(text).split("-")
        if len(ends) <= 2 and all(_is_number(e, 1, _MONTHS) for e in ends):  # noqa: PLR2004 - a span has two ends
            return cls(int(ends[0]), int(ends[-1]))
        message = f"{reprlib.repr(text)} is no month; write 1 to 12, or a span as 11-3"
        raise ValueError(message)

    def covers(self, month: int) -> bool:
        """Tell whether ``month`` lies in the span."""
        return (month - self.first) % _MONTHS <= (self.last - self.first) % _MONTHS


@dataclass(frozen=True, slots=True)
class WeekdaySpan:
    """From the first to the last day of the week, both included; 1 is Monday."""

    first: int
    last: int

    @classmethod
    def parse(cls, text: Notation) -> Self:
        """Return the span `1`, `mon`, `mon-fri`. Raises `ValueError`."""
        ends = [_weekday(end) for end in str(text).lower().split("-")]
        if len(ends) <= 2 and None not in ends:  # noqa: PLR2004 - a span has two ends
            return cls(ends[0] or _SUNDAY, ends[-1] or _SUNDAY)
        message = (
            f"{reprlib.repr(text)} is no day of the week; write 1 (Monday) to 7, mon to sun, or a"
            " span as mon-fri"
        )
        raise ValueError(message)

    def covers(self, weekday: int) -> bool:
        """Tell whether the ISO ``weekday`` lies in the span."""
        return (weekday - self.first) % _SUNDAY <= (self.last - self.first) % _SUNDAY


@dataclass(frozen=True, slots=True)
class HourSpan:
    """Minutes of the day from ``first`` until before ``end``; equal: all day."""

    first: int
    end: int

    @classmethod
    def parse(cls, text: Notation) -> Self:
        """Return the span `6` (one hour), `6-20`, `22:30-6`. Raises `ValueError`."""
        ends = [_minute(end) for end in str(text).split("-")]
        match ends:
            case [int(first)] if first % 60 == 0 and first < _DAY:
                return cls(first, first + 60)
            case [int(first), int(end)] if first < _DAY:
                return cls(first, end)
        message = (
            f"{reprlib.repr(text)} is no hour; write 0 to 23 for one hour, or a span as 6-20 or"
            " 22:30-6:00"
        )
        raise ValueError(message)

    def covers(self, minute: int) -> bool:
        """Tell whether the ``minute`` of the day lies in the span."""
        length = (self.end - self.first - 1) % _DAY
        return (minute - self.first) % _DAY <= length


@dataclass(frozen=True, slots=True)
class YearDay:
    """A day of every year."""

    month: int
    day: int

    @classmethod
    def parse(cls, text: Notation) -> Self:
        """Return the day `12-25`, a month and a day. Raises `ValueError`."""
        month, _, day = str(text).partition("-")
        if _is_number(month, 1, _MONTHS) and _is_number(day, 1, 31):
            return cls(int(month), int(day))
        message = f"{reprlib.repr(text)} is no day of a year; write it as 12-25"
        raise ValueError(message)


def _is_number(text: str, least: int, most: int) -> bool:
    return text.isascii() and text.isdigit() and least <= int(text) <= most


def _weekday(text: str) -> int | None:
    if _is_number(text, 1, _SUNDAY):
        return int(text)
    names = (day for day, name in enumerate(_WEEKDAYS, 1) if text in {name, name[:3]})
    return next(names, None)


def _minute(text: str) -> int | None:
    found = _CLOCK.fullmatch(text.strip())
    if found is None:
        return None
    hour, minute = int(found[1]), int(found[2] or 0)
    in_day = hour < 24 or (hour == 24 and minute == 0)  # noqa: PLR2004 - hours of a day
    return hour * 60 + minute if in_day and minute < 60 else None  # noqa: PLR2004 - minutes of an hour


def easter(year: int) -> date:
    """Return Easter Sunday of the Gregorian calendar (Nature, 20 April 1876)."""
    century, rest = divmod(year, 100)
    golden = year % 19
    corrected = century - century // 4 - (century - (century + 8) // 25 + 1) // 3
    moon = (19 * golden + corrected + 15) % 30
    weekday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * weekday) // 451
    month, day = divmod(moon + weekday - 7 * late + 114, 31)
    return date(year, month, day + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class When:
    """A part of the year; what is empty is not asked about."""

    months: tuple[MonthSpan, ...] = ()
    weekdays: tuple[WeekdaySpan, ...] = ()
    hours: tuple[HourSpan, ...] = ()
    summer_time: bool | None = None  # only while the clock is on it, or off

    def holds(self, local: datetime, holidays: AbstractSet[date] = frozenset()) -> bool:
        """Tell whether ``local``, a time on the local clock, is in this part."""
        day = _SUNDAY if local.date() in holidays else local.isoweekday()
        minute = local.hour * 60 + local.minute
        summer_time = bool(local.dst())
        return (
            self.summer_time in {None, summer_time}
            and _any(self.months, local.month)
            and _any(self.weekdays, day)
            and _any(self.hours, minute)
        )


def _any(spans: tuple[MonthSpan | WeekdaySpan | HourSpan, ...], value: int) -> bool:
    return not spans or any(span.covers(value) for span in spans)


def when(
    *,
    months: str = "",
    weekdays: str = "",
    hours: str = "",
    summer_time: bool | None = None,
) -> When:
    """Return the part of the year in the notation above, items after commas."""
    return When(
        months=tuple(MonthSpan.parse(each.strip()) for each in _items(months)),
        weekdays=tuple(WeekdaySpan.parse(each.strip()) for each in _items(weekdays)),
        hours=tuple(HourSpan.parse(each.strip()) for each in _items(hours)),
        summer_time=summer_time,
    )


def _items(text: str) -> list[str]:
    return text.split(",") if text else []
