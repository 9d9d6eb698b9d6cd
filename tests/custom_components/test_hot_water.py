"""Hot water and frost in a home: planned, protected, postponed, on vacation."""

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from cem_core.model import Cause, Protection
from cem_core.model.profile import Profile, ProfileChoice
from custom_components.cem import sentences
from custom_components.cem.const import DOMAIN, Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.forms import FORMS
from custom_components.cem.home import Home
from custom_components.cem.home_profile import async_set_profile
from custom_components.cem.planning.document import request
from custom_components.cem.planning.water_heater import drawn_kw
from custom_components.cem.problems import problems
from custom_components.cem.wishes import async_set_mode
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import CELSIUS, DATA, STATES, W
from tests.custom_components.test_limits import end, order
from tests.custom_components.test_planner import NOW, device, outlook

BOILER = "water_heater.boiler"
WEEKLY = {"legionella_days": 7, "legionella_temperature": 60}
OWN = DATA[Kind.WATER_HEATER]


@pytest.fixture(autouse=True)
def evening(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOW)


def only(home: Home) -> ControlledDevice:
    (found,) = home.devices.values()
    return found


def protection_of(home: Home) -> Protection | None:
    (state,) = home.snapshot.states.values()
    return state.protection


async def with_one(set_up: SetUp, kind: Kind, **answers: Any) -> Home:
    """Return a home that controls one device, whose form has also ``answers``."""
    with patch.dict(DATA, {kind: DATA[kind] | answers}):
        home = await set_up(Kind.METER, kind)
    await async_set_mode(home, Mode.CONTROL)
    return home


def problems_of(home: Home) -> dict[str, str]:
    """Return the problems of the hot cycle by code."""
    found = {code: message.key for code, message in problems(home)}
    return {code: key for code, key in found.items() if code.startswith("hot_cycle")}


def warm(hass: HomeAssistant, water_c: float) -> None:
    state, attributes = STATES[BOILER]
    hass.states.async_set(BOILER, state, attributes | {"current_temperature": water_c})


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, **time: float
) -> None:
    freezer.tick(timedelta(**time))
    grid_w = 1200 + dt_util.utcnow().second % 7  # a meter that goes on
    hass.states.async_set("sensor.grid", str(grid_w), W, force_update=True)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()
    [entry] = hass.config_entries.async_entries(DOMAIN)
    for each in entry.runtime_data.devices.values():
        await each.join()


