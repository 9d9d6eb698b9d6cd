"""The season of a home: followed by the weather, or said by a person."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from itertools import chain
from typing import Final

from homeassistant.core import CoreState, HomeAssistant, callback
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.helpers.start import async_at_started
from homeassistant.util import dt as dt_util

from cem_core.insight.season import DAYS, Season
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.home_profile import tell_season
from custom_components.cem.outdoor_days import (
    async_foretold,
    async_measured,
    async_said,
)

_DAY: Final = timedelta(days=1)
_EVERY: Final = timedelta(hours=1)


def follow_season(home: Home) -> Callable[[], None]:
    """Look at the weather of the last days, until what is returned is called."""
    _tell(home)
    if not _heat_pumps(home):
        return lambda: None

    @callback
    def due(_: datetime | HomeAssistant) -> None:
        home.entry.async_create_background_task(
            home.hass, async_look(home), "cem season"
        )

    due(home.hass)
    stops = [async_track_time_interval(home.hass, due, _EVERY)]
    if home.hass.state is not CoreState.running:  # weather entities may yet come
        stops.append(async_at_started(home.hass, due))

    @callback
    def stop() -> None:
        for each in stops:
            each()

    return stop


def thermometer_of(home: Home) -> str | None:
    """Return the outdoor sensor of the first heat pump that has one."""
    return next(_said(home, "outdoor_temperature"), None)


def weather_of(home: Home) -> str | None:
    """Return who tells of the weather where no thermometer does.

    It is what somebody chose, else what a heat pump's forecast is of, else the first
    weather entity that there is.
    """
    if home.settings.weather is not None:
        return home.settings.weather
    there = sorted(home.hass.states.async_entity_ids("weather"))
    return next(chain(_said(home, "outdoor_forecast"), there), None)


async def async_look(home: Home) -> None:
    """Take the mean temperatures of the last whole days.

    A day without a mean of the thermometer has the weather's, and as many as are
    still missing are those foretold from tomorrow on.
    """
    hass, midnight = home.hass, dt_util.as_utc(dt_util.start_of_local_day())
    start = midnight - DAYS * _DAY
    days: list[float | None] = [None] * DAYS
    if (thermometer := thermometer_of(home)) is not None:
        days = await async_measured(hass, thermometer, start, DAYS)
    if None in days and (weather := weather_of(home)) is not None:
        said = await async_said(hass, weather, start, DAYS)
        days = [b if a is None else a for a, b in zip(days, said, strict=True)]
        if None in days:
            days += await async_foretold(hass, weather, midnight + _DAY, DAYS)
    before = home.season
    home.weather.look([mean_c for mean_c in days if mean_c is not None][:DAYS])
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
        tell_season(device, home.season_of(device), home.profile)


def _heat_pumps(home: Home) -> list[ControlledDevice]:
    return [each for each in home.devices.values() if each.kind is Kind.HEAT_PUMP]


def _said(home: Home, key: str) -> Iterator[str]:
    return (each.data[key] for each in _heat_pumps(home) if key in each.data)
