"""Prices by the kind of day, as entities and calendars tell it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util.json import JsonValueType
import pytest

from custom_components.cem.forms.price_sheet import sheet_refusals
from custom_components.cem.planning.prices import async_prices

MIDNIGHT = datetime(2026, 1, 14, 23, tzinfo=UTC)  # the 15th in Paris
HOUR = timedelta(hours=1)
SHEET = {
    "method": "time_of_use",
    "calendar": "france_tempo",
    "period_prices": "blue_peak 0.16, blue_off_peak 0.13, white_peak 0.19,"
    " white_off_peak 0.15, red_peak 0.71, red_off_peak 0.16",
}
BY_SENSORS = {"day_kind_entity": "sensor.now", "next_day_kind_entity": "sensor.next"}


@pytest.fixture(autouse=True)
async def paris(hass: HomeAssistant, freezer: Any) -> None:
    freezer.move_to(MIDNIGHT + 12 * HOUR)
    await hass.config.async_set_time_zone("Europe/Paris")


async def test_sensors_tell_the_day_that_runs_and_the_next(hass: HomeAssistant) -> None:
    hass.states.async_set("sensor.now", "Rouge")
    hass.states.async_set("sensor.next", "Blanc")
    at = (await async_prices(hass, SHEET | BY_SENSORS)).imported.at
    assert at(MIDNIGHT + 12 * HOUR) == 0.71
    assert at(MIDNIGHT + 29 * HOUR) == 0.16  # red ends at 6
    assert at(MIDNIGHT + 30 * HOUR) == 0.19
    assert at(MIDNIGHT + 55 * HOUR) == 0.16  # blue, as nobody tells


async def test_before_six_the_day_before_runs(
    hass: HomeAssistant, freezer: Any
) -> None:
    freezer.move_to(MIDNIGHT + 3 * HOUR)
    hass.states.async_set("sensor.now", "Rouge")
    hass.states.async_set("sensor.next", "unknown")
    at = (await async_prices(hass, SHEET | BY_SENSORS)).imported.at
    assert at(MIDNIGHT + 3 * HOUR) == 0.16
    assert at(MIDNIGHT + 12 * HOUR) == 0.16
    hass.states.async_set("sensor.next", "Rouge")
    at = (await async_prices(hass, SHEET | BY_SENSORS)).imported.at
    assert at(MIDNIGHT + 12 * HOUR) == 0.71


async def test_a_calendar_tells_each_day_by_its_title(hass: HomeAssistant) -> None:
    async def events(call: ServiceCall) -> ServiceResponse:
        assert call.data["start_date_time"].isoformat() == "2026-01-14T00:00:00+01:00"
        told: list[JsonValueType] = [
            {"summary": "Jour Tempo Blanc ⚪", "start": "2026-01-15"},
            {"summary": "🔴", "start": "2026-01-16T06:00:00+01:00"},
            {"summary": "Dentist", "start": "2026-01-16T10:00:00+01:00"},
        ]
        return {"calendar.tempo": {"events": told}}

    hass.services.async_register(
        "calendar", "get_events", events, supports_response=SupportsResponse.ONLY
    )
    by_calendar = {"day_kind_entity": "calendar.tempo"}
    at = (await async_prices(hass, SHEET | by_calendar)).imported.at
    assert at(MIDNIGHT + 12 * HOUR) == 0.19
    assert at(MIDNIGHT + 36 * HOUR) == 0.71


async def test_a_calendar_that_fails_leaves_days_blue(hass: HomeAssistant) -> None:
    async def fails(_: ServiceCall) -> ServiceResponse:
        raise HomeAssistantError("away")

    hass.services.async_register(
        "calendar", "get_events", fails, supports_response=SupportsResponse.ONLY
    )
    by_calendar = {"day_kind_entity": "calendar.tempo"}
    found = await async_prices(hass, SHEET | by_calendar)
    assert found.imported.at(MIDNIGHT + 12 * HOUR) == 0.16


async def test_a_calendar_of_colours_needs_who_tells_them(hass: HomeAssistant) -> None:
    refused = await sheet_refusals(hass, SHEET)
    assert refused == {"base": "calendar_needs_day_kinds"}
    assert await sheet_refusals(hass, SHEET | BY_SENSORS) == {}
