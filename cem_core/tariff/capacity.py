"""A charge on the highest clock-aligned mean import of a month."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
import math
from typing import Protocol

type Month = tuple[int, int]


class _Powers(Protocol):
    """A list or an array of one power a step."""

    def __getitem__(self, step: int, /) -> float:
        """Return the power in a step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CapacityWindow:
    """One integration window and the share of each step in its mean.

    Of a window that the series covers in part the mean is over that part.
    """

    start: datetime
    month: Month
    shares: tuple[tuple[int, float], ...]

    def mean(self, powers: _Powers) -> float:
        """Return the mean of ``powers`` in this window, in their unit."""
        return sum(share * powers[t] for t, share in self.shares)


def capacity_windows(
    start: datetime, step: timedelta, steps: int, minutes: int, zone: tzinfo
) -> tuple[CapacityWindow, ...]:
    """Return the windows of ``minutes`` that equal steps from ``start`` touch.

    Windows are aligned to the hour; UTC offsets are whole quarter hours, so
    that for windows of up to 15 minutes local and UTC alignment agree, and
    longer ones follow the local clock.
    """
    length = timedelta(minutes=minutes)
    local = start.astimezone(zone)
    into = timedelta(minutes=local.minute, seconds=local.second)
    opening = start.astimezone(UTC) - (into + _micro(local)) % length
    end = start + steps * step
    windows = []
    while opening < end:
        begin, close = max(opening, start), min(opening + length, end)
        first, last = (begin - start) // step, math.ceil((close - start) / step)
        shares = []
        for t in range(first, last):
            overlap = min(close, start + (t + 1) * step) - max(begin, start + t * step)
            shares.append((t, overlap / (close - begin)))
        in_zone = opening.astimezone(zone)
        windows.append(
            CapacityWindow(
                start=opening, month=(in_zone.year, in_zone.month), shares=tuple(shares)
            )
        )
        opening += length
    return tuple(windows)


def _micro(time: datetime) -> timedelta:
    return timedelta(microseconds=time.microsecond)


def month_peaks(
    windows: Sequence[CapacityWindow], import_powers: _Powers
) -> Mapping[Month, float]:
    """Return the highest window mean of each month."""
    peaks: dict[Month, float] = {}
    for window in windows:
        mean = window.mean(import_powers)
        peaks[window.month] = max(peaks.get(window.month, mean), mean)
    return peaks


def capacity_charge(
    windows: Sequence[CapacityWindow],
    import_kw: _Powers,
    *,
    price_per_kw: float,
    peak_so_far_kw: float,
) -> float:
    """Return what the new peaks cost beyond the first month's peak so far.

    The tariff itself is in currency per kW, so that powers are in kW here.
    """
    charge = 0.0
    for place, (_, peak_kw) in enumerate(
        sorted(month_peaks(windows, import_kw).items())
    ):
        paid_kw = peak_so_far_kw if place == 0 else 0.0
        charge += price_per_kw * max(0.0, peak_kw - paid_kw)
    return charge
