"""Integration periods: the clock-aligned means that a capacity tariff looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
import math
from typing import Protocol


class Powers(Protocol):
    """A list or an array of one power a step."""

    def __len__(self) -> int:
        """Return the number of steps."""

    def __getitem__(self, step: int, /) -> float:
        """Return the power in a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationPeriod:
    """One period, on the local clock, and the share of each step in its mean.

    Of a period that the series covers in part the mean is over that part.
    """

    start: datetime
    shares: tuple[tuple[int, float], ...]

    @property
    def day(self) -> date:
        """The local date of its start."""
        return self.start.date()

    def mean(self, powers: Powers) -> float:
        """Return the mean of ``powers`` in this period, in their unit."""
        return sum(share * powers[t] for t, share in self.shares)


def integration_periods(
    start: datetime, step: timedelta, steps: int, minutes: int, zone: tzinfo
) -> Sequence[IntegrationPeriod]:
    """Return the periods of ``minutes`` that equal steps from ``start`` touch.

    Periods are aligned to the hour; UTC offsets are whole quarter hours, so
    that for periods of up to 15 minutes local and UTC alignment agree, and
    longer ones follow the local clock.
    """
    length = timedelta(minutes=minutes)
    start = start.astimezone(UTC)  # adding to a local time would skip clock changes
    local = start.astimezone(zone)
    into = timedelta(
        minutes=local.minute, seconds=local.second, microseconds=local.microsecond
    )
    opening = start - into % length
    end = start + steps * step
    periods = []
    while opening < end:
        begin, close = max(opening, start), min(opening + length, end)
        first, last = (begin - start) // step, math.ceil((close - start) / step)
        shares = []
        for t in range(first, last):
            overlap = min(close, start + (t + 1) * step) - max(begin, start + t * step)
            shares.append((t, overlap / (close - begin)))
        periods.append(
            IntegrationPeriod(start=opening.astimezone(zone), shares=tuple(shares))
        )
        opening += length
    return periods
