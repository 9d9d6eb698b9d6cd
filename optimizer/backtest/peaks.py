"""The capacity charge over a backtest: what is billed, and what to stay below.

A plan of a day sees the peaks of the window (the month) so far, but not the rest
of it: at its beginning every kW looks new, although later days will need it
anyway. So a kWh above what was measured so far costs the price of a new peak times
the probability that no later day will be billed as much (`unavoidable`), judged by
what this home could have held in the last weeks (`rare_loads`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
import math

import numpy as np

from cem_core.tariff import (
    BillingWindow,
    CapacityTariff,
    PeaksSoFar,
    peaks_so_far,
    settle,
)
from optimizer.backtest.rare_loads import Rare, holdable, rare_loads
from optimizer.backtest.record import Record
from optimizer.backtest.unavoidable import Unavoidable
from optimizer.home import Battery, Column, Home, Solar
from optimizer.home_tariff import CapacityCharge
from optimizer.horizon import Horizon
from optimizer.series import Numbers

_HISTORY_DAYS = 28
_LEAST_RISE_KW = 1.0
_MONTH, _YEAR = 31, 366  # days, never less than a window has


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """What one billing window costs; ``peaks_kw`` highest first."""

    start: datetime
    peaks_kw: Sequence[float]
    capacity: float


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakPrice:
    """By step: imports in kW, rising, and what a kWh above each of them costs.

    Both have shape (steps, J). Prices do not fall with the import.
    """

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
            step=span.time(1) - span.start,
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
        found = [charge.prices(now, steps) for charge in self._charges]
        above_kw = np.concatenate([price.above_kw for price in found], axis=1)
        rises = [np.diff(price.per_kwh, axis=1, prepend=0.0) for price in found]
        order = np.argsort(above_kw, axis=1, kind="stable")
        risen = np.take_along_axis(np.concatenate(rises, axis=1), order, axis=1)
        return PeakPrice(
            above_kw=np.take_along_axis(above_kw, order, axis=1),
            per_kwh=np.cumsum(risen, axis=1),
        )

    def home_now(self, home: Home, now: int) -> Home:
        """Return ``home`` with the peaks that a plan from ``now`` on stays below."""
        charges = tuple(charge.now(now) for charge in self._charges)
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
        if len(self._batteries) != 1 or not self._charges or t - begin < record.per_day:
            return
        past = slice(begin, t)
        net_kw = record.columns[Column.LOAD][past] - sum(
            record.columns[roof.series][past] for roof in self._roofs
        )
        found = holdable(self._batteries[0], net_kw, record.hours, record.per_day)
        self.rare = rare_loads(net_kw, record.clock[begin:], record.per_day)
        for charge in self._charges:
            charge.unavoidable = Unavoidable(by_day_kw=found, top=charge.top)


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
        self._monthly = self._tariff.window is BillingWindow.MONTH
        self.unavoidable: Unavoidable | None = None
        self._weights: dict[int, float] = {}

    def _local(self, t: int) -> datetime:
        return self._record.whole.local(self._record.whole.time(t))

    @property
    def top(self) -> int:
        """How many peaks are billed."""
        return self._tariff.top

    def _days_after(self, day: date) -> int:
        """Return how many days of the window of ``day`` come after it."""
        start = self._tariff.window.start(day)
        beyond = start + timedelta(days=_MONTH if self._monthly else _YEAR)
        return (self._tariff.window.start(beyond) - day).days - 1

    def _least_kw(self, t: int) -> float:
        """Return the mean that the next one has to exceed to cost anything."""
        least = max(self._measured_kw(), self._tariff.floor_kw)
        if self.unavoidable is None:
            return least
        days = self._days_after(self._local(t).date())
        return max(least, self.unavoidable.even_odds_kw(days))

    def _ceiling_kw(self, least_kw: float) -> float:
        """Return the same, up to the level's end where levels are billed."""
        for level in self._tariff.levels:
            if least_kw <= level.up_to_kw:
                return level.up_to_kw
        return least_kw

    def _weight(self, t: int) -> float:
        weight = self._weights.get(t)
        if weight is None:
            weight = self._tariff.weight(self._local(t), self._holidays)
            self._weights[t] = weight
        return weight

    def target_kw(self, t: int) -> float:
        """Return the import that most likely costs nothing more in step ``t``."""
        weight = self._weight(t)
        return self._ceiling_kw(self._least_kw(t)) / weight if weight else math.inf

    def prices(self, now: int, steps: int) -> PeakPrice:
        """Return what is paid for the imports of the steps from ``now``."""
        today = self._local(now).date()
        window = self._tariff.window.start(today)
        measured = max(self._measured_kw(), self._tariff.floor_kw)
        here = self._prices(measured, self._days_after(today))
        days = [self._local(now + k).date() for k in range(steps)]
        coming = next((d for d in days if self._tariff.window.start(d) != window), None)
        there = here
        if coming is not None:
            there = self._prices(self._tariff.floor_kw, self._days_after(coming))
        width = max(len(here[0]), len(there[0]))
        above_kw, per_kwh = np.full((steps, width), np.inf), np.zeros((steps, width))
        for k, day in enumerate(days):
            weight = self._weight(now + k)
            if not weight:
                continue
            kw, price = here if self._tariff.window.start(day) == window else there
            above_kw[k, : len(kw)] = kw / weight
            per_kwh[k, : len(kw)] = price * weight
            per_kwh[k, len(kw) :] = price[-1] * weight
        return PeakPrice(above_kw=above_kw, per_kwh=per_kwh)

    def _prices(self, measured_kw: float, days: int) -> tuple[Numbers, Numbers]:
        """Return imports above ``measured_kw``, rising, and the price above each."""
        imports_kw, shares = np.zeros(1), np.ones(1)
        if self.unavoidable is not None:
            imports_kw, shares = self.unavoidable.avoidable(days)
        kept = np.append(imports_kw[1:], np.inf) > measured_kw
        imports_kw = np.maximum(imports_kw[kept], measured_kw)
        if self._tariff.levels:
            imports_kw = np.array([self._ceiling_kw(kw) for kw in imports_kw])
        full = np.array([self._full_price_per_kwh(kw) for kw in imports_kw])
        return imports_kw, np.maximum.accumulate(full * shares[kept])

    def _full_price_per_kwh(self, above_kw: float) -> float:
        """Return what a kWh above it costs in one step where it is not billed yet."""
        hours = max(self._record.hours, self._tariff.integration_minutes / 60)
        per_kw = self._tariff.price_per_kw
        if self._tariff.levels:
            charge = self._tariff.charge
            rise = charge(above_kw + _LEAST_RISE_KW) - charge(above_kw)
            per_kw = rise / _LEAST_RISE_KW
        return per_kw / self._tariff.top / hours

    def now(self, t: int) -> CapacityCharge:
        """Return the charge with the peaks a plan at ``t`` has to stay below."""
        least = self._least_kw(t)
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
            step=self._record.step,
            zone=self._record.whole.zone,
            holidays=self._holidays,
            so_far=self._at_midnight,
        )
