"""Rooms that are cooled: in the plan, by the sun, and only where something cools."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from cem_core.insight.season import Season
from cem_core.model import Interval, Series
from cem_core.model.plan_json import plan_from_json
from cem_core.model.profile import Profile, ProfileChoice
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.home_profile import async_set_profile, effects
from custom_components.cem.planning.document import request
from custom_components.cem.planning.hot_day import look_ahead
from custom_components.cem.planning.outlook import Outlook
from custom_components.cem.season import async_set_season
from tests.custom_components.conftest import SetUp, know_start_values
from tests.custom_components.house import CELSIUS, DATA, STATES
from tests.custom_components.test_heat_pump_tank import TANK, solved
from tests.custom_components.test_hot_water import only, pass_time, with_one
from tests.custom_components.test_planner import device, outlook

MORNING = datetime(2026, 7, 15, 4, 0, tzinfo=dt_util.UTC)
THERMOSTAT = {"method": "climate", "climate": "climate.heat_pump", "cools": True}
CLIMATE = "climate.heat_pump"


@pytest.fixture(autouse=True)
async def summer(hass: HomeAssistant, freezer: FrozenDateTimeFactory) -> None:
    await hass.config.async_set_time_zone("UTC")
    freezer.move_to(MORNING)


def mode(hass: HomeAssistant, said: str) -> None:
    hass.states.async_set(CLIMATE, said, STATES[CLIMATE][1])


async def cooled(hass: HomeAssistant, set_up: SetUp, **answers: Any) -> Home:
    """Return a home in its cooling season, 24 °C inside."""
    home = await with_one(
        set_up, Kind.HEAT_PUMP, comfort_max=24, **THERMOSTAT, **answers
    )
    know_start_values(home)
    mode(hass, "cool")
    hass.states.async_set("sensor.indoor", "23.5", CELSIUS)
    await async_set_season(home, Season.COOLING)
    return home


def hot(given: Outlook, name: str = "heat_pump") -> Outlook:
    """Return an outlook of a day of 34 °C, 22 °C at night."""
    hours = [given.steps.start + timedelta(hours=n) for n in range(48)]
    outdoor = Series.of(
        Interval(
            start=hour,
            end=hour + timedelta(hours=1),
            value=34.0 if 10 <= hour.hour < 20 else 22.0,
        )
        for hour in hours
    )
    return replace(given, outdoor={name: outdoor})


def pumps(home: Home, given: Outlook) -> list[dict[str, Any]]:
    return [
        each
        for each in request(home, given).home["devices"]
        if each["id"] == "heat_pump"
    ]


async def test_a_hot_day_is_cooled_within_the_band(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await cooled(hass, set_up)
    given = hot(outlook(MORNING))
    asked = request(home, given)
    pump = device(asked.home, Kind.HEAT_PUMP)
    assert "cop_series" not in pump
    eer = asked.series[pump["cooling_series"]]
    assert min(eer) == pytest.approx(3.5 * 35 / 34)
    found = solved(home, given)
    rows = found["devices"]["heat_pump"]
    assert sum(rows["cooling_kw"]) > 0
    assert max(rows["indoor_temperature_c"]) <= 24 + 0.05
    assert rows["power_kw"] == pytest.approx(rows["cooling_kw"])
    assert {r["key"] for r in found["reasons"] if r["device"] == "heat_pump"} == {
        "heat_pump_cools"
    }


async def test_the_sun_cools_before_it_is_hottest(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Surplus that brings little is put into the house: cooler than it had to be."""
    monkeypatch.setitem(
        DATA, Kind.HEAT_PUMP, DATA[Kind.HEAT_PUMP] | THERMOSTAT | {"comfort_max": 24}
    )
    home = await set_up(Kind.METER, Kind.SOLAR, Kind.HEAT_PUMP)
    know_start_values(home)
    mode(hass, "cool")
    hass.states.async_set("sensor.indoor", "23.5", CELSIUS)
    await async_set_season(home, Season.COOLING)
    given = hot(outlook(MORNING))
    hours = [given.steps.start + timedelta(hours=n) for n in range(48)]
    sun = Series.of(
        Interval(
            start=hour,
            end=hour + timedelta(hours=1),
            value=4000.0 if 9 <= hour.hour < 16 else 0.0,
        )
        for hour in hours
    )
    found = solved(home, replace(given, solar={"roof": sun}))
    cooling = found["devices"]["heat_pump"]["cooling_kw"]
    in_sun, all_day = 0.0, 0.0
    for at, minutes, kw in zip(found["times"], found["minutes"], cooling, strict=True):
        all_day += kw * minutes
        in_sun += kw * minutes * (9 <= datetime.fromisoformat(at).hour < 16)
    assert all_day > 0
    assert in_sun > 0.9 * all_day


