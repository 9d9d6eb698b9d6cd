"""The load that cannot be controlled: what is foretold, and what it is now."""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import HomeAssistant

from cem_core.model import Series
from custom_components.cem.learning.statistics import HOUR, Column, async_means

# What is measured now says more about the next hour than any history.
_PRESENT_COUNTS_H: Final = 1.0
_SPAN: Final = timedelta(minutes=15)

type Sample = tuple[datetime, float]


class HouseLoad:
    """The load of one home to come."""

    def __init__(self, foretold: Series, *, now: datetime) -> None:
        """Take the forecast in W."""
        self._foretold = foretold
        self._now = now

    def seen_at(self, now: datetime) -> HouseLoad:
        """Return the same forecast, looked at later."""
        return HouseLoad(self._foretold, now=now)

    def at(self, time: datetime, present_w: float | None = None) -> float:
        """Return the mean load in W in the quarter of an hour from ``time`` on."""
        usual_w = self._foretold.mean(time, time + _SPAN) or 0.0
        if present_w is None:
            return usual_w
        ahead_h = max(0.0, (time - self._now) / HOUR)
        share = max(0.0, 1 - ahead_h / _PRESENT_COUNTS_H)
        return share * present_w + (1 - share) * usual_w


async def async_load_history(
    hass: HomeAssistant,
    statistic_id: str | None,
    before: Mapping[datetime, float],
    times: Iterable[datetime],
) -> Column:
    """Return the load in W of the hours ``times``: ours, else what was before."""
    hours = list(times)
    own: Column = [None] * len(hours)
    if statistic_id is not None and hours:
        found = await async_means(hass, [statistic_id], hours[0], len(hours))
        own = found[statistic_id]
    return [
        before.get(hour) if power_w is None else power_w
        for hour, power_w in zip(hours, own, strict=True)
    ]
