"""Integration periods: the clock-aligned means that a capacity tariff looks at."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Protocol

from cem_core.tariff.time_grid import TimeGrid, into_hour


class Powers(Protocol):
    """A list or an array of one power a step."""

    def __len__(self) -> int:
        """Return the number of steps."""

    def __getitem__(self, step: int, /) -> float:
        """Return the power in a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IntegrationPeriod:
    """One period, on the local clock, and the share of each step in its mean.

    Of a period that the series covers in part the mean is over that part, unless
    the energy before it is known: then that part has ``known_kw`` in the mean.
    """

    start: datetime
    shares: tuple[tuple[int, float], ...]
    known_kw: float = 0.0

    @property
    def day(self) -> date:
        """The local date of its start."""
        return self.start.date()

    def mean(self, powers: Powers) -> float:
        """Return the mean of ``powers`` in this period, in their unit."""
        return self.known_kw + sum(share * powers[t] for t, share in self.shares)


def integration_periods(
    grid: TimeGrid, minutes: int, open_kwh: float | None = None
) -> Sequence[IntegrationPeriod]:
    """Return the periods of ``minutes`` that the steps of ``grid`` touch.

    ``open_kwh`` is what was imported before the first step in its period.
    Periods are aligned to the hour; UTC offsets are whole quarter hours, so
    that for periods of up to 15 minutes local and UTC alignment agree, and
    longer ones follow the local clock.
    """
    periods = _periods(grid, minutes)
    if open_kwh is None or not periods:
        return periods
    first = _opened(periods[0], grid.edges[0], timedelta(minutes=minutes), open_kwh)
    return (first, *periods[1:])


@lru_cache(maxsize=8)  # who plans again and again has the same
def _periods(grid: TimeGrid, minutes: int) -> tuple[IntegrationPeriod, ...]:
    length, edges = timedelta(minutes=minutes), grid.edges
    start, end = edges[0], edges[-1]
    opening = start - into_hour(start, grid.zone) % length
    periods: list[IntegrationPeriod] = []
    first = 0
    while opening < end:
        begin, close = max(opening, start), min(opening + length, end)
        while edges[first + 1] <= begin:
            first += 1
        shares, t = [], first
        while t < grid.steps and edges[t] < close:
            overlap = min(close, edges[t + 1]) - max(begin, edges[t])
            shares.append((t, overlap / (close - begin)))
            t += 1
        periods.append(
            IntegrationPeriod(start=opening.astimezone(grid.zone), shares=tuple(shares))
        )
        opening += length
    return tuple(periods)


def _opened(
    period: IntegrationPeriod, start: datetime, length: timedelta, open_kwh: float
) -> IntegrationPeriod:
    """Return a period that the series begins within, with what was before."""
    left = 1 - max(start - period.start, timedelta(0)) / length
    return IntegrationPeriod(
        start=period.start,
        shares=tuple((t, share * left) for t, share in period.shares),
        known_kw=open_kwh / (length / timedelta(hours=1)),
    )
