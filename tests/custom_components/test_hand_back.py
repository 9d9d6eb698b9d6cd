"""What was taken from a device comes back, also where the first order is lost."""

from datetime import timedelta
from typing import Any

from homeassistant.core import Context, HomeAssistant, ServiceCall
import pytest

from cem_core.devices import command_queue
from cem_core.dispatch import DispatchSettings
from cem_core.model import Owner
from custom_components.cem.const import Kind, Mode
from custom_components.cem.home import Home
from custom_components.cem.settings import HomeSettings
from custom_components.cem.wishes import async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import W
from tests.custom_components.test_control import (
    AMPERE,
    controlled_car,
    obedient,
    owner,
    settle,
)
from tests.custom_components.test_limits import end, order, value


@pytest.fixture
def soon_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat an order at the next decision already."""
    monkeypatch.setattr(command_queue, "REPEAT_AFTER_S", 0.0)
    monkeypatch.setattr(command_queue, "RETRY_AFTER_S", 0.0)


def swallowing(hass: HomeAssistant) -> list[ServiceCall]:
    """Let every device take its orders and do nothing."""
    told: list[ServiceCall] = []

    async def swallow(call: ServiceCall) -> None:
        told.append(call)

    for domain, action in (
        ("number", "set_value"),
        ("select", "select_option"),
        ("switch", "turn_on"),
        ("switch", "turn_off"),
    ):
        hass.services.async_register(domain, action, swallow)
    return told


@pytest.mark.usefixtures("soon_repeated")
async def test_a_hand_back_that_is_lost_is_asked_again(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    obedient(hass)
    await async_set_mode(home, Mode.CONTROL)
    await settle(home)
    swallowing(hass)
    await async_set_mode(home, Mode.OBSERVE)
    await settle(home)
    home.cycle()
    await settle(home)
    assert value(hass, "select.battery") == "external"
    assert home.store.commanded == {"id_battery"}

    obedient(hass)
    home.cycle()
    await settle(home)
    home.cycle()
    assert value(hass, "select.battery") == "own"
    assert home.store.commanded == set()


@pytest.mark.usefixtures("soon_repeated")
async def test_a_device_that_is_away_is_handed_back_when_it_returns(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    obedient(hass)
    await async_set_mode(home, Mode.CONTROL)
    await settle(home)
    held = hass.states.get("select.battery")
    assert held is not None
    hass.states.async_set("select.battery", "unavailable", held.attributes)
    await async_set_mode(home, Mode.OBSERVE)
    await settle(home)
    assert home.store.commanded == {"id_battery"}

    hass.states.async_set("select.battery", "external", held.attributes)
    await settle(home)
    home.cycle()
    await settle(home)
    assert value(hass, "select.battery") == "own"


@pytest.mark.usefixtures("soon_repeated")
async def test_who_takes_the_hand_back_and_does_another_thing_is_let_alone(
    hass: HomeAssistant, set_up: SetUp, freezer: Any
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    obedient(hass)
    await async_set_mode(home, Mode.CONTROL)
    await settle(home)
    told = swallowing(hass)
    await async_set_mode(home, Mode.OBSERVE)
    await settle(home)
    home.cycle()
    await settle(home)
    freezer.tick(timedelta(seconds=61))
    home.cycle()
    assert home.store.commanded == set()
    await settle(home)
    told.clear()
    home.cycle()
    await settle(home)
    assert told == []


async def test_removal_asks_again_for_a_hand_back_that_was_lost(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command_queue, "REPEAT_AFTER_S", 0.3)
    home = await set_up(Kind.METER, Kind.BATTERY)
    obedient(hass)
    await async_set_mode(home, Mode.CONTROL)
    await settle(home)
    told = swallowing(hass)
    hass.loop.call_later(0.2, obedient, hass)
    await hass.config_entries.async_remove(home.entry.entry_id)
    assert told
    assert value(hass, "select.battery") == "own"


@pytest.fixture
def given_back_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let power come back without delay and ramp."""
    settings = DispatchSettings(
        give_back_delay_s=0,
        give_back_w_per_s=10**9,
        return_least_s=0,
        return_most_s=0,
        meter_silent_after_s=60,
    )
    monkeypatch.setattr(HomeSettings, "dispatch", lambda *_: settings)


