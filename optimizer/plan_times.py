"""The steps of a PLAN document, read by time."""

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from typing import Any, Self

type Json = Mapping[str, Any]

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class PlanTimes:
    """``edges`` are the starts of all steps and the end of the last, in UTC."""

    edges: Sequence[datetime]
    zone: tzinfo | None

    @classmethod
    def of(cls, plan: Json) -> Self:
        """Return the steps of ``plan``."""
        times = [datetime.fromisoformat(time) for time in plan["times"]]
        end = times[-1].astimezone(UTC) + timedelta(minutes=plan["minutes"][-1])
        return cls([*(time.astimezone(UTC) for time in times), end], times[0].tzinfo)

    @property
    def count(self) -> int:
        """The number of steps."""
        return len(self.edges) - 1

    @property
    def hours(self) -> Sequence[float]:
        """The length of every step."""
        return [(end - begin) / _HOUR for begin, end in pairwise(self.edges)]

    def time(self, t: int) -> datetime:
        """Return the start of step ``t``, in the zone of the first."""
        return self.edges[t].astimezone(self.zone)

    def mean(
        self, values: Sequence[float], begin: datetime, end: datetime
    ) -> float | None:
        """Return the mean over what the steps cover of a span that begins in one."""
        t = self.place(begin)
        if t is None:
            return None
        total, length = 0.0, min(end, self.edges[-1]) - begin
        while t < self.count and self.edges[t] < end:
            part = min(end, self.edges[t + 1]) - max(begin, self.edges[t])
            total += values[t] * (part / length)
            t += 1
        return total

    def place(self, time: datetime) -> int | None:
        """Return the step that ``time`` is in."""
        t = bisect_right(self.edges, time) - 1
        return t if 0 <= t < self.count else None
