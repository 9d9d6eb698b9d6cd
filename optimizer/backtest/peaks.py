"""The capacity charge over a backtest: what is billed, and what to stay below.

A plan of a day sees the peaks of the window (the month) so far, but not the rest
of it: at its beginning every kW looks new, although later days will need it
anyway. So the import to stay below is the highest of what was measured so far and
of what this home could have held in the last weeks (`rare_loads`); above it a
kWh costs what a new peak costs.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time
import math

import numpy as np

from cem_core.tariff import CapacityTariff, PeaksSoFar, peaks_so_far, settle
from optimizer.backtest.rare_loads import Rare, holdable, rare_loads
from optimizer.backtest.record import Record
from optimizer.home import Battery, Column, Home, Solar
from optimizer.home_tariff import CapacityCharge
from optimizer.horizon import Horizon
from optimizer.series import Numbers

_HISTORY_DAYS = 28
_LEAST_RISE_KW = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one billing window costs; ``peaks_kw`` highest first."""

    start: datetime
    peaks_kw: Sequence[float]
    capacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakPrice:
    """By step: the import to stay below in kW, and what a kWh above it costs."""

    above_kw: Numbers
    per_kwh: Numbers


def bill(home: Home, span: Horizon, import_kw: Numbers) -> Sequence[Window]:
    """Return the capacity bills of whole windows, none without such a charge."""
    windows = []
    for charge in home.tariff.capacity:
        bills = settle(
            charge.tariff,
            import_kw,
            start=span.start,
            step=span.step,
            zone=span.zone,
            holidays=frozenset(home.tariff.holidays),
            so_far=charge.so_far,
        )
        windows += [
            Window(
                start=datetime.combine(each.start, time(), span.zone),
                peaks_kw=each.peaks_kw,
                capacity=each.charge,
            )
            for each in bills
        ]
    return windows


class PeakWatch:
    """Follows the peaks of the running windows while a record is played."""

    def __init__(self, record: Record) -> None:
        """Begin with the peaks so far that HOME.yaml gives."""
        self._record = record
        self._charges = [
            _Charge(charge, record) for charge in record.home.tariff.capacity
        ]
        self._batteries = [d for d in record.home.devices if isinstance(d, Battery)]
        self._roofs = [d for d in record.home.devices if isinstance(d, Solar)]
        self.rare: Rare | None = None
        self._look_back(record.first)

    def target_kw(self, t: int) -> float:
        """Return the import to stay below in step ``t``; infinite without a charge."""
        return min((c.target_kw(t) for c in self._charges), default=math.inf)

    def prices(self, now: int, steps: int) -> PeakPrice | None:
        """Return targets and prices of the steps from ``now``; None without charge."""
        if not self._charges:
            return None
        above_kw, per_kwh = np.full(steps, np.inf), np.zeros(steps)
        for charge in self._charges:
            price = charge.price_per_kwh()
            for k in range(steps):
                target = charge.target_kw(now + k)
                if target < above_kw[k]:
                    above_kw[k], per_kwh[k] = target, price
        return PeakPrice(above_kw=above_kw, per_kwh=per_kwh)

    def home_now(self, home: Home) -> Home:
        """Return ``home`` with the peaks that a plan from now on stays below."""
        charges = tuple(charge.now() for charge in self._charges)
        return replace(home, tariff=replace(home.tariff, capacity=charges))

    def see(self, t: int, import_kw: float) -> None:
        """Take the import of step ``t``."""
        for charge in self._charges:
            charge.see(t, import_kw)
        day = self._record.local_day
        if self._charges and t + 1 < len(day) and day[t + 1] != day[t]:
            self._look_back(t + 1)

    def _look_back(self, t: int) -> None:
        """Learn from the weeks before step ``t`` what can be held."""
        record = self._record
        begin = max(0, t - _HISTORY_DAYS * record.per_day)
        if len(self._batteries) != 1 or not self._charges or begin == t:
            return
        past = slice(begin, t)
        net_kw = record.columns[Column.LOAD][past] - sum(
            record.columns[roof.series][past] for roof in self._roofs
        )
        found = holdable(self._batteries[0], net_kw, record.whole.hours)
        self.rare = rare_loads(net_kw, record.clock[begin:], record.per_day)
        for charge in self._charges:
            charge.expected_kw = found


class _Charge:
    """One charge: the engine's peaks so far, chained from day to day."""

    def __init__(self, charge: CapacityCharge, record: Record) -> None:
        self._given, self._record = charge, record
        self._tariff: CapacityTariff = charge.tariff
        self._holidays = frozenset(record.home.tariff.holidays)
        self._at_midnight = charge.so_far
        self._so_far = charge.so_far
        self._today: list[float] = []
        self._day_start = record.first
        self.expected_kw = 0.0
        self._weights: dict[int, float] = {}

    def _local(self, t: int) -> datetime:
        return self._record.whole.local(self._record.whole.time(t))

    def _least_kw(self) -> float:
        """Return the mean that the next one has to exceed to cost anything."""
        return max(self._measured_kw(), self.expected_kw, self._tariff.floor_kw)

    def _ceiling_kw(self) -> float:
        """Return the same, up to the level's end where levels are billed."""
        least = self._least_kw()
        for level in self._tariff.levels:
            if least <= level.up_to_kw:
                return level.up_to_kw
        return least

    def target_kw(self, t: int) -> float:
        """Return the import that costs nothing more in step ``t``."""
        weight = self._weights.get(t)
        if weight is None:
            weight = self._tariff.weight(self._local(t), self._holidays)
            self._weights[t] = weight
        return self._ceiling_kw() / weight if weight else math.inf

    def price_per_kwh(self) -> float:
        """Return what a kWh above the target costs in one step."""
        hours = max(self._record.whole.hours, self._tariff.integration_minutes / 60)
        if not self._tariff.levels:
            return self._tariff.price_per_kw / self._tariff.top / hours
        least = self._ceiling_kw()
        dearer = self._tariff.charge(least + _LEAST_RISE_KW) - self._tariff.charge(
            least
        )
        return dearer / _LEAST_RISE_KW / self._tariff.top / hours

    def now(self) -> CapacityCharge:
        """Return the charge with the peaks a plan has to stay below."""
        least = self._least_kw()
        peaks = [max(kw, least) for kw in self._so_far.peaks_kw][: self._tariff.top]
        missing = self._tariff.top - len(peaks) if least > 0 else 0
        return replace(
            self._given,
            peaks_so_far_kw=(*peaks, *[least] * missing),
            peak_so_far_kw=None,
            first_day_peak_kw=self._so_far.first_day_kw,
        )

    def see(self, t: int, import_kw: float) -> None:
        """Take the import of step ``t``, the next one."""
        self._today.append(import_kw)
        self._so_far = self._engine(self._today)
        if self._local(t + 1).date() == self._local(t).date():
            return
        self._at_midnight, self._today = self._so_far, []
        self._day_start = t + 1

    def _measured_kw(self) -> float:
        """Return the least of the means that make the peak so far; 0 of too few."""
        peaks = list(self._so_far.peaks_kw)
        if self._so_far.first_day_kw is not None:
            peaks.append(self._so_far.first_day_kw)
        highest = self._tariff.highest(peaks)
        return highest[-1] if len(highest) >= self._tariff.top else 0.0

    def _engine(self, import_kw: Sequence[float]) -> PeaksSoFar:
        return peaks_so_far(
            self._tariff,
            import_kw,
            start=self._record.whole.time(self._day_start),
            step=self._record.whole.step,
            zone=self._record.whole.zone,
            holidays=self._holidays,
            so_far=self._at_midnight,
        )
