"""Comfort by a schedule of Home Assistant, and the season that a home is heated in."""

from datetime import datetime, time as clock_time, timedelta
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
from hypothesis import assume, given, strategies as st
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from cem_core.insight.season import Season
from cem_core.model.comfort_week import ComfortWeek
from custom_components.cem.comfort import async_look as comfort_look, week_of_form
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.forms import FORMS
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
    await async_look(home)
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


TIMES = {
    "weekday_from": "06:30:00",
    "weekday_to": "22:00:00",
    "weekday_temperature": 21,
    "weekend_from": "08:00:00",
    "weekend_to": "01:00:00",
    "setback": 3,
}


def lowest(week: ComfortWeek | None, day: int, clock: str) -> float:
    """Return the lowest temperature at a time of a weekday, Monday being 0."""
    assert week is not None
    monday = datetime.fromisoformat(f"2026-01-12T{clock}")
    return week.band(monday + timedelta(days=day), (20, 22))[0]


@pytest.mark.parametrize(
    ("day", "clock", "expected"),
    [
        (0, "06:29", 17),
        (0, "06:30", 21),
        (4, "21:59", 21),
        (4, "22:00", 17),
        (5, "07:59", 17),
        (5, "08:00", 20),
        (6, "00:59", 20),  # Saturday's evening
        (6, "01:00", 17),
        (0, "00:59", 20),  # Sunday's
        (5, "00:59", 17),  # not Friday's
    ],
)
def test_times_of_the_form_are_a_week(day: int, clock: str, expected: float) -> None:
    assert lowest(week_of_form(TIMES), day, clock) == expected


def test_what_has_times_for_some_days_keeps_them_all_week() -> None:
    weekdays = {k: v for k, v in TIMES.items() if not k.startswith("weekend")}
    weekends = {k: v for k, v in TIMES.items() if not k.startswith("weekday")}
    assert lowest(week_of_form(weekdays), 6, "06:30") == 21
    assert lowest(week_of_form(weekends), 2, "12:00") == 20
    assert week_of_form({"setback": 3}) is None


@given(
    st.times().map(lambda t: t.replace(microsecond=0)),
    st.times().map(lambda t: t.replace(microsecond=0)),
    st.integers(0, 7 * 24 * 60 - 1),
)
def test_a_time_is_in_a_block_or_in_the_rest_of_the_day(
    begins: clock_time, ends: clock_time, minute: int
) -> None:
    """From one time to the other and back again is the whole week, once."""
    assume(begins != ends)
    there = {"weekday_from": str(begins), "weekday_to": str(ends), "setback": 2}
    back = there | {"weekday_from": str(ends), "weekday_to": str(begins)}
    at = datetime(2026, 1, 12) + timedelta(minutes=minute)  # noqa: DTZ001 - a wall clock
    bands = [
        week.band(at, (20, 22))[0]
        for each in (there, back)
        if (week := week_of_form(each))
    ]
    assert sorted(bands) == [18, 20]


async def test_the_times_of_a_form_are_planned_and_told(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freezer.move_to(NOW)  # a Thursday
    await hass.config.async_set_time_zone("UTC")
    monkeypatch.setitem(DATA, Kind.HEAT_PUMP, DATA[Kind.HEAT_PUMP] | TIMES)
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    await hass.async_block_till_done()
    know_start_values(home)
    device = pump(home)
    assert device.data["comfort_min"] == 21
    given = outlook()
    lows = request(home, given).series["heat_pump_min_c"]
    for at, low in zip(given.steps.times, lows, strict=True):
        assert low == (21 if clock_time(6, 30) <= at.time() < clock_time(22) else 17), (
            at
        )
    freezer.move_to(NOW.replace(hour=22, minute=0, second=0))
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    assert device.data["comfort_min"] == 17


async def test_a_schedule_counts_more_than_the_times_of_the_form(
    hass: HomeAssistant, scheduled: Home
) -> None:
    device = pump(scheduled)
    device.form = {**device.form, **TIMES}
    await comfort_look(scheduled, device)
    assert lowest(device.comfort_week, 0, "12:00") == 17
    hass.states.async_remove(SCHEDULE)
    await comfort_look(scheduled, device)
    assert lowest(device.comfort_week, 0, "12:00") == 21


@pytest.mark.parametrize(
    ("answers", "refused"),
    [
        ({}, {}),
        (TIMES, {}),
        ({"weekday_from": "06:00:00"}, {"weekday_to": "comfort_half"}),
        ({"weekend_temperature": 21}, {"weekend_from": "comfort_half"}),
        (
            {"weekend_from": "06:00:00", "weekend_to": "06:00:00"},
            {"weekend_to": "comfort_no_time"},
        ),
    ],
)
async def test_times_that_the_form_refuses(
    hass: HomeAssistant, answers: dict[str, Any], refused: dict[str, str]
) -> None:
    form = FORMS[Kind.HEAT_PUMP]["on_off"]
    assert form.check is not None
    assert await form.check(hass, DATA[Kind.HEAT_PUMP] | answers) == refused
