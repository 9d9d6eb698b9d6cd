"""Values over time: prices and forecasts."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from math import isfinite


class SeriesError(ValueError):
    """A series that cannot be read without guessing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A value that holds from ``start`` until before ``end``."""

    start: datetime
    end: datetime
    value: float


@dataclass(frozen=True, slots=True)
class Series:
    """Intervals in order of time that do not overlap; gaps are allowed."""

    intervals: tuple[Interval, ...]
    unit: str = ""

    @classmethod
    def of(cls, intervals: Iterable[Interval], unit: str = "") -> Series:
        """Return a series of ``intervals`` in any order, equal doubles once.

        Raises `SeriesError` for naive times, for a value that is no number, for
        an interval that ends before it starts, and for two that overlap with
        different values.
        """
        once = set(intervals)
        for interval in once:
            if interval.start.tzinfo is None or interval.end.tzinfo is None:
                message = f"{interval.start}: a time without an offset"
                raise SeriesError(message)
            if interval.end <= interval.start:
                message = f"{interval.start}: the interval ends before it starts"
                raise SeriesError(message)
            if not isfinite(interval.value):
                message = f"{interval.start}: {interval.value} is no number"
                raise SeriesError(message)
        ordered = sorted(once, key=lambda i: (i.start, i.end))
        for earlier, later in pairwise(ordered):
            if later.start < earlier.end:
                message = f"{later.start}: two values for the same time"
                raise SeriesError(message)
        return cls(tuple(ordered), unit)

    def at(self, time: datetime) -> float | None:
        """Return the value at ``time``, or None in a gap."""
        place = bisect_right(self.intervals, time, key=lambda i: i.start) - 1
        if place < 0:
            return None
        interval = self.intervals[place]
        return interval.value if time < interval.end else None

    def mean(self, start: datetime, end: datetime) -> float | None:
        """Return the time-weighted mean over what is known in the span."""
        weighted = covered = 0.0
        # Only what lies in the span: a plan asks for hundreds of means.
        first = bisect_right(self.intervals, start, key=lambda i: i.end)
        last = bisect_left(self.intervals, end, key=lambda i: i.start)
        for interval in self.intervals[first:last]:
            overlap = min(end, interval.end) - max(start, interval.start)
            if overlap > timedelta(0):
                weighted += interval.value * overlap.total_seconds()
                covered += overlap.total_seconds()
        return weighted / covered if covered else None

    @property
    def end(self) -> datetime | None:
        """The end of what is known."""
        return self.intervals[-1].end if self.intervals else None

    def __bool__(self) -> bool:
        """Tell whether anything is known."""
        return bool(self.intervals)
