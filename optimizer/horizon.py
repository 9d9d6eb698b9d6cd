"""The steps of a plan: equal, in UTC, the first at ``start``."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import math
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from cem_core.tariff import TimeGrid

type PerStep = Sequence[float] | NDArray[np.float64]


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
    def grid(self) -> TimeGrid:
        """The steps as a tariff reads them."""
        return TimeGrid(
            start=self.start, step=self.step, steps=self.steps, zone=self.zone
        )

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
        first = max(math.ceil((start - self.start) / self.step), 0)
        last = min(math.floor((end - self.start) / self.step), self.steps)
        return range(first, max(first, last))

    def touching(self, start: datetime | None, end: datetime | None) -> range:
        """Return the steps of which [start, end) covers any part."""
        first, last = 0, self.steps
        if start is not None:
            first = max(math.floor((start - self.start) / self.step), 0)
        if end is not None:
            last = min(math.ceil((end - self.start) / self.step), self.steps)
        return range(first, max(first, last))
