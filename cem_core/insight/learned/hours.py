"""Samples at any times -> one value an hour, where it can be said."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from cem_core.insight.learned.bounds import Floats

_HOUR: Final = timedelta(hours=1)


def hours_before(times: Sequence[datetime], longest: timedelta) -> list[int]:
    """Return each time's hour, counted from ``longest`` before the newest.

    Negative for what is older.
    """
    newest = max(times)
    start = newest.replace(minute=0, second=0, microsecond=0) + _HOUR - longest
    return [(time - start) // _HOUR for time in times]


def hourly_means(hours: Sequence[int], values: Floats, count: int) -> Floats:
    """Return the mean of the known values of each hour, NaN where there are none.

    ``values`` are NaN where unknown; hours outside 0 to ``count`` - 1 are left out.
    """
    place = np.asarray(hours, np.int64)
    used = np.isfinite(values) & (place >= 0) & (place < count)
    sums = np.bincount(place[used], values[used], count)
    counts = np.bincount(place[used], minlength=count)
    means = np.full(count, np.nan)
    np.divide(sums, counts, out=means, where=counts > 0)
    return means


def plausible(values: Sequence[float | None], low: float, high: float) -> Floats:
    """Return ``values`` with NaN for what is absent, no number or outside."""
    array = np.array([np.nan if v is None else v for v in values], np.float64)
    with np.errstate(invalid="ignore"):
        return np.where((array >= low) & (array <= high), array, np.nan)


def bridged(values: Floats, longest: int) -> Floats:
    """Return ``values`` with gaps of at most ``longest`` filled by straight lines."""
    known = np.flatnonzero(np.isfinite(values))
    if not known.size:
        return values
    filled = np.interp(np.arange(len(values)), known, values[known])
    place = np.searchsorted(known, np.arange(len(values)))
    after = known[np.minimum(place, known.size - 1)]
    before = known[np.maximum(place - 1, 0)]
    inside = (place > 0) & (place < known.size) & (after - before <= longest + 1)
    return np.where(np.isfinite(values) | inside, filled, np.nan)
