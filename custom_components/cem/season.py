"""The season of a home: followed by the weather, or said by a person."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from cem_core.insight.season import DAYS, Season
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.home_profile import tell_season
from custom_components.cem.learning.statistics import HOUR, async_means

_EVERY: Final = timedelta(hours=1)
_HOURS: Final = 24
_LEAST_HOURS: Final = 18  # of a day, for its mean


def follow_season(home: Home) -> Callable[[], None]:
    """Look at the weather of the last days, until what is returned is called."""
    _tell(home)
    thermometer = thermometer_of(home)
    if thermometer is None:
        return lambda: None

    @callback
    def due(_: datetime) -> None:
        home.entry.async_create_background_task(
            home.hass, async_look(home, thermometer), "cem season"
        )

    due(dt_util.utcnow())
    return async_track_time_interval(home.hass, due, _EVERY)


def thermometer_of(home: Home) -> str | None:
    """Return the outdoor sensor of the first heat pump that has one."""
    for device in home.devices.values():
        if device.kind is Kind.HEAT_PUMP and "outdoor_temperature" in device.data:
            found: str = device.data["outdoor_temperature"]
            return found
    return None


async def async_look(home: Home, thermometer: str) -> None:
    """Take the mean temperatures of the last whole days."""
    midnight = dt_util.now().replace(hour=0, minute=0, second=0, microsecond=0)
    start = dt_util.as_utc(midnight) - DAYS * _HOURS * HOUR
    means = await async_means(home.hass, [thermometer], start, DAYS * _HOURS)
    hours = means[thermometer]
    days = [_mean(hours[n * _HOURS : (n + 1) * _HOURS]) for n in range(DAYS)]
    before = home.season
    home.weather.look(days)
    _changed(home, before)


async def async_set_season(home: Home, chosen: Season | None) -> None:
    """Take what a person says; None: by the weather."""
    before, home.store.season = home.season, chosen
    await home.store.async_save()
    _changed(home, before)


def _changed(home: Home, before: Season) -> None:
    if home.season is not before:
        _tell(home)
        home.replan_wanted("season")
    home.notify()


def _tell(home: Home) -> None:
    for device in home.devices.values():
        tell_season(device, home.season, home.profile)


def _mean(hours: list[float | None]) -> float | None:
    known = [mean_c for mean_c in hours if mean_c is not None]
    return sum(known) / len(known) if len(known) >= _LEAST_HOURS else None
