"""The same for each driver: connect, read, order, refuse, be slow, be lost, come back.

One home a driver, in which each case is a subtest: a home that listens for EEBUS alone
takes seconds to start.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Final
from unittest.mock import patch

from homeassistant.core import HomeAssistant
import pytest

from cem_core.devices import Capability, command_queue
from cem_core.model import Action, Cause, Message, Setpoint
from cem_core.transport.eebus_identity import Identity
from cem_core.transport.eebus_node import EebusNode
from custom_components.cem.carrying_out import CarryingOut
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.other_controllers import OtherControllers
from tests.custom_components.conformance.dialling import (
    Ocpp16,
    Ocpp201,
    S2DemandDriven,
    S2FillRate,
    S2OperationModes,
    S2PowerEnvelope,
    S2PowerProfile,
    S2TwoWayCharger,
)
from tests.custom_components.conformance.eebus import Eebus
from tests.custom_components.conformance.entities import (
    Battery,
    Boiler,
    Charger,
    HeatingRod,
    HeatPump,
    SgReady,
    Solar,
    Switched,
    Thermostat,
    TwoWayCharger,
)
from tests.custom_components.conformance.evcc import Evcc
from tests.custom_components.conformance.modbus import (
    ByBounds,
    ByContacts,
    ByCurrent,
    SunSpec,
)
from tests.custom_components.conformance.mqtt import Mqtt
from tests.custom_components.conformance.peer import Peer
from tests.custom_components.conformance.sunspec_storage import ByBank, ByPorts
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_control_box import until

pytestmark = [
    pytest.mark.usefixtures("socket_enabled", "loopback_only"),
    pytest.mark.timeout(180),
]
_PATIENCE_S: Final = 1.0

type Make = Callable[[HomeAssistant, Identity, Path], Peer]
type Case = Callable[[ControlledDevice, Peer], Awaitable[None]]
PEERS: Final[dict[str, Make]] = {
    "charger_entities": lambda hass, *_: Charger(hass),
    "two_way_charger": lambda hass, *_: TwoWayCharger(hass),
    "battery_entities": lambda hass, *_: Battery(hass),
    "solar_entity": lambda hass, *_: Solar(hass),
    "heat_pump_limit": lambda hass, *_: HeatPump(hass),
    "heat_pump_sg_ready": lambda hass, *_: SgReady(hass),
    "heat_pump_thermostat": lambda hass, *_: Thermostat(hass),
    "heat_pump_switch": lambda hass, *_: Switched(hass),
    "water_heater": lambda hass, *_: Boiler(hass),
    "heating_rod": lambda hass, *_: HeatingRod(hass),
    "modbus_charger": lambda *_: ByCurrent(),
    "modbus_battery": lambda *_: ByBounds(),
    "modbus_heat_pump": lambda *_: ByContacts(),
    "sunspec_inverter": lambda *_: SunSpec(),
    "sunspec_bank": lambda *_: ByBank(),
    "sunspec_ports": lambda *_: ByPorts(),
    "mqtt": lambda hass, _, folder: Mqtt(hass, folder),
    "eebus": lambda _, identity, folder: Eebus(identity, folder),
    "ocpp16": lambda *_: Ocpp16(),
    "ocpp201": lambda *_: Ocpp201(),
    "s2_fill_rate": lambda *_: S2FillRate(),
    "s2_two_way_charger": lambda *_: S2TwoWayCharger(),
    "s2_operation_modes": lambda *_: S2OperationModes(),
    "s2_demand_driven": lambda *_: S2DemandDriven(),
    "s2_power_envelope": lambda *_: S2PowerEnvelope(),
    "s2_power_profile": lambda *_: S2PowerProfile(),
    "evcc": lambda *_: Evcc(),
}

OCPP: Final = {
    Capability.SET_CURRENT,
    Capability.START_STOP,
    Capability.SWITCH_PHASES,
}
CAN: Final[dict[str, set[Capability]]] = {
    "Charger": {Capability.SET_CURRENT, Capability.START_STOP},
    "TwoWayCharger": {Capability.SET_CURRENT, Capability.START_STOP},
    "Battery": {Capability.SET_POWER},
    "Solar": {Capability.CURTAIL},
    "HeatPump": {Capability.LIMIT_POWER},
    "SgReady": {Capability.SG_READY},
    "Thermostat": {Capability.SET_TEMPERATURE},
    "Switched": {Capability.START_STOP},
    "Boiler": {Capability.SET_TEMPERATURE},
    "HeatingRod": {Capability.LIMIT_POWER},
    "ByCurrent": {Capability.SET_CURRENT, Capability.START_STOP},
    "ByBounds": {Capability.LIMIT_POWER},
    "ByContacts": {Capability.SG_READY},
    "SunSpec": {Capability.CURTAIL},
    "ByBank": {Capability.SET_POWER},
    "ByPorts": {Capability.SET_POWER},
    "Mqtt": {Capability.SET_POWER},
    "Eebus": {Capability.LIMIT_POWER},
    "Ocpp16": OCPP,
    "Ocpp201": OCPP,
    "S2FillRate": {Capability.SET_POWER},
    "S2TwoWayCharger": {Capability.SET_POWER},
    "S2OperationModes": {Capability.SET_POWER},
    "S2DemandDriven": {Capability.SET_POWER},
    "S2PowerEnvelope": {Capability.LIMIT_POWER},
    "S2PowerProfile": {Capability.RUN_ONCE},
    "Evcc": {Capability.SET_CURRENT, Capability.START_STOP},
}


@pytest.fixture
def loopback_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen where a test may, and ask again soon who refused or was slow."""
    place = "custom_components.cem.forms.eebus"
    monkeypatch.setattr(f"{place}.EVERY_NETWORK", "127.0.0.1")
    monkeypatch.setattr(f"{place}.PORT", 0)
    monkeypatch.setattr(command_queue, "RETRY_AFTER_S", 0.3)
    monkeypatch.setattr("custom_components.cem.modbus_devices.EVERY_S", 0.05)
    monkeypatch.setattr("custom_components.cem.evcc_loadpoints.EVERY_S", 0.05)
    monkeypatch.setattr("custom_components.cem.modbus_devices._READ_WITHIN_S", 1.0)
    monkeypatch.setattr("custom_components.cem.meters.modbus.ANSWER_WITHIN_S", 1.2)
    soon = partial(EebusNode, delays_s=((0.0, 0.2),))
    monkeypatch.setattr("custom_components.cem.eebus_network.EebusNode", soon)


