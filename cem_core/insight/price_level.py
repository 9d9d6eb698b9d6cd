"""Whether energy is cheap or dear just now, among the prices of its day.

The cheapest third of what is known of a local day is cheap, the dearest third dear,
by time and not by number of intervals. On a day whose prices hardly differ none is.
A day of which less than half is known is judged with the day beside it: the three hours
that are left of an evening are not dear and cheap among each other.
"""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final

from cem_core.model import Interval, Series

_THIRD: Final = 1 / 3
_DAY: Final = timedelta(days=1)
# Of the day's mean: a smaller spread is worth nobody's attention.
_SPREAD_SHARE: Final = 0.1


class PriceLevel(StrEnum):
    """Where a price stands among those of its day."""

    CHEAP = "cheap"
    NORMAL = "normal"
    DEAR = "dear"


@dataclass(frozen=True, slots=True)
class PriceLevels:
    """Prices per kWh and, of each local day, up to where they are cheap and from where dear."""

    prices: Series
    time_zone: tzinfo
    bounds: Mapping[date, tuple[float, float]]

    @classmethod
    def of(cls, prices: Series, time_zone: tzinfo) -> PriceLevels:
        """Judge each price in ``prices`` among those that begin on its day."""
        by_day: dict[date, list[Interval]] = {}
        for interval in prices.intervals:
            day = interval.start.astimezone(time_zone).date()
            by_day.setdefault(day, []).append(interval)
        bounds = {
            day: _bounds(_with_the_day_beside(intervals, prices.intervals))
            for day, intervals in by_day.items()
        }
        return cls(prices, time_zone, bounds)

    def at(self, time: datetime) -> PriceLevel | None:
        """Return the level at ``time``, None where no price is known."""
        place = bisect_right(self.prices.intervals, time, key=lambda i: i.start) - 1
        if place < 0 or time >= self.prices.intervals[place].end:
            return None
        return self._level(self.prices.intervals[place])

    def next(
        self, level: PriceLevel, after: datetime
    ) -> tuple[datetime, datetime] | None:
        """Return the first span of ``level`` that is not over at ``after``."""
        for found, start, end in self._spans():
            if found is level and end > after:
                return start, end
        return None

    def _level(self, interval: Interval) -> PriceLevel:
        day = interval.start.astimezone(self.time_zone).date()
        cheap, dear = self.bounds[day]
        if interval.value <= cheap:
            return PriceLevel.CHEAP
        return PriceLevel.DEAR if interval.value >= dear else PriceLevel.NORMAL

    def _spans(self) -> Iterator[tuple[PriceLevel, datetime, datetime]]:
        """Yield neighbouring intervals of one level as one."""
        span: tuple[PriceLevel, datetime, datetime] | None = None
        for interval in self.prices.intervals:
            level = self._level(interval)
            if span is not None and span[0] is level and span[2] == interval.start:
                span = level, span[1], interval.end
                continue
            if span is not None:
                yield span
            span = level, interval.start, interval.end
        if span is not None:
            yield span


def _with_the_day_beside(
    day: Sequence[Interval], known: Sequence[Interval]
) -> Sequence[Interval]:
    """Return what a day is judged among: more than itself where it is short."""
    if sum((i.end - i.start for i in day), timedelta()) >= _DAY / 2:
        return day
    first = min(day[0].start, day[-1].end - _DAY)
    last = max(day[-1].end, day[0].start + _DAY)
    return [i for i in known if i.start >= first and i.end <= last]


def _bounds(intervals: Sequence[Interval]) -> tuple[float, float]:
    """Return up to which price a day is cheap, and from which it is dear."""
    lowest = min(interval.value for interval in intervals)
    highest = max(interval.value for interval in intervals)
    hours = sum((i.end - i.start).total_seconds() for i in intervals)
    mean = sum(i.value * (i.end - i.start).total_seconds() for i in intervals) / hours
    if highest - lowest <= _SPREAD_SHARE * abs(mean):
        return lowest - 1, highest + 1
    return (
        _share(sorted(intervals, key=lambda i: i.value), hours),
        _share(sorted(intervals, key=lambda i: -i.value), hours),
    )


def _share(ordered: Sequence[Interval], seconds: float) -> float:
    """Return the price at which a third of the time is reached, but for equal ones."""
    reached_s = 0.0
    for interval in ordered:
        reached_s += (interval.end - interval.start).total_seconds()
        if reached_s >= _THIRD * seconds - 1:
            return interval.value
    return ordered[-1].value
