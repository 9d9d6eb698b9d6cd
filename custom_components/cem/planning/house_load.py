"""The load that cannot be controlled: from long-term statistics.

The median of the same hour on the last days of the same kind (working day or
weekend), later days counting more. A home without history starts with a
typical profile, scaled to what it uses a year.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

HISTORY: Final = timedelta(days=28)
_FADE_DAYS: Final = 14.0
_FIRST_WEEKEND_DAY: Final = 5
# What is measured now says more about the next hour than any history.
_PRESENT_COUNTS_H: Final = 1.0

# Share of a day's energy in each hour: quiet nights, a morning, an evening.
_TYPICAL: Final = (
    *(0.024, 0.021, 0.020, 0.019, 0.020, 0.024, 0.034, 0.044),
    *(0.044, 0.040, 0.039, 0.041, 0.045, 0.042, 0.039, 0.039),
    *(0.046, 0.060, 0.070, 0.070, 0.065, 0.058, 0.048, 0.034),
)

type Sample = tuple[datetime, float]


class HouseLoad:
    """Foretells the load of one home."""

    def __init__(
        self, samples: Iterable[Sample], *, annual_wh: float, now: datetime
    ) -> None:
        """Take hourly means in W, with the start of their hour in UTC."""
        self._hour_w = annual_wh / 365
        self._now = now
        self._by_hour: dict[tuple[bool, int], list[tuple[float, float]]] = {}
        for start, power_w in samples:
            age_days = (now - start) / timedelta(days=1)
            weight = 0.5 ** (age_days / _FADE_DAYS)
            self._by_hour.setdefault(_key(start), []).append((power_w, weight))

    def at(self, time: datetime, present_w: float | None = None) -> float:
        """Return the mean load in W around ``time``."""
        usual_w = self._usual_w(time)
        if present_w is None:
            return usual_w
        ahead_h = max(0.0, (time - self._now) / timedelta(hours=1))
        share = max(0.0, 1 - ahead_h / _PRESENT_COUNTS_H)
        return share * present_w + (1 - share) * usual_w

    def _usual_w(self, time: datetime) -> float:
        weekend, hour = _key(time)
        for kind in (weekend, not weekend):
            if found := self._by_hour.get((kind, hour)):
                return weighted_median(found)
        return self._hour_w * _TYPICAL[hour] / sum(_TYPICAL)


def _key(time: datetime) -> tuple[bool, int]:
    local = dt_util.as_local(time)
    return local.weekday() >= _FIRST_WEEKEND_DAY, local.hour


def weighted_median(samples: Sequence[tuple[float, float]]) -> float:
    """Return the value that half of the weight is below."""
    ordered = sorted(samples)
    half = sum(weight for _, weight in ordered) / 2
    passed = 0.0
    for value, weight in ordered:
        passed += weight
        if passed >= half:
            return value
    return ordered[-1][0]


async def async_history(hass: HomeAssistant, statistic_id: str | None) -> list[Sample]:
    """Return hourly means of the last weeks, none where nothing is recorded."""
    if statistic_id is None or "recorder" not in hass.config.components:
        return []
    start = dt_util.utcnow() - HISTORY
    found = await get_instance(hass).async_add_executor_job(
        partial(
            statistics_during_period,
            hass,
            start,
            None,
            {statistic_id},
            "hour",
            {"power": "W"},
            {"mean"},
        )
    )
    return [
        (dt_util.utc_from_timestamp(row["start"]), mean)
        for row in found.get(statistic_id, [])
        if (mean := row.get("mean")) is not None
    ]