@pytest.fixture(autouse=True)
def expected_lingering_timers() -> bool:
    """Let aiohttp end its heartbeat by itself: it is due once more after a close."""
    return True


@pytest.fixture(params=list(PEERS))
async def peer(
    request: pytest.FixtureRequest,
    hass: HomeAssistant,
    identity: Identity,
    tmp_path: Path,
) -> AsyncIterator[Peer]:
    """Return a device of each protocol."""
    made = PEERS[request.param](hass, identity, tmp_path)
    yield made
    await made.close()


@pytest.fixture
async def device(
    hass: HomeAssistant, set_up: SetUp, peer: Peer
) -> AsyncIterator[ControlledDevice]:
    """Return the device as the home sees it: connected, and not yet ordered."""
    data = await peer.prepare()
    options = data.pop("options", None)
    with patch.dict(DATA, {peer.kind: data}):
        home = await set_up(Kind.METER, peer.kind, options=options)
    await until(
        lambda: all(each.port or not each.devices for each in home.links.listeners)
    )
    [found] = home.devices.values()
    await peer.come(home)
    await until(lambda: found.available)
    found.queue._timeout_s = _PATIENCE_S
    yield found
    await hass.config_entries.async_unload(home.entry.entry_id)


def setpoint(device: ControlledDevice, power_w: int) -> Setpoint:
    """Return an order of ``power_w``."""
    return Setpoint(
        device_id=device.device_id,
        action=Action.CHARGE if power_w >= 0 else Action.DISCHARGE,
        power_w=power_w,
        cause=Cause.PLAN,
    )