async def test_the_thermostat_is_set_colder_while_it_is_planned(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    calls = async_mock_service(hass, "climate", "set_temperature")
    home = await cooled(hass, set_up)
    found = solved(home, hot(outlook(MORNING)))
    starts = [datetime.fromisoformat(time) for time in found["times"]]
    powers = found["devices"]["heat_pump"]["power_kw"]
    most = max(powers)
    assert most > 2
    rests, runs = (starts[powers.index(kw)] for kw in (min(powers), most))
    for at, expected in ((rests, 24), (runs, 20)):
        freezer.move_to(at)
        home.plan = plan_from_json(found, created_at=at)
        await pass_time(hass, freezer, seconds=5)
        assert calls[-1].data["temperature"] == expected


@pytest.mark.parametrize(
    ("said", "planned"),
    [
        ("cool", True),
        ("heat_cool", True),
        ("auto", True),
        ("heat", False),
        ("off", False),
    ],
)
async def test_it_is_planned_while_its_thermostat_would_cool(
    hass: HomeAssistant, set_up: SetUp, said: str, *, planned: bool
) -> None:
    home = await cooled(hass, set_up)
    mode(hass, said)
    assert bool(pumps(home, hot(outlook(MORNING)))) is planned


async def test_what_does_not_cool_and_other_seasons_are_left_alone(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await cooled(hass, set_up)
    await async_set_season(home, Season.NONE)
    assert pumps(home, hot(outlook(MORNING))) == []
    await async_set_season(home, Season.HEATING)
    (pump,) = pumps(home, hot(outlook(MORNING)))
    assert "cooling_series" not in pump
    only(home).instead["cools"] = False
    await async_set_season(home, Season.COOLING)
    assert pumps(home, hot(outlook(MORNING))) == []


async def test_a_tank_and_rooms_share_a_summer_day(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await cooled(hass, set_up, **TANK, eer=4.5)
    given = hot(outlook(MORNING))
    found = solved(home, given)
    rows = found["devices"]["heat_pump"]
    assert sum(rows["hot_water_kw"]) > 0 < sum(rows["cooling_kw"])
    for power, water, cold in zip(
        rows["power_kw"], rows["hot_water_kw"], rows["cooling_kw"], strict=True
    ):
        assert power == pytest.approx(water + cold, abs=1e-5)
        assert power <= 2.5 + 1e-5
    eer = request(home, given).series["heat_pump_eer"]
    assert min(eer) == pytest.approx(4.5 * 35 / 34)


async def test_a_profile_lets_cooled_rooms_get_warmer(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await cooled(hass, set_up)
    until = MORNING + timedelta(hours=12)
    away = ProfileChoice(profile=Profile.VACATION, until=until)
    await async_set_profile(home, away)
    given = hot(outlook(MORNING))
    highest = request(home, given).series["heat_pump_max_c"]
    for at, highest_c in zip(given.steps.times, highest, strict=True):
        assert highest_c == (28 if at < until else 24)
    pump = only(home)
    assert (pump.data["comfort_min"], pump.data["comfort_max"]) == (20, 28)
    (said,) = effects([pump], Profile.AWAY)[:1]
    assert said.values["highest_c"] == 26
    await async_set_season(home, Season.HEATING)
    assert (pump.data["comfort_min"], pump.data["comfort_max"]) == (15, 24)


def spring(given: Outlook, highest_c: float) -> Outlook:
    """Return an outlook of a mild night, and a day that gets so warm."""
    hours = [given.steps.start + timedelta(hours=n) for n in range(48)]
    outdoor = Series.of(
        Interval(
            start=hour,
            end=hour + timedelta(hours=1),
            value=highest_c if 10 <= hour.hour < 20 else 14.0,
        )
        for hour in hours
    )
    return replace(given, outdoor={"heat_pump": outdoor})


async def test_a_single_hot_day_in_spring_is_cooled_by_its_forecast(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    """The last three days were cool: by the weather the home is still heated."""
    home = await cooled(hass, set_up)
    await pass_time(hass, freezer, seconds=5)
    await async_set_season(home, None)
    home.weather.look([13.0, 12.0, 14.0])
    given = spring(outlook(MORNING), 33)
    look_ahead(home, given)
    pump = only(home)
    assert (home.season, home.season_of(pump)) == (Season.HEATING, Season.COOLING)
    assert pump.data["season"] == Season.COOLING
    rows = solved(home, given)["devices"]["heat_pump"]
    assert sum(rows["cooling_kw"]) > 0
    assert max(rows["indoor_temperature_c"]) <= 24 + 0.05
    # The day after is mild again.
    look_ahead(home, spring(outlook(MORNING), 16))
    assert home.season_of(pump) is Season.HEATING
    assert pump.data["season"] == Season.HEATING


async def test_what_somebody_says_of_the_season_counts_more_than_a_hot_day(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await cooled(hass, set_up)
    await async_set_season(home, Season.HEATING)
    look_ahead(home, spring(outlook(MORNING), 33))
    assert home.season_of(only(home)) is Season.HEATING


async def test_one_that_does_not_cool_or_knows_no_forecast_stays_as_it_was(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await cooled(hass, set_up)
    await async_set_season(home, None)
    look_ahead(home, outlook(MORNING))
    assert home.weather.hot_ahead == set()
    only(home).instead["cools"] = False
    look_ahead(home, spring(outlook(MORNING), 33))
    assert home.weather.hot_ahead == set()
