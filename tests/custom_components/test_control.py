"""Devices are commanded, left to people, and handed back."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant, ServiceCall
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_mock_service

from cem_core.model import Action, Cause, Message, Owner, Setpoint
from custom_components.cem.const import Charging, Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.wishes import async_set_control, async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES, W
from tests.custom_components.test_limits import order, value

AMPERE = {"unit_of_measurement": "A", "min": 6, "max": 16, "step": 1}


def obedient(hass: HomeAssistant) -> list[ServiceCall]:
    """Let every entity do as it is told; return what it was told.

    After set-up: the platforms bring actions of the same names.
    """
    told: list[ServiceCall] = []

    def set_state(call: ServiceCall, state: str) -> None:
        told.append(call)
        entity_id = call.data["entity_id"]
        held = hass.states.get(entity_id)
        assert held is not None
        hass.states.async_set(entity_id, state, held.attributes, context=call.context)

    async def set_value(call: ServiceCall) -> None:
        set_state(call, str(call.data["value"]))

    async def select(call: ServiceCall) -> None:
        set_state(call, call.data["option"])

    async def turn_on(call: ServiceCall) -> None:
        set_state(call, "on")

    async def turn_off(call: ServiceCall) -> None:
        set_state(call, "off")

    hass.services.async_register("number", "set_value", set_value)
    hass.services.async_register("select", "select_option", select)
    hass.services.async_register("switch", "turn_on", turn_on)
    hass.services.async_register("switch", "turn_off", turn_off)
    return told


async def settle(home: Home) -> None:
    """Wait until every order has arrived."""
    for device in home.devices.values():
        await device.queue.join()
    await home.hass.async_block_till_done()


def owner(device: ControlledDevice) -> Owner:
    """Return who commands the device now."""
    return device.owner


def charging(device: ControlledDevice) -> Charging:
    """Return what is wished for the car now."""
    return device.charging


async def controlled_car(home: Home) -> ControlledDevice:
    """Let the car charge under control, by the rule that serves without a plan."""
    await async_set_mode(home, Mode.CONTROL)
    await settle(home)
    return home.devices["wallbox"]


async def test_observing_commands_nothing(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(*DEVICES)
    told = obedient(hass)
    hass.states.async_set("sensor.grid", "3000", W)
    await settle(home)
    assert told == []
    assert value(hass, "sensor.wallbox_action") == "unknown"
    assert value(hass, "sensor.wallbox_reason") == "The energy manager only observes."


async def test_control_commands_and_observe_hands_back(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY, Kind.EV_CHARGER)
    told = obedient(hass)
    hass.states.async_set("number.charger", "9", AMPERE)
    await controlled_car(home)
    assert value(hass, "switch.charger") == "on"
    assert value(hass, "select.battery") == "external"
    assert home.store.commanded == {"id_battery", "id_ev_charger"}
    told.clear()
    await async_set_mode(home, Mode.OBSERVE)
    await settle(home)
    assert value(hass, "select.battery") == "own"
    assert value(hass, "number.charger") == "16.0"
    home.cycle()
    assert home.store.commanded == set()


async def test_removing_hands_back_but_not_under_an_operators_limit(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    obedient(hass)
    await async_set_mode(home, Mode.CONTROL)
    await settle(home)
    assert value(hass, "select.battery") == "external"
    await order(hass)
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert value(hass, "select.battery") == "external"
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    home = home.entry.runtime_data
    (limit,) = home.store.orders.limits
    await hass.services.async_call(
        "cem", "end_limit", {"limit_id": limit.limit_id}, blocking=True
    )
    await hass.config_entries.async_remove(home.entry.entry_id)
    assert value(hass, "select.battery") == "own"


async def test_a_persons_change_is_not_fought(
    hass: HomeAssistant, set_up: SetUp, freezer: Any
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    told = obedient(hass)
    car = await controlled_car(home)
    told.clear()
    hass.states.async_set("switch.charger", "off", context=Context(user_id="somebody"))
    await settle(home)
    assert owner(car) is Owner.PERSON
    assert value(hass, "switch.charger") == "off"
    assert value(hass, "button.wallbox_resume") != "unavailable"
    reason = value(hass, "sensor.wallbox_reason")
    assert reason.startswith("Left to the person who changed it, until ")
    assert told == []

    await hass.services.async_call(
        "button", "press", {"entity_id": "button.wallbox_resume"}, blocking=True
    )
    await settle(home)
    assert owner(car) is Owner.PLAN
    assert value(hass, "switch.charger") == "on"
    assert value(hass, "button.wallbox_resume") == "unavailable"


async def test_a_hand_off_ends_by_itself(
    hass: HomeAssistant, set_up: SetUp, freezer: Any
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER, options={"hand_off_minutes": 30})
    obedient(hass)
    car = await controlled_car(home)
    hass.states.async_set("switch.charger", "off", context=Context(user_id="somebody"))
    await settle(home)
    assert owner(car) is Owner.PERSON
    freezer.tick(timedelta(minutes=31))
    hass.states.async_set("sensor.grid", "1201", W)
    await settle(home)
    assert owner(car) is Owner.PLAN
    assert value(hass, "switch.charger") == "on"


async def test_a_devices_own_echo_is_no_person(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    obedient(hass)
    car = await controlled_car(home)
    # The charger reports the state before the order once more, then comes back
    # from being away: neither is a hand at the switch.
    for state in ("off", "on", "unavailable", "off"):
        hass.states.async_set("switch.charger", state)
    await settle(home)
    assert owner(car) is Owner.PLAN


async def test_an_operators_limit_stands_above_a_person(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    obedient(hass)
    car = await controlled_car(home)
    hass.states.async_set(
        "number.charger", "12", AMPERE, context=Context(user_id="somebody")
    )
    hass.states.async_set("sensor.charger", "8300", W)
    await settle(home)
    assert owner(car) is Owner.PERSON
    await order(hass, limit_w=5000)
    await settle(home)
    assert value(hass, "number.charger") == "7.0"


async def test_a_device_that_refuses_is_shown_and_breaks_nothing(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async def refuse(call: ServiceCall) -> None:
        raise HomeAssistantError("no")

    home = await set_up(Kind.METER, Kind.BATTERY, Kind.EV_CHARGER)
    told = obedient(hass)
    hass.services.async_register("switch", "turn_on", refuse)
    await controlled_car(home)
    assert home.devices["wallbox"].problem == Message.of(
        "cause_entity_refused", entity="switch.charger"
    )
    assert value(hass, "sensor.wallbox_reason").startswith("The device refused")
    assert "select.battery" in {call.data["entity_id"] for call in told}
    state = home.snapshot.states["wallbox"]
    assert not state.available  # so it counts at its rated power


async def test_a_switch_per_device_leaves_it_to_itself(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    obedient(hass)
    await async_set_mode(home, Mode.CONTROL)
    await settle(home)
    await async_set_control(home, home.devices["cellar_battery"], on=False)
    await settle(home)
    assert value(hass, "select.battery") == "own"
    assert value(hass, "switch.cellar_battery_control") == "off"


async def test_nonsense_is_not_a_power(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    battery = home.devices["cellar_battery"]
    for text, power_w in (("-4900", -4900), ("1e9", None), ("nan", None), ("", None)):
        hass.states.async_set("sensor.battery", text, W)
        assert battery.power_w == power_w


async def test_an_appliance_is_started_once(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE)
    presses = async_mock_service(hass, "button", "press")
    dishwasher = home.devices["dishwasher"]
    for power_w in (2000, 300, 100):
        dishwasher.order(
            Setpoint(
                device_id="dishwasher",
                action=Action.RUN,
                power_w=power_w,
                cause=Cause.PLAN,
            )
        )
        await dishwasher.queue.join()
    assert len(presses) == 1


async def test_charging_by_one_tap_and_reset_when_the_car_leaves(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    car = home.devices["wallbox"]
    await hass.services.async_call(
        "cem", "charge", {"device": "wallbox", "when": "now"}, blocking=True
    )
    assert charging(car) is Charging.NOW
    assert value(hass, "select.wallbox_charging") == "now"
    hass.states.async_set("binary_sensor.plugged", "off")
    await hass.async_block_till_done()
    assert charging(car) is Charging.PLAN


async def test_the_cars_energy_is_what_is_left(
    hass: HomeAssistant, set_up: SetUp, freezer: Any
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    car = home.devices["wallbox"]
    assert car.energy_wanted_kwh == 20
    hass.states.async_set("sensor.charger", "6000", W)
    for _ in range(60):
        freezer.tick(timedelta(minutes=1))
        car.state(dt_util.utcnow(), may_command=False)
    # An hour at 6 kW, nine tenths of it in the battery.
    assert abs(car.energy_wanted_kwh - (20 - 5.4)) < 0.1
