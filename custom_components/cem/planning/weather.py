"""Temperatures and sun to come, from whatever Home Assistant knows."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.const import UnitOfTemperature
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import TemperatureConverter

from cem_core.model import Interval, Series, SeriesError
from custom_components.cem.numbers import ATTR_UNIT, finite, scale_w
from custom_components.cem.planning.forecast_rows import forecast_of, series_of


async def async_outdoor(hass: HomeAssistant, entity_id: str | None) -> Series:
    """Return outdoor temperatures in °C; empty when nothing is foretold."""
    if entity_id is None:
        return Series(())
    if not is_weather(entity_id):
        state = hass.states.get(entity_id)
        if state is None:
            return Series(())
        return _in_celsius(forecast_of(state), state.attributes.get(ATTR_UNIT))
    found = series_of(await _async_rows(hass, entity_id, "hourly"))
    return _in_celsius(found, _unit(hass, entity_id))


async def async_daily(hass: HomeAssistant, weather: str) -> dict[date, float]:
    """Return what each day to come has half way between its extremes, in °C.

    Days that lack one of the two are left out. Raises `SeriesError` for an entity
    that foretells no days.
    """
    unit, middles = _unit(hass, weather), {}
    for row in await _async_rows(hass, weather, "daily"):
        time = dt_util.parse_datetime(str(row.get("datetime")))
        high, low = finite(row.get("temperature")), finite(row.get("templow"))
        if time is not None and high is not None and low is not None:
            day = dt_util.as_local(time).date()
            middles[day] = degrees_c((high + low) / 2, unit)
    return middles


def is_weather(entity_id: str) -> bool:
    """Tell whether it is a weather entity, which is asked for its forecasts."""
    return entity_id.startswith("weather.")


def degrees_c(temperature: float, unit: object) -> float:
    """Return a temperature in °C; in any unit but °F it is taken to be that."""
    fahrenheit = UnitOfTemperature.FAHRENHEIT
    if unit != fahrenheit:
        return temperature
    return TemperatureConverter.convert(
        temperature, fahrenheit, UnitOfTemperature.CELSIUS
    )


async def _async_rows(hass: HomeAssistant, weather: str, kind: str) -> list[Any]:
    try:
        answer: Any = await hass.services.async_call(
            "weather",
            "get_forecasts",
            {"entity_id": weather, "type": kind},
            blocking=True,
            return_response=True,
        )
    except HomeAssistantError as error:
        raise SeriesError(f"{weather}: {error}") from error
    rows: list[Any] = (answer or {}).get(weather, {}).get("forecast", [])
    return rows


def _unit(hass: HomeAssistant, weather: str) -> object:
    state = hass.states.get(weather)
    return None if state is None else state.attributes.get("temperature_unit")


def _in_celsius(temperatures: Series, unit: object) -> Series:
    return Series(
        tuple(
            replace(each, value=degrees_c(each.value, unit))
            for each in temperatures.intervals
        )
    )


async def async_solar(hass: HomeAssistant, data: Mapping[str, Any]) -> Series:
    """Return the solar production to come in W; empty when nothing is foretold."""
    if entity_id := data.get("forecast_entity"):
        state = hass.states.get(entity_id)
        return forecast_of(state, scale_w(state)) if state else Series(())
    if entry_id := data.get("forecast_entries"):
        return await _of_energy_platform(hass, entry_id)
    return Series(())


async def _of_energy_platform(hass: HomeAssistant, entry_id: str) -> Series:
    """Ask the integration that the energy dashboard would ask."""
    entry = hass.config_entries.async_get_entry(entry_id)
    if entry is None or "energy" not in hass.config.components:
        return Series(())
    platforms = await async_get_energy_platforms(hass)
    ask = platforms.get(entry.domain)
    if ask is None:
        return Series(())
    # Gathered, as another integration may fail in any way.
    (found,) = await asyncio.gather(ask(hass, entry_id), return_exceptions=True)
    if isinstance(found, Exception):
        raise SeriesError(f"the forecast of {entry.title}: {found!r}") from found
    watt_hours = found.get("wh_hours") if isinstance(found, Mapping) else None
    return of_watt_hours(watt_hours) if watt_hours else Series(())


def of_watt_hours(watt_hours: Mapping[str, float]) -> Series:
    """Turn Wh by the start of their period into W."""
    rows: list[tuple[datetime, float]] = []
    for text, energy_wh in watt_hours.items():
        start = dt_util.parse_datetime(text)
        if start is None:
            raise SeriesError(f"{text!r} is no time")
        rows.append((dt_util.as_utc(start), energy_wh))
    rows.sort()
    intervals = []
    for place, (start, energy_wh) in enumerate(rows):
        step = timedelta(hours=1)
        if place + 1 < len(rows):
            step = min(step, rows[place + 1][0] - start)
        hours = step / timedelta(hours=1)
        intervals.append(
            Interval(start=start, end=start + step, value=energy_wh / hours)
        )
    return Series.of(intervals)
