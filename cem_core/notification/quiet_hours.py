"""Hours of the day in which people are left in peace."""

from dataclasses import dataclass
from datetime import datetime, time


@dataclass(frozen=True, slots=True, kw_only=True)
class QuietHours:
    """From ``start`` to before ``end`` by the home's clock, over midnight if need be.

    The same time twice is the whole day.
    """

    start: time
    end: time

    def cover(self, now: datetime) -> bool:
        """Tell whether ``now``, an aware local time, is quiet."""
        clock = now.time()
        if self.start < self.end:
            return self.start <= clock < self.end
        return clock >= self.start or clock < self.end
