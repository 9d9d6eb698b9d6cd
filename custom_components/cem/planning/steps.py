"""The steps of a plan, and series laid on them without holes."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cem_core.model import Series

STEP: Final = timedelta(minutes=15)
_DAY: Final = timedelta(days=1)
LEAST: Final = timedelta(hours=24)
MOST: Final = timedelta(hours=36)


@dataclass(frozen=True, slots=True)
class Steps:
    """Equal steps from ``start``."""

    start: datetime
    count: int

    @classmethod
    def from_now(cls, now: datetime, known_until: datetime | None) -> Steps:
        """Start with the running step; end where prices end, within bounds."""
        start = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % STEP
        end = min(max(known_until or start, start + LEAST), start + MOST)
        return cls(start, (end - start) // STEP)

    @property
    def times(self) -> tuple[datetime, ...]:
        """The start of each step."""
        return tuple(self.start + index * STEP for index in range(self.count))

    @property
    def end(self) -> datetime:
        """The end of the last step."""
        return self.start + self.count * STEP

    def lay(
        self, series: Series, otherwise: Callable[[datetime], float]
    ) -> list[float]:
        """Return the mean in each step.

        Where nothing is known the day before (or, failing that, the day
        after) serves, then ``otherwise``.
        """
        values = []
        for time in self.times:
            value = None
            for shift in (timedelta(0), -_DAY, -2 * _DAY, _DAY):
                value = series.mean(time + shift, time + shift + STEP)
                if value is not None:
                    break
            values.append(otherwise(time) if value is None else value)
        return values
