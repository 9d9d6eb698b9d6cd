"""The steps of a plan: equal, in UTC, the first at ``start``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """``steps`` steps of ``step`` from ``start``; ``zone`` only for the calendar."""

    start: datetime
    step: timedelta
    steps: int
    zone: ZoneInfo

    @property
    def hours(self) -> float:
        """The length of a step in hours."""
        return self.step.total_seconds() / 3600

    @property
    def index(self) -> range:
        """The number of every step."""
        return range(self.steps)

    @property
    def end(self) -> datetime:
        """The end of the last step."""
        return self.time(self.steps)

    @property
    def times(self) -> Sequence[datetime]:
        """The start of every step."""
        return [self.time(t) for t in self.index]

    def time(self, t: int) -> datetime:
        """Return the start of step ``t``."""
        return self.start + t * self.step

    def local(self, time: datetime) -> datetime:
        """Return ``time`` as a clock in the home shows it."""
        return time.astimezone(self.zone)

    def inside(self, start: datetime, end: datetime) -> range:
        """Return the steps that lie wholly in [start, end)."""
        first = math.ceil((start - self.start) / self.step)
        last = math.floor((end - self.start) / self.step)
        return range(max(first, 0), max(min(last, self.steps), max(first, 0)))

    def touching(self, start: datetime | None, end: datetime | None) -> range:
        """Return the steps of which [start, end) covers any part."""
        first = 0 if start is None else math.floor((start - self.start) / self.step)
        last = (
            self.steps if end is None else math.ceil((end - self.start) / self.step)
        )
        return range(max(first, 0), max(min(last, self.steps), max(first, 0)))