async def ordered(
    device: ControlledDevice, power_w: int, true: Callable[[], bool]
) -> None:
    """Order the same again and again, as the fast loop does, until it is ``true``."""
    async with asyncio.timeout(15):
        while not true():
            device.order(setpoint(device, power_w))
            await asyncio.sleep(0.02)


async def handed_back(device: ControlledDevice) -> None:
    """Ask until the device has its own mode, as the home does."""
    async with asyncio.timeout(15):
        while not device.hand_back():  # noqa: ASYNC110 - it is asked, not told
            await asyncio.sleep(0.02)


def is_told(peer: Peer, power_w: int) -> Callable[[], bool]:
    """Return whether the device was told ``power_w``, or the step below it."""

    def told() -> bool:
        told_w = peer.told_w
        if told_w is None:  # at its most it may do as it likes
            return power_w == peer.powers_w[0] and peer.orders > 0
        short_w = abs(power_w) - abs(told_w)
        return 0 <= round(short_w) < peer.step_w and told_w * power_w >= 0

    return told


def _draws(device: ControlledDevice, power_w: int) -> bool:
    return device.power_w == power_w


async def it_is_read(device: ControlledDevice, peer: Peer) -> None:
    for power_w in (3300, 0):
        await peer.measure(power_w)
        await until(partial(_draws, device, power_w))


async def it_says_what_it_can(device: ControlledDevice, peer: Peer) -> None:
    wanted, says = set(CAN[type(peer).__name__]), Capability.STATE_OF_CHARGE
    if it_is_read.__name__ not in peer.cannot:
        await peer.measure(3300)
        await until(partial(_draws, device, 3300))
        wanted.add(Capability.MEASURE_POWER)
    assert device.capabilities - {says} == wanted
    assert (says in device.capabilities) is (device.state_of_charge is not None)


async def it_is_ordered_over_its_range_and_handed_back(
    device: ControlledDevice, peer: Peer
) -> None:
    for power_w in reversed(peer.powers_w):
        await ordered(device, power_w, is_told(peer, power_w))
    middle_w = peer.powers_w[1]
    await ordered(device, middle_w, is_told(peer, middle_w))
    await device.queue.join()
    assert device.problem is None
    await until(lambda: device.driver.is_as(setpoint(device, middle_w)))
    await handed_back(device)
    await until(lambda: peer.told_w is None)
    assert not device.driver.is_as(setpoint(device, middle_w))


async def an_order_that_stays_is_given_once(
    device: ControlledDevice, peer: Peer
) -> None:
    middle_w = peer.powers_w[1]
    await ordered(device, middle_w, is_told(peer, middle_w))
    await device.queue.join()
    given = peer.orders
    for _ in range(20):
        device.order(setpoint(device, middle_w))
        await asyncio.sleep(0.02)
    await device.queue.join()
    assert peer.orders == given


async def one_that_is_lost_is_away_and_ordered_at_once_when_it_returns(
    device: ControlledDevice, peer: Peer
) -> None:
    middle_w = peer.powers_w[1]
    await ordered(device, middle_w, is_told(peer, middle_w))
    await peer.leave()
    await until(lambda: not device.available)
    await peer.come()
    await ordered(device, middle_w, is_told(peer, middle_w))
    await ordered(device, middle_w, lambda: device.problem is None)


async def one_that_was_lost_is_handed_back_all_the_same(
    device: ControlledDevice, peer: Peer
) -> None:
    middle_w = peer.powers_w[1]
    await ordered(device, middle_w, is_told(peer, middle_w))
    await peer.leave()
    await until(lambda: not device.available)
    await peer.come()
    await until(lambda: device.available)
    await handed_back(device)
    await until(lambda: peer.told_w is None)


async def a_refusal_is_said_and_the_order_taken_when_it_may_be(
    device: ControlledDevice, peer: Peer
) -> None:
    middle_w = peer.powers_w[1]
    await peer.refuse(on=True)
    await ordered(device, middle_w, lambda: device.problem is not None)
    assert device.problem is not None
    timed_out = Message.of("no_answer_within", within_s=_PATIENCE_S)
    assert device.problem != timed_out
    assert device.queue.sent is None
    await peer.refuse(on=False)
    await ordered(device, middle_w, is_told(peer, middle_w))
    await ordered(device, middle_w, lambda: device.problem is None)


