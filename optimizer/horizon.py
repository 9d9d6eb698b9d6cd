"""The steps of a plan, one after the other, in UTC; `tiers` says how long they are."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Self
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from cem_core.tariff import TimeGrid

type PerStep = Sequence[float] | NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Horizon:
    """``edges`` are the starts of all steps and the end of the last, in UTC.

    ``zone`` is only for the calendar. Without slots: what every component asks for
    is computed once.
    """

    edges: tuple[datetime, ...]
    zone: ZoneInfo

    def __hash__(self) -> int:
        """Return a hash that need not look at every edge."""
        return hash((self.edges[:1], self.edges[-1:], len(self.edges)))

    @classmethod
    def equal(
        cls, *, start: datetime, step: timedelta, steps: int, zone: ZoneInfo
    ) -> Self:
        """Return ``steps`` steps of ``step`` from ``start``."""
        grid = TimeGrid.equal(start=start, step=step, steps=steps, zone=zone)
        return cls(edges=grid.edges, zone=zone)

    @property
    def start(self) -> datetime:
        """The start of the first step."""
        return self.edges[0]

    @property
    def end(self) -> datetime:
        """The end of the last step."""
        return self.edges[-1]

    @cached_property
    def steps(self) -> int:
        """The number of steps."""
        return len(self.edges) - 1

    @cached_property
    def hours(self) -> NDArray[np.float64]:
        """The length of every step in hours."""
        return np.array(self.grid.hours)

    @cached_property
    def clock(self) -> NDArray[np.float64]:
        """The hours from the start to every edge."""
        return np.append(0.0, np.cumsum(self.hours))

    @cached_property
    def grid(self) -> TimeGrid:
        """The steps as a tariff reads them."""
        return TimeGrid(edges=self.edges, zone=self.zone)

    @property
    def index(self) -> range:
        """The number of every step."""
        return range(self.steps)

    @property
    def times(self) -> Sequence[datetime]:
        """The start of every step."""
        return self.edges[:-1]

    def time(self, t: int) -> datetime:
        """Return the start of step ``t``, the end of the last one too."""
        return self.edges[t]

    def local(self, time: datetime) -> datetime:
        """Return ``time`` as a clock in the home shows it."""
        return time.astimezone(self.zone)

    def inside(self, start: datetime, end: datetime) -> range:
        """Return the steps that lie wholly in [start, end)."""
        first = bisect_left(self.edges, start)
        return range(first, max(first, bisect_right(self.edges, end) - 1))

    def touching(self, start: datetime | None, end: datetime | None) -> range:
        """Return the steps of which [start, end) covers any part."""
        first, last = 0, self.steps
        if start is not None:
            first = max(bisect_right(self.edges, start) - 1, 0)
        if end is not None:
            last = min(bisect_left(self.edges, end), self.steps)
        return range(first, max(first, last))

    def since(self, length: timedelta) -> list[range]:
        """Return for each step it and those before that began less than that ago."""
        found, first = [], 0
        for t, time in enumerate(self.times):
            while first < t and time - self.edges[first] >= length:
                first += 1
            found.append(range(first, t + 1))
        return found
