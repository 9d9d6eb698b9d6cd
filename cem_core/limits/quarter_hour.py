"""The running quarter hour, on the meter's clock: what peaks are billed by.

Some tariffs take the mean over an hour, or another period: all is the same then.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Final

from cem_core.model import Reading
from cem_core.tariff import into_hour

_QUARTER: Final = timedelta(minutes=15)
# In the last minute the allowed power explodes (a small energy divided by few
# seconds), so it is no longer chased: it is spread over at least this long.
_LEAST_CHASED_S: Final = 60
# A longer gap between telegrams says nothing about the power within it.
_LONGEST_GAP_S: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarterHour:
    """The quarter hour that runs now.

    ``mean_w`` is the mean import since its start, ``projected_w`` the mean at
    its end if the power stays as it is, ``import_w`` that power. ``period_s`` is
    its whole length.
    """

    start: datetime
    elapsed_s: float
    mean_w: int
    projected_w: int
    import_w: int
    period_s: float = _QUARTER.total_seconds()

    @property
    def remaining_s(self) -> float:
        """The seconds that are left."""
        return self.period_s - self.elapsed_s

    def allowed_w(self, target_w: int) -> int:
        """Return the mean import for the rest that ends at ``target_w``.

        Below 0 W the target is out of reach without export.
        """
        energy_ws = target_w * self.period_s - self.mean_w * self.elapsed_s
        return int(energy_ws / max(self.remaining_s, _LEAST_CHASED_S))


class QuarterHourTracker:
    """Follows the quarter hours from telegram to telegram.

    The meter's own running mean (``demand_w``) is what will be billed and
    goes first; without it the import is integrated. A meter's running mean is
    by DLMS the energy so far over the *whole* period, so it climbs from 0;
    ``demand_over_elapsed`` is for one that divides by the time elapsed. It is
    the mean of a quarter hour, and no word about a ``period`` of another length.
    Longer ones begin with the hour of the local clock.
    """

    def __init__(
        self,
        *,
        demand_over_elapsed: bool = False,
        period: timedelta = _QUARTER,
        zone: tzinfo = UTC,
    ) -> None:
        """Start without a quarter hour."""
        self._period = period
        self._period_s = period.total_seconds()
        self._zone = zone
        self._demand_over_elapsed = demand_over_elapsed
        self._time: datetime | None = None
        self._import_w = 0
        self._energy_ws = 0.0
        self._known_s = 0.0
        self._quarter: QuarterHour | None = None

    @property
    def quarter(self) -> QuarterHour | None:
        """The quarter hour at the last telegram."""
        return self._quarter

    def update(self, reading: Reading, now: datetime) -> QuarterHour | None:
        """Take a telegram and return the quarter hour it falls in.

        ``now`` serves only a meter that does not tell the time.
        """
        time = reading.timestamp or now
        power_w = reading.power_w
        if power_w is None:
            return self._quarter
        if self._time is not None and time < self._time:
            if (self._time - time).total_seconds() <= _LONGEST_GAP_S:
                return self._quarter  # a telegram that came late
            self._time = self._quarter = None  # the meter's clock was set back
        import_w = max(0, power_w)
        start = self._start(time)
        elapsed_s = (time - start).total_seconds()
        self._integrate(time, start)
        self._time, self._import_w = time, import_w
        demand_w = reading.demand_w if self._period == _QUARTER else None
        mean_w = self._mean_w(demand_w, elapsed_s, import_w)
        rest_s = self._period_s - elapsed_s
        self._quarter = QuarterHour(
            start=start,
            elapsed_s=elapsed_s,
            mean_w=round(mean_w),
            projected_w=round(
                (mean_w * elapsed_s + import_w * rest_s) / self._period_s
            ),
            import_w=import_w,
            period_s=self._period_s,
        )
        return self._quarter

    def _integrate(self, time: datetime, start: datetime) -> None:
        if self._quarter is None or self._quarter.start != start:
            self._energy_ws = self._known_s = 0.0
        if self._time is None:
            return
        span_s = (time - max(self._time, start)).total_seconds()
        if 0 < span_s <= _LONGEST_GAP_S:
            self._energy_ws += self._import_w * span_s
            self._known_s += span_s

    def _mean_w(self, demand_w: int | None, elapsed_s: float, import_w: int) -> float:
        if demand_w is None:
            # What was not seen (a start in mid-quarter, a gap) is taken to be
            # like what was seen.
            return self._energy_ws / self._known_s if self._known_s else import_w
        if self._demand_over_elapsed:
            return demand_w
        return demand_w * self._period_s / elapsed_s if elapsed_s else import_w

    def _start(self, time: datetime) -> datetime:
        # Every offset in use is a whole number of quarters: up to a quarter any
        # clock serves.
        zone = UTC if self._period <= _QUARTER else self._zone
        return time - into_hour(time, zone) % self._period
