"""Equal steps of time and the local clock that a tariff reads them by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from math import gcd


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGrid:
    """``steps`` steps of ``step`` from ``start``, which carries an offset."""

    start: datetime
    step: timedelta
    steps: int
    zone: tzinfo

    @property
    def hours(self) -> float:
        """The length of a step in hours."""
        return self.step.total_seconds() / 3600

    def local(self, t: int) -> datetime:
        """Return the start of step ``t`` on the local clock."""
        return (self.start.astimezone(UTC) + t * self.step).astimezone(self.zone)

    def samples(self, minutes: int) -> Iterator[list[datetime]]:
        """Yield for each step the local times that cut it into equal parts.

        No part crosses a clock time that is a multiple of ``minutes``, given that
        start and step are whole minutes.
        """
        first = self.start.astimezone(UTC)
        whole = int(self.step.total_seconds()) // 60
        # 60: the clock is changed by an hour.
        part = timedelta(minutes=gcd(whole, self.local(0).minute, minutes, 60))
        parts = max(self.step // part, 1)
        for t in range(self.steps):
            begin = first + t * self.step
            yield [(begin + n * part).astimezone(self.zone) for n in range(parts)]
