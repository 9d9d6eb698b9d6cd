"""The home's profile: chosen, kept, planned with, over; and boosts."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    async_mock_service,
)

from cem_core.model import Action, Cause, Setpoint
from cem_core.model.profile import Profile, ProfileChoice
from cem_core.model.what_if import What
from custom_components.cem.boost import boosted_until
from custom_components.cem.car_needs import departs
from custom_components.cem.car_wish import CarWish
from custom_components.cem.const import DOMAIN, Charging, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.device_wishes import standing
from custom_components.cem.drivers.heat_pump import translation
from custom_components.cem.home import Home
from custom_components.cem.learning.models import Habits
from custom_components.cem.planning.document import request
from custom_components.cem.wishes import async_set_departure
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_planner import NOW, device, outlook

SELECT = "select.home_profile"


@pytest.fixture(autouse=True)
def evening(freezer: FrozenDateTimeFactory) -> None:
    freezer.move_to(NOW)


async def choose(hass: HomeAssistant, **data: Any) -> None:
    await hass.services.async_call(DOMAIN, "set_profile", data, blocking=True)


async def boost(hass: HomeAssistant, name: str, minutes: int) -> Any:
    return await hass.services.async_call(
        DOMAIN,
        "boost",
        {"device": name, "minutes": minutes},
        blocking=True,
        return_response=True,
    )


def only(home: Home) -> ControlledDevice:
    (found,) = home.devices.values()
    return found


def setpoint(device_id: str, power_w: int) -> Setpoint:
    return Setpoint(
        device_id=device_id, action=Action.HOLD, power_w=power_w, cause=Cause.PLAN
    )


def charging(car: ControlledDevice) -> Charging:
    return car.charging


async def pass_time(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory, time: timedelta
) -> None:
    freezer.tick(time)
    async_fire_time_changed(hass)
    await hass.async_block_till_done()


async def test_the_select_chooses_a_profile_that_outlasts_a_restart(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    state = hass.states.get(SELECT)
    assert state is not None
    assert (state.state, state.attributes["effects"]) == ("home", [])
    wanted: list[str] = []
    home.replan_wanted = wanted.append
    await hass.services.async_call(
        "select",
        "select_option",
        {"entity_id": SELECT, "option": "vacation"},
        blocking=True,
    )
    assert wanted == ["profile"]
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await hass.async_block_till_done()
    state = hass.states.get(SELECT)
    assert state is not None
    assert state.state == "vacation"
    assert state.attributes["until"] is None
    assert state.attributes["effects"] == [
        "Heat pump: rooms from 15.0 to 22.0 °C.",
        "Days like these are left out of what is learned.",
    ]
    home = home.entry.runtime_data
    assert home.profile is Profile.VACATION
    assert only(home).data["comfort_min"] == 15


async def test_a_vacation_ends_by_itself_and_rooms_are_warm_by_then(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    end = NOW + timedelta(hours=6)
    await choose(hass, profile="vacation", until=end.isoformat())
    state = hass.states.get(SELECT)
    assert state is not None
    assert state.attributes["until"] == end
    asked = request(home, outlook())
    times, name = asked.series["time"], only(home).device_id
    back = times.index((NOW.replace(minute=15) + timedelta(hours=6)).isoformat())
    lowest = asked.series[f"{name}_min_c"]
    assert set(lowest[:back]) == {15}
    assert set(lowest[back:]) == {20}
    assert set(asked.series[f"{name}_max_c"]) == {22}
    wanted: list[str] = []
    home.replan_wanted = wanted.append
    await pass_time(hass, freezer, timedelta(hours=6))
    assert wanted == ["profile"]
    state = hass.states.get(SELECT)
    assert state is not None
    assert (state.state, state.attributes["until"]) == ("home", None)
    assert only(home).data["comfort_min"] == 20


async def test_a_profile_changes_nothing_but_rooms_of_a_heat_pump(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    """Frost protection and legionella are the heat pump's own and stay so."""
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    usual = request(home, outlook())
    await choose(hass, profile="vacation")
    gone = request(home, outlook())
    assert gone.home["devices"] == usual.home["devices"]
    name = only(home).device_id
    assert {k for k in usual.series if usual.series[k] != gone.series[k]} == {
        f"{name}_min_c"
    }


