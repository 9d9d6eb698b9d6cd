"""What is unlike a home's own habit: a standby that rose, a day that used far more.

Both are judged by medians and by the median absolute deviation, which single odd days
do not move; the home's own spread decides what is far (Rousseeuw and Croux,
Alternatives to the Median Absolute Deviation, 1993, for the factor 1.4826).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from itertools import pairwise
from math import exp, log
from statistics import median
from typing import Final

LOOKS_BACK: Final = timedelta(days=80)  # the habit, and what may be new
HOURS_A_YEAR: Final = 8760
_HOUR: Final = timedelta(hours=1)
_LEAST_HOURS: Final = 20  # of a day, for it to be known
_QUIETEST_HOURS: Final = 5  # of a day; the middle one of them is its base
_OF_NORMAL: Final = 1.4826  # median absolute deviation to standard deviation
_FAR: Final = 4.0  # standard deviations
_ABOVE_HIGHEST: Final = 1.1
_HABIT_DAYS: Final = 56
_LONGEST_GAP: Final = timedelta(days=3)

# A standby is the least base of five days: who is at home, or ill, only adds to it.
# After three weeks it is the habit.
LASTS: Final = 5
_NEW_HABIT: Final = 21
_LEAST_DAYS: Final = 14
_LEAST_MORE_W: Final = 25.0
_LEAST_MORE: Final = 0.25
_ODD_SHARE: Final = 0.05  # of earlier standbys may have been as high

# A day: among those of its sort, working days or weekends.
_LEAST_LIKE: Final = 8
_LEAST_KNOWN: Final = 28
_LEAST_MORE_WH: Final = 2000.0
_LEAST_DAY_MORE: Final = 0.8
_LEAST_WH: Final = 1.0  # of a day in which nothing was measured
_SATURDAY: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """A whole day by the home's clock: its ``base_w`` is that of its quietest hours."""

    day: date
    base_w: float
    energy_wh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RisenStandby:
    """A standby that lies above its habit ``since`` that day."""

    since: date
    standby_w: float
    usual_w: float

    @property
    def more_w(self) -> float:
        """By how much it rose."""
        return self.standby_w - self.usual_w


@dataclass(frozen=True, slots=True, kw_only=True)
class UnusualDay:
    """A day that used far more than those of its sort."""

    day: date
    energy_wh: float
    usual_wh: float

    @property
    def more_wh(self) -> float:
        """How much more it used."""
        return self.energy_wh - self.usual_wh


def days_of(
    start: datetime, hourly_w: Sequence[float | None], zone: tzinfo
) -> tuple[Day, ...]:
    """Return the days of which enough hours are known, the earliest first.

    ``start`` is that of the first hour; hours that are not known count as the others.
    """
    by_day: dict[date, list[float]] = {}
    for place, power_w in enumerate(hourly_w):
        if power_w is not None:
            local = (start + place * _HOUR).astimezone(zone)
            by_day.setdefault(local.date(), []).append(power_w)
    return tuple(
        Day(
            day=day,
            base_w=max(0.0, median(sorted(powers)[:_QUIETEST_HOURS])),
            energy_wh=24 * sum(powers) / len(powers),
        )
        for day, powers in sorted(by_day.items())
        if len(powers) >= _LEAST_HOURS
    )


def risen_standby(days: Sequence[Day]) -> RisenStandby | None:
    """Return the standby that the last days show, where it is far above its habit.

    It is found from the fifth day on, until it falls or is the habit.
    """
    for lasts in range(_NEW_HABIT, LASTS - 1, -1):
        recent, earlier = days[-lasts:], days[-lasts - _HABIT_DAYS : -lasts]
        if len(earlier) < _LEAST_DAYS or not _without_gap((earlier[-1], *recent)):
            continue
        habit, now = _standbys(earlier), _standbys(recent)
        usual_w = median(habit)
        far_w = max(_FAR * _spread(habit), _LEAST_MORE_W, _LEAST_MORE * usual_w)
        odd_w = sorted(habit)[-1 - int(_ODD_SHARE * len(habit))]
        if min(now) > max(usual_w + far_w, _ABOVE_HIGHEST * odd_w):
            return RisenStandby(
                since=recent[0].day, standby_w=median(now), usual_w=usual_w
            )
    return None


def unusual_day(days: Sequence[Day]) -> UnusualDay | None:
    """Return the last day, where it used far more than any of its sort before.

    How far days lie from the usual of their sort is judged as a factor: a home that
    uses twice as much now and then also uses half as much.
    """
    if not days:
        return None
    last, earlier = days[-1], days[-1 - _HABIT_DAYS : -1]
    sorts = {
        weekend: [d.energy_wh for d in earlier if _at_weekend(d.day) == weekend]
        for weekend in (False, True)
    }
    like = sorts[_at_weekend(last.day)]
    if len(like) < _LEAST_LIKE or len(earlier) < _LEAST_KNOWN:
        return None
    usual_wh = median(like)
    factors = [
        log(max(energy_wh, _LEAST_WH) / max(median(sort), _LEAST_WH))
        for sort in sorts.values()
        for energy_wh in sort
    ]
    far_wh = max(
        usual_wh * exp(_FAR * _spread(factors)),
        usual_wh + _LEAST_MORE_WH,
        usual_wh * (1 + _LEAST_DAY_MORE),
        max(like) * _ABOVE_HIGHEST,
    )
    if last.energy_wh <= far_wh:
        return None
    return UnusualDay(day=last.day, energy_wh=last.energy_wh, usual_wh=usual_wh)


def more_since(
    days: Iterable[Day], since: date, measure: Callable[[Day], float]
) -> float | None:
    """Return by how much a device's ``measure`` rose ``since``; None: not known."""
    before: list[float] = []
    after: list[float] = []
    for day in days:
        (before if day.day < since else after).append(measure(day))
    if not after or len(before) < _LEAST_LIKE:
        return None
    return median(after) - median(before)


def _standbys(days: Sequence[Day]) -> list[float]:
    """Return the least base of each `LASTS` days in a row."""
    return [
        min(day.base_w for day in days[place : place + LASTS])
        for place in range(len(days) - LASTS + 1)
    ]


def _spread(values: Sequence[float]) -> float:
    """Return the standard deviation that the middle of ``values`` shows."""
    middle = median(values)
    return _OF_NORMAL * median([abs(value - middle) for value in values])


def _without_gap(days: Sequence[Day]) -> bool:
    return all(after.day - day.day <= _LONGEST_GAP for day, after in pairwise(days))


def _at_weekend(day: date) -> bool:
    return day.weekday() >= _SATURDAY