async def test_a_tank_is_planned_with_its_cycle_and_what_is_drawn(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    last = (NOW - timedelta(days=6)).date().isoformat()
    home = await with_one(
        set_up, Kind.WATER_HEATER, **WEEKLY, legionella_last=last, daily_draw=4
    )
    asked = request(home, outlook())
    tank = device(asked.home, Kind.WATER_HEATER)["tank"]
    assert (tank["initial_c"], tank["min_c"], tank["max_c"]) == (52, 45, 60)
    by = datetime.fromisoformat(tank["legionella"]["by"])
    assert by == dt_util.start_of_local_day(NOW) + timedelta(days=1)
    draw = asked.series["boiler_draw_kw"]
    assert sum(draw[:96]) / 4 == pytest.approx(4, rel=0.01)

    found = optimize(
        home_from_json(asked.home), table(asked.series), Options(time_limit_s=20)
    )
    course = found["devices"]["boiler"]["hot_water_temperature_c"]
    assert max(course) >= 60 - 0.01
    assert not found["relaxed"]


def test_nothing_is_drawn_while_nobody_is_there() -> None:
    vacation = ProfileChoice(profile=Profile.VACATION, until=NOW + timedelta(hours=2))
    times = [NOW + timedelta(hours=k) for k in range(26)]
    found = drawn_kw(times, 5.845, vacation)
    assert found[:2] == [0, 0]
    assert sum(found[2:]) == pytest.approx(5.845)


async def test_a_cycle_that_is_due_runs_whatever_the_plan_says(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await with_one(set_up, Kind.WATER_HEATER, **WEEKLY)
    calls = async_mock_service(hass, "water_heater", "set_temperature")
    await pass_time(hass, freezer, seconds=5)
    assert protection_of(home) is None

    await pass_time(hass, freezer, days=7)
    told = home.snapshot.setpoints["boiler"]
    assert (told.power_w, told.cause) == (2000, Cause.HOT_CYCLE)
    assert calls[-1].data["temperature"] == 63
    assert sentences.reason_for(home, only(home)).key == "heats_against_germs"

    warm(hass, 61)
    await pass_time(hass, freezer, seconds=5)
    await pass_time(hass, freezer, minutes=20)
    assert protection_of(home) is Protection.HOT_CYCLE
    await pass_time(hass, freezer, minutes=11)
    assert protection_of(home) is None
    done = home.store.hot_cycles[only(home).subentry_id]["done_at"]
    assert datetime.fromisoformat(done) > NOW + timedelta(days=7)


async def test_an_operator_postpones_it_and_that_is_said(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await with_one(set_up, Kind.WATER_HEATER, **WEEKLY)
    async_mock_service(hass, "water_heater", "set_temperature")
    await pass_time(hass, freezer, days=7)
    await order(hass, limit_w=0)
    await hass.async_block_till_done()
    ordered = home.snapshot.setpoints["boiler"]
    assert ordered.power_w == 0
    said = sentences.reason_for(home, only(home)).alone
    assert said[-1].key == "hot_cycle_postponed"
    assert ordered.limit_id is not None
    await end(hass, ordered.limit_id)
    await pass_time(hass, freezer, minutes=3)
    assert home.snapshot.setpoints["boiler"].cause is Cause.HOT_CYCLE


@pytest.mark.parametrize(
    ("seen", "said"), [(True, "hot_cycle_overdue"), (False, "hot_cycle_unseen")]
)
async def test_one_that_is_overdue_is_told_until_it_is_done(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    *,
    seen: bool,
    said: str,
) -> None:
    home = await with_one(set_up, Kind.WATER_HEATER, **WEEKLY)
    async_mock_service(hass, "water_heater", "set_temperature")
    sensor = "sensor.boiler_next_hot_cycle"
    due = NOW + timedelta(days=7)
    await pass_time(hass, freezer, days=7, minutes=59)
    shown = hass.states.get(sensor)
    assert shown is not None
    assert abs(datetime.fromisoformat(shown.state) - due) < timedelta(seconds=10)
    assert problems_of(home) == {}
    if not seen:
        state, attributes = STATES[BOILER]
        hass.states.async_set(BOILER, state, attributes | {"current_temperature": None})
    await pass_time(hass, freezer, minutes=2)
    assert problems_of(home) == {"hot_cycle_overdue": said}

    warm(hass, 61)
    await pass_time(hass, freezer, seconds=5)
    await pass_time(hass, freezer, minutes=31)
    assert problems_of(home) == {}
    shown = hass.states.get(sensor)
    assert shown is not None
    assert datetime.fromisoformat(shown.state) > due + timedelta(days=7)


async def test_without_a_cycle_none_is_next(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await with_one(set_up, Kind.WATER_HEATER, legionella_days=0)
    assert hass.states.get("sensor.boiler_next_hot_cycle") is None
    assert problems_of(home) == {}


async def test_the_last_cycle_outlasts_a_restart(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await with_one(set_up, Kind.WATER_HEATER, **WEEKLY)
    protection = only(home).protection
    assert protection is not None
    by = protection.by(NOW)
    await pass_time(hass, freezer, days=2)
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    again = only(home.entry.runtime_data).protection
    assert again is not None
    assert again.by(dt_util.utcnow()) == by


async def test_on_vacation_water_cools_and_the_cycle_goes_on(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await with_one(set_up, Kind.WATER_HEATER, **WEEKLY)
    async_mock_service(hass, "water_heater", "set_temperature")
    await async_set_profile(home, ProfileChoice(profile=Profile.VACATION))
    tank = device(request(home, outlook()).home, Kind.WATER_HEATER)["tank"]
    assert tank["min_c"] == 15
    assert tank["legionella"]["temperature_c"] == 60
    await pass_time(hass, freezer, days=7)
    assert home.snapshot.setpoints["boiler"].cause is Cause.HOT_CYCLE


@pytest.mark.parametrize("profile", [Profile.HOME, Profile.VACATION])
async def test_frost_in_the_rooms_goes_before_the_plan_and_the_profile(
    hass: HomeAssistant,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    profile: Profile,
) -> None:
    home = await with_one(set_up, Kind.HEAT_PUMP, min_power=0.8)
    async_mock_service(hass, "number", "set_value")
    await async_set_profile(home, ProfileChoice(profile=profile))
    hass.states.async_set("sensor.indoor", "6.5", CELSIUS)
    hass.states.async_set("sensor.heat_pump", "1500", W)
    await pass_time(hass, freezer, seconds=5)
    told = home.snapshot.setpoints["heat_pump"]
    assert (told.power_w, told.cause) == (None, Cause.FROST)

    await order(hass, limit_w=0)
    await hass.async_block_till_done()
    assert home.snapshot.setpoints["heat_pump"].power_w == 800
    said = sentences.reason_for(home, only(home)).alone
    assert said[-1].key == "frost_protection_lowered"


async def test_frost_outside_counts_where_a_threshold_is_stated(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await with_one(set_up, Kind.HEAT_PUMP, frost_outdoor=-10)
    for outdoor_c, protection in (
        (-9.5, None),
        (-10.5, Protection.FROST),
        (-9.5, Protection.FROST),
        (-8.9, None),
    ):
        hass.states.async_set("sensor.outdoor", str(outdoor_c), CELSIUS)
        await pass_time(hass, freezer, seconds=5)
        assert protection_of(home) is protection


async def test_the_backup_heater_is_off_under_a_limit_and_while_it_recovers(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_set("switch.backup", "on")
    async_mock_service(hass, "number", "set_value")

    async def switched(call: ServiceCall) -> None:
        hass.states.async_set("switch.backup", call.service.removeprefix("turn_"))

    home = await with_one(
        set_up, Kind.HEAT_PUMP, backup_heater="switch.backup", backup_hold=30
    )
    for action in ("turn_on", "turn_off"):
        hass.services.async_register("switch", action, switched)

    def backup() -> str:
        state = hass.states.get("switch.backup")
        assert state is not None
        return state.state

    await pass_time(hass, freezer, seconds=5)
    assert backup() == "off"  # the start may be the return of the power
    await pass_time(hass, freezer, minutes=31)
    assert backup() == "on"

    hass.states.async_set("sensor.heat_pump", "2000", W)
    limit = await order(hass, limit_w=1000)
    await pass_time(hass, freezer, seconds=5)
    assert backup() == "off"
    await end(hass, limit["limit_id"])
    for _ in range(25):  # the heat pump gets its power back within 3 min
        await pass_time(hass, freezer, seconds=8)
    assert home.snapshot.setpoints["heat_pump"].limit_id is None
    await pass_time(hass, freezer, minutes=20)
    assert backup() == "off"
    await pass_time(hass, freezer, minutes=11)
    assert backup() == "on"


async def test_a_backup_heater_that_its_owner_has_off_stays_off(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    hass.states.async_set("switch.backup", "off")
    on = async_mock_service(hass, "switch", "turn_on")
    home = await with_one(set_up, Kind.HEAT_PUMP, backup_heater="switch.backup")
    await pass_time(hass, freezer, hours=2)
    assert not on
    assert not home.store.backup_off


@pytest.mark.parametrize(
    ("answers", "refused"),
    [
        ({}, {}),
        ({"set_temperature": 40}, {"set_temperature": "water_order"}),
        ({"max_temperature": 71}, {"water_heater": "range_max"}),
        ({"min_temperature": 29}, {"water_heater": "range_min"}),
        ({"operation_mode": "gas"}, {"operation_mode": "no_such_option"}),
        ({"operation_mode": "eco", "min_temperature": 29}, {}),
        (
            WEEKLY | {"legionella_temperature": 65},
            {"max_temperature": "cooler_than_cycle"},
        ),
        (WEEKLY, {}),
    ],
)
async def test_what_the_form_refuses(
    hass: HomeAssistant, answers: dict[str, Any], refused: dict[str, str]
) -> None:
    warm(hass, 50)
    form = FORMS[Kind.WATER_HEATER]["water_heater"]
    assert form.check is not None
    assert await form.check(hass, OWN | answers) == refused


async def test_a_cycle_needs_a_thermometer(hass: HomeAssistant) -> None:
    form = FORMS[Kind.WATER_HEATER]["on_off"]
    assert form.check is not None
    answers = OWN | WEEKLY | {"switch": "switch.heat_pump"}
    del answers["water_heater"]
    refused = {"water_temperature": "water_temperature_missing"}
    assert await form.check(hass, answers) == refused
    known = answers | {"water_temperature": "sensor.boiler"}
    assert await form.check(hass, known) == {}
