"""The capacity charge over a backtest: what is billed, and what to stay below.

A plan of a day sees the peak of the month so far, but not the rest of the month:
at its beginning every kW looks new, although later days will need it anyway. So
the import to stay below is the highest of the peak so far and of what this home
could not avoid in the months before (`_EXPECTED_SHARE` of it); above it a kWh
costs what a new peak costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
import math

from cem_core.tariff import capacity_windows
from optimizer.backtest.record import Record
from optimizer.home import Home
from optimizer.horizon import Horizon
from optimizer.series import Numbers

_EXPECTED_SHARE = 0.85


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one billing window costs; ``peaks_kw`` highest first."""

    start: datetime
    peaks_kw: Sequence[float]
    capacity: float


def bill(home: Home, span: Horizon, import_kw: Numbers) -> Sequence[Window]:
    """Return the capacity bill of whole windows, none without such a charge."""
    charge = home.tariff.capacity
    if charge is None:
        return []
    windows = capacity_windows(
        span.start, span.step, len(import_kw), charge.integration_minutes, span.zone
    )
    found: dict[tuple[int, int], tuple[datetime, float]] = {}
    for window in windows:
        mean_kw = window.mean(import_kw)
        start, highest = found.get(window.month, (window.start, charge.peak_so_far_kw))
        if window.month not in found and found:
            highest = 0.0
        found[window.month] = start, max(highest, mean_kw)
    return [
        Window(start=start, peaks_kw=[kw], capacity=charge.price_per_kw * kw)
        for start, kw in found.values()
    ]


class PeakWatch:
    """Follows the peak of the running month while a record is played."""

    def __init__(self, record: Record) -> None:
        """Begin with the peak so far that HOME.yaml gives."""
        self._record = record
        self._charge = record.home.tariff.capacity
        self._month: tuple[int, int] | None = None
        self._earlier: list[float] = []
        self.so_far_kw = 0.0
        if self._charge is not None:
            self.so_far_kw = self._charge.peak_so_far_kw

    def target_kw(self, t: int) -> float:
        """Return the import to stay below in step ``t``; infinite without a charge."""
        if self._charge is None:
            return math.inf
        self._begin(t)
        return max(self.so_far_kw, self._expected_kw())

    def price_per_kwh(self) -> float:
        """Return what a kWh above the target costs: a new peak's price."""
        if self._charge is None:
            return 0.0
        return self._charge.price_per_kw / self._record.whole.hours

    def home_now(self, home: Home, t: int) -> Home:
        """Return ``home`` with the peak that a plan from step ``t`` stays below."""
        if self._charge is None:
            return home
        charge = replace(self._charge, peak_so_far_kw=self.target_kw(t))
        return replace(home, tariff=replace(home.tariff, capacity=charge))

    def see(self, t: int, import_kw: float) -> None:
        """Take the import of step ``t``."""
        if self._charge is not None:
            self._begin(t)
            self.so_far_kw = max(self.so_far_kw, import_kw)

    def _begin(self, t: int) -> None:
        local = self._record.whole.local(self._record.whole.time(t))
        month = local.year, local.month
        if self._month is not None and month != self._month:
            self._earlier.append(self.so_far_kw)
            self.so_far_kw = 0.0
        self._month = month

    def _expected_kw(self) -> float:
        if not self._earlier:
            return 0.0
        return _EXPECTED_SHARE * self._earlier[-1]
