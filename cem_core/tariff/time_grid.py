"""Steps of time and the local clock that a tariff reads them by."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import pairwise
from math import gcd
from typing import Final, Self

_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeGrid:
    """``edges`` are the starts of all steps and the end of the last, in UTC."""

    edges: tuple[datetime, ...]
    zone: tzinfo

    @classmethod
    def equal(
        cls, *, start: datetime, step: timedelta, steps: int, zone: tzinfo
    ) -> Self:
        """Return ``steps`` steps of ``step`` from ``start``, which has an offset."""
        first = start.astimezone(UTC)  # adding to a local time would skip clock changes
        return cls(edges=tuple(first + t * step for t in range(steps + 1)), zone=zone)

    @property
    def steps(self) -> int:
        """The number of steps."""
        return len(self.edges) - 1

    @property
    def hours(self) -> tuple[float, ...]:
        """The length of every step in hours."""
        return tuple((end - begin) / _HOUR for begin, end in pairwise(self.edges))

    def local(self, t: int) -> datetime:
        """Return the start of step ``t`` on the local clock."""
        return self.edges[t].astimezone(self.zone)

    def samples(self, minutes: int) -> Iterator[list[tuple[datetime, float]]]:
        """Yield for each step the local times that cut it, and the share of each part.

        No part crosses a clock time that is a multiple of ``minutes``.
        """
        # 60: the clock is changed by an hour.
        part = timedelta(minutes=gcd(minutes, 60))
        for begin, end in pairwise(self.edges):
            cuts = [begin]
            while (rest := part - into_hour(cuts[-1], self.zone) % part) < (
                end - cuts[-1]
            ):
                cuts.append(cuts[-1] + rest)
            yield [
                (one.astimezone(self.zone), (other - one) / (end - begin))
                for one, other in pairwise([*cuts, end])
            ]


def into_hour(time: datetime, zone: tzinfo) -> timedelta:
    """Return how long ago the hour of ``time`` began on the local clock."""
    local = time.astimezone(zone)
    return timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
