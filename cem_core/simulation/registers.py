"""What the meter has counted: energies, the running quarter hour, peaks."""

from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

SECONDS_PER_HOUR: Final = 3600.0
QUARTER: Final = timedelta(minutes=15)
HISTORY_MONTHS: Final = 13
SATURDAY: Final = 5
DAY_FROM, DAY_UNTIL = 7, 22
LONG_FAILURE_S: Final = 180.0  # DSMR 5: from there on a failure is a long one
LOGGED_FAILURES: Final = 10


class Standard(StrEnum):
    """Which companion standard the meter follows."""

    BELGIUM = "belgium"
    DSMR5 = "dsmr5"


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthPeak:
    """The highest quarter hour of a month; ``at`` None while there is none."""

    power_w: float
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedMonth:
    """A month's peak and when the month was closed."""

    closed_at: datetime
    peak: MonthPeak


@dataclass(frozen=True, slots=True, kw_only=True)
class LongFailure:
    """A power failure in the meter's log."""

    end: datetime
    duration_s: float


def tariff_at(standard: Standard, local: datetime) -> int:
    """Return the tariff's number: 1 is day in Belgium and low in the Netherlands."""
    day = local.weekday() < SATURDAY and DAY_FROM <= local.hour < DAY_UNTIL
    if standard is Standard.BELGIUM:
        return 1 if day else 2
    return 2 if day else 1


@dataclass(slots=True, kw_only=True)
class Registers:
    """The meter's memory, by the meter's own clock."""

    standard: Standard
    time_zone: ZoneInfo
    import_wh: dict[int, float]
    export_wh: dict[int, float]
    month_peak: MonthPeak
    history: deque[ClosedMonth] = field(
        default_factory=lambda: deque(maxlen=HISTORY_MONTHS)
    )
    quarter_start: datetime | None = None
    quarter_wh: float = 0.0
    tariff: int = 1
    failures: int = 6
    long_failures: int = 2
    failure_log: deque[LongFailure] = field(
        default_factory=lambda: deque(maxlen=LOGGED_FAILURES)
    )
    dark_s: float = 0.0

    @property
    def demand_w(self) -> float:
        """The running mean of COSEM: energy so far over the whole period.

        It begins at 0 in each quarter hour and ends at the quarter's mean.
        """
        return self.quarter_wh / (QUARTER.total_seconds() / SECONDS_PER_HOUR)

    def count(self, now: datetime, seconds: float, power_w: float) -> None:
        """Count ``power_w`` (import positive) over ``seconds`` up to ``now``."""
        # The second that ends at hh:15:00 still belongs to the quarter before.
        during = (now - timedelta(seconds=seconds)).astimezone(UTC)
        self._turn_quarter(quarter_of(during))
        self.tariff = tariff_at(self.standard, during.astimezone(self.time_zone))
        energy_wh = power_w * seconds / SECONDS_PER_HOUR
        if energy_wh >= 0:
            self.import_wh[self.tariff] += energy_wh
            self.quarter_wh += energy_wh
        else:
            self.export_wh[self.tariff] -= energy_wh

    def watch_mains(self, now: datetime, seconds: float, *, dark: bool) -> None:
        """Count a power failure when it is over; ``now`` by the meter's clock."""
        if dark:
            self.dark_s += seconds
            return
        if self.dark_s:
            self.failures += 1
        if self.dark_s >= LONG_FAILURE_S:
            self.long_failures += 1
            end = now.astimezone(self.time_zone)
            self.failure_log.append(LongFailure(end=end, duration_s=self.dark_s))
        self.dark_s = 0.0

    def _turn_quarter(self, start: datetime) -> None:
        before = self.quarter_start
        if before is None:
            self.quarter_start = start
        if before is None or start == before:
            return
        closed_at = start.astimezone(self.time_zone)
        if self.demand_w > self.month_peak.power_w or self.month_peak.at is None:
            self.month_peak = MonthPeak(power_w=self.demand_w, at=closed_at)
        if self._month(before) != self._month(start):
            midnight = closed_at.replace(day=1, hour=0, minute=0, fold=0)
            self.history.append(ClosedMonth(closed_at=midnight, peak=self.month_peak))
            self.month_peak = MonthPeak(power_w=0.0, at=None)
        self.quarter_start, self.quarter_wh = start, 0.0

    def _month(self, time: datetime) -> tuple[int, int]:
        local = time.astimezone(self.time_zone)
        return local.year, local.month


def quarter_of(time: datetime) -> datetime:
    """Return the start of the quarter hour that ``time`` falls in."""
    return time.replace(minute=time.minute // 15 * 15, second=0, microsecond=0)
