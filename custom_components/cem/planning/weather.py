"""Temperatures and sun to come, from whatever Home Assistant knows."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.const import UnitOfTemperature
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import TemperatureConverter

from cem_core.model import Interval, Series, SeriesError
from custom_components.cem.numbers import ATTR_UNIT, scale_w
from custom_components.cem.planning.forecast_rows import forecast_of, series_of


async def async_outdoor(hass: HomeAssistant, entity_id: str | None) -> Series:
    """Return outdoor temperatures in °C; empty when nothing is foretold."""
    if entity_id is None:
        return Series(())
    if not entity_id.startswith("weather."):
        state = hass.states.get(entity_id)
        if state is None:
            return Series(())
        return _in_celsius(forecast_of(state), state.attributes.get(ATTR_UNIT))
    try:
        answer: Any = await hass.services.async_call(
            "weather",
            "get_forecasts",
            {"entity_id": entity_id, "type": "hourly"},
            blocking=True,
            return_response=True,
        )
    except HomeAssistantError as error:
        raise SeriesError(f"{entity_id}: {error}") from error
    found = series_of((answer or {}).get(entity_id, {}).get("forecast", []))
    state = hass.states.get(entity_id)
    unit = None if state is None else state.attributes.get("temperature_unit")
    return _in_celsius(found, unit)


def _in_celsius(temperatures: Series, unit: object) -> Series:
    if unit != UnitOfTemperature.FAHRENHEIT:
        return temperatures
    convert = TemperatureConverter.converter_factory(
        UnitOfTemperature.FAHRENHEIT, UnitOfTemperature.CELSIUS
    )
    return Series(
        tuple(
            replace(each, value=convert(each.value)) for each in temperatures.intervals
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