async def what_was_not_done_is_ordered_again(
    device: ControlledDevice, peer: Peer
) -> None:
    middle_w = peer.powers_w[1]
    await peer.refuse(on=True)
    for _ in range(10):
        device.order(setpoint(device, middle_w))
        await asyncio.sleep(0.02)
    await device.queue.join()
    assert peer.told_w is None
    await peer.refuse(on=False)
    with patch.object(command_queue, "REPEAT_AFTER_S", 0.3):
        await ordered(device, middle_w, is_told(peer, middle_w))
    await ordered(device, middle_w, lambda: device.problem is None)


async def a_slow_one_is_said_to_be_and_ends_up_with_the_latest_order(
    device: ControlledDevice, peer: Peer
) -> None:
    first_w, second_w = peer.powers_w[1], peer.powers_w[-1]
    if first_w == second_w:
        first_w = peer.powers_w[0]
    await ordered(device, first_w, is_told(peer, first_w))
    await device.queue.join()
    await peer.stall(on=True)
    await ordered(device, second_w, lambda: device.problem is not None)
    assert device.problem == Message.of("no_answer_within", within_s=_PATIENCE_S)
    await device.queue.join()
    await peer.stall(on=False)
    await asyncio.sleep(0.3)  # it may do the late order now
    await ordered(device, first_w, is_told(peer, first_w))
    await ordered(device, first_w, lambda: device.problem is None)


async def what_another_orders_is_noticed(device: ControlledDevice, peer: Peer) -> None:
    middle_w = peer.powers_w[1]
    order = setpoint(device, middle_w)
    with (
        # The home orders as well once the problems are over: what was handed back
        # by that is anybody's to set.
        patch.object(CarryingOut, "carry_out"),
        patch.object(OtherControllers, "look"),  # it asks the driver as well
    ):
        await device.queue.join()
        await ordered(device, middle_w, is_told(peer, middle_w))
        await ordered(device, middle_w, lambda: device.driver.is_as(order))
        await device.queue.join()
        device.driver.meddled()
        await peer.meddle()
        await until(lambda: device.driver.meddled() is not None)


async def rubbish_is_no_value_and_stops_no_order(
    device: ControlledDevice, peer: Peer
) -> None:
    middle_w = peer.powers_w[1]
    await peer.measure(3300)
    await until(lambda: device.power_w == 3300)
    await peer.rubbish()
    await asyncio.sleep(0.3)
    assert device.power_w in (None, 3300)
    if not device.available:  # who talks rubbish may be hung up on
        await peer.leave()
        await peer.come()
        await until(lambda: device.available)
    await ordered(device, middle_w, is_told(peer, middle_w))
    await ordered(device, middle_w, lambda: device.problem is None)


CASES: Final[tuple[Case, ...]] = (
    it_is_read,
    it_says_what_it_can,
    it_is_ordered_over_its_range_and_handed_back,
    an_order_that_stays_is_given_once,
    a_refusal_is_said_and_the_order_taken_when_it_may_be,
    what_was_not_done_is_ordered_again,
    a_slow_one_is_said_to_be_and_ends_up_with_the_latest_order,
    one_that_is_lost_is_away_and_ordered_at_once_when_it_returns,
    one_that_was_lost_is_handed_back_all_the_same,
    rubbish_is_no_value_and_stops_no_order,
    what_another_orders_is_noticed,
)


async def test_a_device_of_this_protocol(
    device: ControlledDevice, peer: Peer, subtests: pytest.Subtests
) -> None:
    names = {case.__name__ for case in CASES}
    assert peer.cannot <= names
    for case in CASES:
        if case.__name__ not in peer.cannot:
            with subtests.test(case.__name__):
                await case(device, peer)
                await handed_back(device)
                await until(lambda: peer.told_w is None)
