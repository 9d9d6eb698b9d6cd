"""Comfort by a schedule of Home Assistant, and the season that a home is heated in."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from cem_core.insight.season import Season
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.planning.document import request
from custom_components.cem.season import async_look
from tests.custom_components.conftest import SetUp, know_start_values
from tests.custom_components.house import DATA
from tests.custom_components.test_planner import NOW, outlook

HOUR = timedelta(hours=1)
SCHEDULE = "schedule.rooms"
OUTDOOR = "sensor.outdoor_of_pump"
BLOCKS = [
    {"from": "06:00:00", "to": "09:00:00"},
    {"from": "17:00:00", "to": "23:00:00", "data": {"comfort_min": 21}},
]


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let a schedule wait for its next block: Home Assistant stops before that."""
    return True


def pump(home: Home) -> ControlledDevice:
    (found,) = home.devices.values()
    return found


@pytest.fixture
async def scheduled(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> Home:
    """Return a home whose heat pump follows a schedule; it is evening."""
    freezer.move_to(NOW)
    await hass.config.async_set_time_zone("UTC")
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
    week = {**dict.fromkeys(days, BLOCKS), "sunday": [], "name": "Rooms"}
    assert await async_setup_component(hass, "schedule", {"schedule": {"rooms": week}})
    await hass.async_block_till_done()
    said = {"comfort_schedule": SCHEDULE, "setback": 3}
    monkeypatch.setitem(DATA, Kind.HEAT_PUMP, DATA[Kind.HEAT_PUMP] | said)
    return await set_up(Kind.METER, Kind.HEAT_PUMP)


async def test_a_plan_knows_the_whole_week(scheduled: Home) -> None:
    usual = pump(scheduled).form
    low, high = usual["comfort_min"], usual["comfort_max"]
    given = outlook()
    asked = request(scheduled, given)
    name = pump(scheduled).device_id
    lows, highs = (asked.series[f"{name}_{end}_c"] for end in ("min", "max"))
    for time, lowest, highest in zip(given.steps.times, lows, highs, strict=True):
        local = dt_util.as_local(time)
        expected = low - 3
        if local.weekday() < 6 and 6 <= local.hour < 9:
            expected = low
        if local.weekday() < 6 and 17 <= local.hour < 23:
            expected = 21
        assert (lowest, highest) == (expected, high), local
    assert set(lows) == {low - 3, low, 21}


async def test_the_pump_itself_is_told_when_a_block_begins_and_ends(
    hass: HomeAssistant, scheduled: Home, freezer: FrozenDateTimeFactory
) -> None:
    device = pump(scheduled)
    wanted: list[str] = []
    low = device.form["comfort_min"]
    assert device.data["comfort_min"] == 21
    scheduled.replan_wanted = wanted.append
    for clock, expected in (("23:00:01", low - 3), ("06:00:01", low)):
        day = NOW + (clock < "12") * timedelta(days=1)
        freezer.move_to(f"{day:%Y-%m-%d} {clock}+00:00")
        async_fire_time_changed(hass)
        await hass.async_block_till_done()
        assert device.data["comfort_min"] == expected, clock
    assert "comfort" in wanted


async def test_a_schedule_that_is_gone_leaves_the_usual(
    hass: HomeAssistant,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said = {"comfort_schedule": "schedule.gone", "setback": 3}
    monkeypatch.setitem(DATA, Kind.HEAT_PUMP, DATA[Kind.HEAT_PUMP] | said)
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    await hass.async_block_till_done()
    device = pump(home)
    assert device.comfort_week is None
    assert device.data["comfort_min"] == device.form["comfort_min"]


def days_of(hass: HomeAssistant, *means_c: float) -> None:
    """Let the recorder know the means of the last whole days, the latest last."""
    midnight = dt_util.now().replace(hour=0, minute=0, second=0, microsecond=0)
    start = dt_util.as_utc(midnight) - len(means_c) * 24 * HOUR
    async_import_statistics(
        hass,
        StatisticMetaData(
            mean_type=StatisticMeanType.ARITHMETIC,
            has_sum=False,
            name=None,
            source="recorder",
            statistic_id=OUTDOOR,
            unit_class="temperature",
            unit_of_measurement="°C",
        ),
        [
            StatisticData(start=start + n * HOUR, mean=means_c[n // 24])
            for n in range(24 * len(means_c))
        ],
    )


async def chosen(hass: HomeAssistant, option: str) -> None:
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": "select.home_season", "option": option},
        blocking=True,
    )


def shown(hass: HomeAssistant) -> tuple[str, Any, Any]:
    state = hass.states.get("select.home_season")
    assert state is not None
    return (
        state.state,
        state.attributes["in_force"],
        state.attributes["outdoor_mean_c"],
    )


async def test_the_season_follows_the_weather_and_a_person_overrules_it(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = {"outdoor_temperature": OUTDOOR}
    monkeypatch.setitem(DATA, Kind.HEAT_PUMP, DATA[Kind.HEAT_PUMP] | said)
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    assert shown(hass) == ("by_weather", "heating", None)
    wanted: list[str] = []
    home.replan_wanted = wanted.append
    days_of(hass, 18, 20, 19)
    await async_wait_recording_done(hass)
    await async_look(home, OUTDOOR)
    assert shown(hass) == ("by_weather", "none", 19.0)
    assert wanted == ["season"]
    await chosen(hass, "heating")
    assert shown(hass) == ("heating", "heating", 19.0)
    assert wanted == ["season", "season"]
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again: Home = home.entry.runtime_data
    assert again.season is Season.HEATING
    await chosen(hass, "by_weather")
    assert again.store.season is None


async def test_outside_the_heating_season_a_heat_pump_is_left_to_itself(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NOW)
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    know_start_values(home)
    name = pump(home).device_id
    planned = [each["id"] for each in request(home, outlook()).home["devices"]]
    assert name in planned
    await chosen(hass, "none")
    planned = [each["id"] for each in request(home, outlook()).home["devices"]]
    assert name not in planned