async def _given_back(home: Home, current: str) -> None:
    """Decide until the charger's current is as expected and no longer changes."""
    for _ in range(5):
        home.cycle()
        await settle(home)
    assert value(home.hass, "number.charger") == current


@pytest.mark.usefixtures("given_back_at_once")
async def test_observing_a_limit_gives_back_as_it_rises_and_whole_as_it_ends(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    obedient(hass)
    hass.states.async_set("switch.charger", "on")
    hass.states.async_set("number.charger", "14", AMPERE)
    hass.states.async_set("sensor.charger", "9660", W)
    limit = await order(hass, limit_w=5000)
    await settle(home)
    assert value(hass, "number.charger") == "7.0"
    hass.states.async_set("sensor.charger", "4830", W)
    await order(hass, limit_id=limit["limit_id"], limit_w=9000)
    await _given_back(home, "12.0")
    await order(hass, limit_id=limit["limit_id"], limit_w=11_000)
    await _given_back(home, "14.0")  # what its owner chose, not what would fit
    await end(hass, limit["limit_id"])
    home.cycle()
    await settle(home)
    assert value(hass, "number.charger") == "16.0"


@pytest.mark.usefixtures("given_back_at_once")
async def test_a_persons_choice_comes_back_after_a_limit(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    obedient(hass)
    car = await controlled_car(home)
    somebody = Context(user_id="somebody")
    hass.states.async_set("number.charger", "9", AMPERE, context=somebody)
    hass.states.async_set("sensor.charger", "6210", W)
    await settle(home)
    assert owner(car) is Owner.PERSON
    limit = await order(hass, limit_w=5000)
    await settle(home)
    assert value(hass, "number.charger") == "7.0"
    await end(hass, limit["limit_id"])
    await _given_back(home, "9.0")
    assert owner(car) is Owner.PERSON
    hass.states.async_set("number.charger", "8", AMPERE, context=somebody)
    await settle(home)
    home.cycle()
    await settle(home)
    assert value(hass, "number.charger") == "8"


async def test_what_was_chosen_before_control_does_not_come_back_after_it(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    obedient(hass)
    hass.states.async_set("switch.charger", "on")
    hass.states.async_set("number.charger", "14", AMPERE)
    hass.states.async_set("sensor.charger", "9660", W)
    await order(hass, limit_w=5000)
    await settle(home)
    ceiling = home.devices["wallbox"].ceiling
    assert ceiling.lift() is not None  # observing, the 14 A are to come back
    await async_set_mode(home, Mode.CONTROL)
    await settle(home)
    assert ceiling.lift() is None


async def test_what_a_person_turned_off_stays_off_under_a_limit(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    obedient(hass)
    await controlled_car(home)
    hass.states.async_set("switch.charger", "off", context=Context(user_id="somebody"))
    hass.states.async_set("sensor.charger", "0", W)
    await settle(home)
    limit = await order(hass, limit_w=9000)
    await settle(home)
    assert value(hass, "switch.charger") == "off"
    await end(hass, limit["limit_id"])
    home.cycle()
    await settle(home)
    assert value(hass, "switch.charger") == "off"


async def test_the_removal_ends_also_where_the_clock_stands(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY)
    obedient(hass)
    await async_set_mode(home, Mode.CONTROL)
    await settle(home)
    swallowing(hass)
    asked = 0

    async def no_time_passes(_: float) -> None:
        nonlocal asked
        asked += 1

    monkeypatch.setattr(
        "custom_components.cem.carrying_out.asyncio.sleep", no_time_passes
    )
    stands_s = hass.loop.time()
    monkeypatch.setattr(hass.loop, "time", lambda: stands_s)
    await home._carrying_out.async_hand_all_back()
    monkeypatch.undo()
    assert asked == 3
    assert home.store.commanded == {"id_battery"}
