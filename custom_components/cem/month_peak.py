"""The month's highest quarter hour: the meter's word, else our own count."""

from datetime import datetime

from homeassistant.util import dt as dt_util

from cem_core.limits import QuarterHour
from cem_core.model import Reading
from cem_core.model.units import kw
from cem_core.tariff import PeaksSoFar
from custom_components.cem.store import HomeStore


class MonthPeak:
    """Follows the quarter hours as they end."""

    def __init__(self, store: HomeStore) -> None:
        """Go on from what is stored."""
        self._store = store
        self._quarter: QuarterHour | None = None

    def power_w(self, now: datetime) -> int | None:
        """Return the peak of the month that ``now`` (local) falls in."""
        peak = self._store.month_peak
        if peak is None or peak["month"] != f"{now:%Y-%m}":
            return None
        power_w: int = peak["power_w"]
        return power_w

    def so_far(self, now: datetime) -> PeaksSoFar:
        """Return the peak of the month that ``now`` (local) falls in, if it has one."""
        power_w = self.power_w(now)
        return PeaksSoFar() if power_w is None else PeaksSoFar(peaks_kw=(kw(power_w),))

    def update(self, reading: Reading | None, quarter: QuarterHour | None) -> None:
        """Take the meter's peak; count a quarter hour of our own when it ends."""
        if reading is not None and reading.month_peak is not None:
            metered = reading.month_peak
            # It is stamped with the end of its quarter hour: the last one of
            # a month bears the first instant of the next.
            at = dt_util.as_local(reading.timestamp or metered.at or dt_util.utcnow())
            self._raise(at, metered.power_w)
            return
        last, self._quarter = self._quarter, quarter
        if last is not None and quarter is not None and last.start != quarter.start:
            self._raise(dt_util.as_local(last.start), last.mean_w)

    def _raise(self, at: datetime, power_w: int) -> None:
        known_w = self.power_w(at)
        if known_w is None or power_w > known_w:
            self._store.month_peak = {"month": f"{at:%Y-%m}", "power_w": power_w}
            self._store.save_later()
