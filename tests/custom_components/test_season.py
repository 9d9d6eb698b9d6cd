"""The season of a home without an outdoor thermometer: by a weather entity."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from unittest.mock import AsyncMock

from homeassistant.components.recorder import Recorder
from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import (
    CoreState,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from cem_core.insight.season import Season
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.outdoor_days import (
    async_foretold,
    async_measured,
    async_said,
)
from custom_components.cem.season import async_look, follow_season, weather_of
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
WEATHER = "weather.home"
ABSENT = "weather.absent"


def midnight() -> datetime:
    return dt_util.as_utc(dt_util.start_of_local_day())


def say(
    hass: HomeAssistant, start: datetime, temperatures: Sequence[float], unit: str
) -> None:
    """Have the weather say one temperature each six hours, and nothing else new."""
    for place, temperature in enumerate(temperatures):
        hass.states.async_set(
            WEATHER,
            "cloudy",
            {"temperature": temperature, "temperature_unit": unit},
            timestamp=(start + place * 6 * HOUR).timestamp(),
        )


def foretell(hass: HomeAssistant, **by_kind: list[dict[str, Any]]) -> None:
    """Have every weather entity foretell the rows of each kind that is given."""

    async def forecasts(call: ServiceCall) -> ServiceResponse:
        if (rows := by_kind.get(call.data["type"])) is None:
            raise HomeAssistantError("is not foretold")
        return {call.data["entity_id"]: {"forecast": list(rows)}}

    hass.services.async_register(
        "weather", "get_forecasts", forecasts, supports_response=SupportsResponse.ONLY
    )


def hours(start: datetime, *means_c: float, each: int = 24) -> list[dict[str, Any]]:
    return [
        {"datetime": (start + place * HOUR).isoformat(), "temperature": mean_c}
        for place, mean_c in enumerate(c for c in means_c for _ in range(each))
    ]


def days(start: datetime, *extremes: tuple[float, float | None]) -> list[Any]:
    """Return rows of days, as they are: by noon, and the night is not always told."""
    return [
        {
            "datetime": (start + place * DAY + 12 * HOUR).isoformat(),
            "temperature": high,
            "templow": low,
        }
        for place, (high, low) in enumerate(extremes)
    ]


@pytest.fixture
async def house(set_up: SetUp, monkeypatch: pytest.MonkeyPatch) -> Home:
    """Return a home whose heat pump has no outdoor thermometer."""
    usual = DATA[Kind.HEAT_PUMP]
    data = {key: usual[key] for key in usual if key != "outdoor_temperature"}
    monkeypatch.setitem(DATA, Kind.HEAT_PUMP, data)
    return await set_up(Kind.METER, Kind.HEAT_PUMP)


@pytest.mark.parametrize(
    ("unit", "cold", "warm"), [("°C", 10.0, 20.0), ("°F", 50.0, 68.0)]
)
async def test_a_day_is_the_mean_of_what_was_said(
    recorded: Recorder, hass: HomeAssistant, unit: str, cold: float, warm: float
) -> None:
    """The state is the same all the time: only the temperature changes."""
    start = midnight() - 3 * DAY
    say(hass, start - HOUR, [cold], unit)
    say(hass, start + 12 * HOUR, [warm, cold, cold, cold, warm, warm], unit)
    hass.states.async_set(
        WEATHER, "unavailable", timestamp=(start + 54 * HOUR).timestamp()
    )
    await async_wait_recording_done(hass)
    # 12 h of 10, 6 of 20, 6 of 10; 12 of 10, 12 of 20; six hours are no day.
    assert await async_said(hass, WEATHER, start, 3) == pytest.approx([12.5, 15, None])


async def test_nothing_said_is_nothing_known(
    recorded: Recorder, hass: HomeAssistant
) -> None:
    assert await async_said(hass, ABSENT, midnight() - DAY, 1) == [None]
    assert await async_said(hass, "sensor.tells", midnight() - DAY, 1) == [None]


async def test_without_a_recorder_nothing_was_said(hass: HomeAssistant) -> None:
    assert await async_said(hass, WEATHER, midnight() - DAY, 2) == [None, None]
    assert await async_measured(hass, "sensor.out", midnight() - DAY, 1) == [None]


async def test_a_day_is_foretold_by_its_hours_else_by_its_extremes(
    hass: HomeAssistant,
) -> None:
    start = midnight() + DAY
    known = days(start, (30, 20), (9, 3), (8, None), (12, 4))
    foretell(hass, hourly=hours(start, 11.0), daily=known)
    assert await async_foretold(hass, WEATHER, start, 4) == [11, 6, None, 8]
    foretell(hass, daily=known)
    assert await async_foretold(hass, WEATHER, start, 1) == [25]
    hass.states.async_set(WEATHER, "sunny", {"temperature_unit": "°F"})
    foretell(hass, daily=days(start, (59, 41)))
    assert await async_foretold(hass, WEATHER, start, 1) == pytest.approx([10])


async def test_a_few_hours_are_no_day(hass: HomeAssistant) -> None:
    start = midnight() + DAY
    foretell(hass, hourly=hours(start, 11.0, each=17))
    assert await async_foretold(hass, WEATHER, start, 1) == [None]
    foretell(hass, hourly=hours(start, 11.0, each=18))
    assert await async_foretold(hass, WEATHER, start, 1) == [11]


async def test_a_sensor_with_a_forecast_tells_of_days_too(hass: HomeAssistant) -> None:
    start = midnight() + DAY
    told = {"forecast": hours(start, 18, 19), "unit_of_measurement": "°C"}
    hass.states.async_set("sensor.tells", "3", told)
    found = await async_foretold(hass, "sensor.tells", start, 3)
    assert found == [18, 19, None]


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        ([], (Season.COOLING, 28)),
        ([16], (Season.COOLING, 23)),  # with the first two that are foretold
        ([10, 10, 16], (Season.HEATING, 12)),
    ],
)
async def test_the_season_is_foretold_until_three_days_were_seen(
    recorded: Recorder,
    hass: HomeAssistant,
    house: Home,
    seen: list[float],
    expected: tuple[Season, float],
) -> None:
    foretell(hass, hourly=hours(midnight() + DAY, 25, 28, 31))
    first = midnight() - len(seen) * DAY + timedelta(seconds=1)
    say(hass, first, [mean_c for mean_c in seen for _ in range(4)], "°C")
    hass.states.async_set(WEATHER, "sunny")
    await async_wait_recording_done(hass)
    await async_look(house)
    assert (house.season, house.weather.mean_c) == expected
    state = hass.states.get("select.home_season")
    assert state is not None
    assert state.attributes["outdoor_mean_c"] == expected[1]


async def test_a_thermometer_without_statistics_leaves_it_to_the_weather(
    recorded: Recorder, hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    hass.states.async_set(WEATHER, "sunny")
    foretell(hass, hourly=hours(midnight() + DAY, 18, 18, 18))
    await async_look(home)
    assert home.season is Season.NONE


async def test_without_a_weather_entity_it_is_heated(
    hass: HomeAssistant, house: Home
) -> None:
    foretell(hass, hourly=hours(midnight() + DAY, 25, 28, 31))
    await async_look(house)
    assert (house.season, house.weather.mean_c) == (Season.HEATING, None)


async def test_a_weather_that_fails_changes_nothing(
    hass: HomeAssistant, house: Home
) -> None:
    hass.states.async_set(WEATHER, "sunny")
    foretell(hass)
    await async_look(house)
    assert (house.season, house.weather.mean_c) == (Season.HEATING, None)


async def test_whose_weather_it_is(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    assert weather_of(home) is None
    for name in (WEATHER, "weather.airport"):
        hass.states.async_set(name, "sunny")
    assert weather_of(home) == "weather.airport"
    (pump,) = home.devices.values()
    monkeypatch.setitem(pump.instead, "outdoor_forecast", "sensor.tells")
    assert weather_of(home) == "sensor.tells"
    options = hass.config_entries.options
    form = await options.async_init(home.entry.entry_id)
    await options.async_configure(form["flow_id"], {"weather": WEATHER})
    await hass.async_block_till_done()
    assert weather_of(home.entry.runtime_data) == WEATHER


async def test_it_is_looked_again_once_all_have_started(
    hass: HomeAssistant, house: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A weather entity of another integration may come after the home."""
    looked = AsyncMock()
    monkeypatch.setattr("custom_components.cem.season.async_look", looked)
    hass.set_state(CoreState.starting)
    stop = follow_season(house)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert looked.await_count == 1
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert looked.await_count == 2
    stop()