async def test_an_end_that_passed_is_refused(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    with pytest.raises(ServiceValidationError) as refused:
        await choose(hass, profile="away", until=(NOW - timedelta(1)).isoformat())
    assert refused.value.translation_key == "time_passed"
    assert home.store.profile == ProfileChoice()


async def test_on_vacation_only_a_car_that_leaves_after_it_is_planned(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    leaves = departs(only(home), after=NOW)

    def sessions() -> list[Any]:
        return list(device(request(home, outlook()).home, Kind.EV_CHARGER)["sessions"])

    assert len(sessions()) == 1
    await choose(hass, profile="vacation", until=(leaves + timedelta(1)).isoformat())
    assert sessions() == []
    await choose(hass, profile="vacation", until=leaves.isoformat())
    assert len(sessions()) == 1
    await choose(hass, profile="vacation")
    await async_set_departure(home, only(home), CarWish(departs_at=leaves))
    assert len(sessions()) == 1  # somebody asked for this very car


@pytest.mark.parametrize(
    ("profile", "says", "away"),
    [
        ("vacation", None, True),
        ("away", None, True),
        ("home", None, False),
        ("party", "off", False),
        ("party", "on", True),
        ("vacation", "off", True),
    ],
)
async def test_days_away_are_left_out_of_learning(
    hass: HomeAssistant, set_up: SetUp, profile: str, says: str | None, away: bool
) -> None:
    options = {} if says is None else {"away": "input_boolean.away"}
    if says is not None:
        hass.states.async_set("input_boolean.away", says)
    home = await set_up(Kind.METER, options=options)
    await choose(hass, profile=profile)
    for hours in range(0, 30, 6):
        home.notice_away(NOW.replace(hour=1) + timedelta(hours=hours))
    assert home.learned.away == (["2026-01-14"] if away else [])


async def test_a_guests_car_is_planned_by_the_form_and_not_learned(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    car = only(home)
    car.instead["car_state_of_charge"] = "sensor.car_charge"
    hass.states.async_set("sensor.car_charge", "40", {"unit_of_measurement": "%"})
    early = (((5.0, 5.0, 5.0),) * 4,) * 7
    little = (((100.0, 100.0, 100.0),) * 4,) * 7
    car.habits = lambda: Habits(depart_h=early, need_wh=little)
    known = car.state_of_charge
    assert known == 0.4
    assert car.energy_wanted_kwh < 1
    await choose(hass, profile="guest_car")
    assert car.state_of_charge is None
    assert car.energy_wanted_kwh == pytest.approx(20)
    leaves = dt_util.as_local(departs(car, after=NOW))
    assert f"{leaves:%H:%M}" == "07:00"
    assert not car.car_unknown
    hass.states.async_set("binary_sensor.plugged", "off")
    await hass.async_block_till_done()
    assert home.learned.sessions == {}


def test_a_thermostat_gets_what_it_takes() -> None:
    """One that goes down to 16 °C is not asked for the 15 °C of a vacation."""
    state = State("climate.x", "heat", {"min_temp": 16, "max_temp": 30})
    data = {
        "method": "climate",
        "climate": "climate.x",
        "comfort_min": 15,
        "comfort_max": 22,
    }
    for power_w, target in ((0, 16), (2000, 22)):
        order = setpoint("x", power_w)
        (call,) = translation(data).calls(order, lambda _: state)
        assert call.data == {"temperature": target}


async def test_a_thermostat_follows_the_profile_at_once(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    climate = {"method": "climate", "climate": "climate.heat_pump"}
    monkeypatch.setitem(DATA, Kind.HEAT_PUMP, DATA[Kind.HEAT_PUMP] | climate)
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    calls = async_mock_service(hass, "climate", "set_temperature")
    pump = only(home)
    for profile in ("home", "vacation"):
        await choose(hass, profile=profile)
        for _ in range(2):
            pump.order(setpoint(pump.device_id, 0))
            await pump.join()
    assert [call.data["temperature"] for call in calls] == [20, 15]


async def test_a_boost_of_a_battery_ends(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    battery = only(home)
    until = NOW + timedelta(minutes=30)
    answer = await boost(hass, battery.device_id, 30)
    assert answer == {"until": until.isoformat()}
    (wish,) = standing(home, NOW)
    assert (wish.what, wish.power_w, wish.end) == (What.FORCE, 5000, until)
    await boost(hass, battery.device_id, 45)  # instead, not beside
    (wish,) = standing(home, NOW)
    assert wish.end == NOW + timedelta(minutes=45)
    await pass_time(hass, freezer, timedelta(minutes=45))
    assert boosted_until(home, battery) is None
    await boost(hass, battery.device_id, 30)
    assert await boost(hass, battery.device_id, 0) == {"until": None}
    assert standing(home, dt_util.utcnow()) == ()


async def test_the_button_boosts_a_car_for_an_hour(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    car = only(home)
    await hass.services.async_call(
        "button", "press", {"entity_id": "button.wallbox_boost"}, blocking=True
    )
    assert charging(car) is Charging.NOW
    state = hass.states.get("button.wallbox_boost")
    assert state is not None
    assert state.attributes["boosted_until"] == (NOW + timedelta(hours=1)).isoformat()
    await pass_time(hass, freezer, timedelta(minutes=59))
    assert charging(car) is Charging.NOW
    await pass_time(hass, freezer, timedelta(minutes=1))
    assert charging(car) is Charging.PLAN
    assert boosted_until(home, car) is None


async def test_who_chooses_otherwise_ends_a_cars_boost(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    car = only(home)
    await boost(hass, car.device_id, 30)
    await hass.services.async_call(
        DOMAIN, "charge", {"device": car.device_id, "when": "now"}, blocking=True
    )
    await pass_time(hass, freezer, timedelta(hours=1))
    assert car.charging is Charging.NOW


async def test_an_appliance_is_not_boosted(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE)
    with pytest.raises(ServiceValidationError):
        await boost(hass, only(home).device_id, 30)
