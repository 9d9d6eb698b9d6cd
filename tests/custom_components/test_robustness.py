"""What others do wrong stops neither the meter nor the limits."""

import asyncio
from contextlib import suppress
import math
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from cem_core.devices import DeviceError
from cem_core.model import Action, Cause, Message, Setpoint
from custom_components.cem.const import Kind, Mode
from custom_components.cem.events import HomeEvent
from custom_components.cem.meters import MeterListener, connect, streams
from custom_components.cem.problems import problems
from custom_components.cem.wishes import async_set_mode
from tests.custom_components.conftest import SetUp
from tests.custom_components.gateway import meter_of
from tests.custom_components.house import (
    CELSIUS,
    DEVICES,
    PERCENT,
    STATES,
    W,
    make_entry,
)
from tests.custom_components.test_limits import order, value
from tests.telegrams.compose import DSMR5

HOSTILE = ("unavailable", "unknown", "nan", "inf", "-inf", "-", "", "1e308", "-1e30")


@pytest.mark.parametrize("fails", ["listener", "event"])
async def test_a_listener_that_raises_does_not_keep_orders_from_devices(
    hass: HomeAssistant,
    set_up: SetUp,
    caplog: pytest.LogCaptureFixture,
    fails: str,
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    await async_set_mode(home, Mode.CONTROL)

    @callback
    def broken() -> None:
        raise RuntimeError("broken listener")

    @callback
    def broken_event(_: HomeEvent) -> None:
        raise RuntimeError("broken listener")

    if fails == "listener":
        home.listen(broken)
    else:
        home.listen_events(broken_event)
    await order(hass, limit_w=5000)
    numbers = async_mock_service(hass, "number", "set_value")
    hass.states.async_set("switch.charger", "on")
    hass.states.async_set("sensor.charger", "11000", W)
    hass.states.async_set("sensor.grid", "12000", W)
    await hass.async_block_till_done()
    await home.devices["wallbox"].queue.join()
    assert numbers[-1].data["value"] == 7
    assert value(hass, "sensor.home_grid_power") == "12000"
    assert "broken listener" in caplog.text


async def test_a_reading_that_is_not_digested_does_not_end_the_meters_task(
    hass: HomeAssistant, socket_enabled: None
) -> None:
    readings: list[Any] = []
    done, served = asyncio.Event(), asyncio.Event()

    def take(reading: Any) -> None:
        readings.append(reading)
        if len(readings) > 1:
            done.set()
        raise RuntimeError("not digested")

    problems: list[Any] = []
    hass.loop.set_exception_handler(lambda _, context: problems.append(context))

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            for _ in range(3):
                writer.write(DSMR5)
                await writer.drain()
                await asyncio.sleep(0.02)
            await reader.read()
        writer.close()
        served.set()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    entry = make_entry()
    entry.add_to_hass(hass)
    data = {"method": "tcp", "host": "127.0.0.1", "port": port}
    meter = connect(hass, entry, meter_of(data))
    meter.start(MeterListener(reading=take, connected=lambda *_: None))
    try:
        async with asyncio.timeout(10):
            await done.wait()
    finally:
        await meter.stop()
        await served.wait()
        server.close()
    assert len(readings) > 1
    assert problems


@pytest.mark.parametrize("says", HOSTILE)
async def test_entities_that_talk_nonsense_are_not_believed(
    hass: HomeAssistant, set_up: SetUp, says: str, caplog: pytest.LogCaptureFixture
) -> None:
    home = await set_up(*DEVICES)
    await async_set_mode(home, Mode.CONTROL)
    for name in ("number", "switch", "select", "button", "climate"):
        async_mock_service(hass, name, "set_value")
    for entity_id, (_, attributes) in STATES.items():
        if entity_id != "sensor.grid":
            hass.states.async_set(entity_id, says, attributes)
    hass.states.async_set("sensor.grid", "2000", W)
    await hass.async_block_till_done()
    for device in home.devices.values():
        state = home.snapshot.states[device.device_id]
        assert state.power_w is None
        assert state.state_of_charge is None
        assert state.indoor_temperature_c is None
    assert home.devices["wallbox"].energy_wanted_kwh == 20
    assert home.snapshot.grid_w == 2000
    load_w = home.snapshot.load_w
    assert load_w is not None
    assert math.isfinite(load_w)
    hass.states.async_set("sensor.grid", says, W)
    await hass.async_block_till_done()
    assert home.snapshot.grid_w == 2000  # the last one that meant something
    assert "Traceback" not in caplog.text


async def test_a_unit_that_changes_at_run_time_says_nothing(
    hass: HomeAssistant, set_up: SetUp, caplog: pytest.LogCaptureFixture
) -> None:
    home = await set_up(*DEVICES)
    hass.states.async_set("sensor.battery", "4", {"unit_of_measurement": "kWh"})
    hass.states.async_set("sensor.charger", "4", {})
    hass.states.async_set("sensor.heat_pump", "1.5", {"unit_of_measurement": "kW"})
    hass.states.async_set("sensor.indoor", "68", {"unit_of_measurement": "°F"})
    hass.states.async_set("sensor.grid", "2100", {"unit_of_measurement": "VA"})
    await hass.async_block_till_done()
    assert home.devices["cellar_battery"].power_w is None
    assert home.devices["wallbox"].power_w is None
    assert home.devices["heat_pump"].power_w == 1500
    assert home.snapshot.states["heat_pump"].indoor_temperature_c == 20
    assert home.snapshot.grid_w == 1200
    assert not home.meter_connected
    assert "Traceback" not in caplog.text


async def test_an_entity_that_is_removed_makes_its_device_unavailable(
    hass: HomeAssistant, set_up: SetUp, caplog: pytest.LogCaptureFixture
) -> None:
    home = await set_up(*DEVICES)
    await async_set_mode(home, Mode.CONTROL)
    for entity_id in STATES:
        if entity_id != "sensor.grid":
            hass.states.async_remove(entity_id)
    hass.states.async_set("sensor.grid", "2000", W)
    await hass.async_block_till_done()
    assert not any(state.available for state in home.snapshot.states.values())
    assert home.snapshot.grid_w == 2000
    assert value(hass, "sensor.wallbox_reason") == "Wallbox does not answer."
    assert "Traceback" not in caplog.text
    # Once for each device, and by dispatch, which says what is done about it.
    await asyncio.gather(*(x.queue.join() for x in home.devices.values()))
    assert "device_refuses" not in {code for code, _ in problems(home)}


async def test_what_a_command_needs_and_lacks_is_said_in_every_language(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    hass.states.async_remove("switch.charger")
    off = Setpoint(device_id="wallbox", action=Action.OFF, power_w=0, cause=Cause.PLAN)
    with pytest.raises(DeviceError, match=r"^switch\.charger is not avail") as away:
        await home.devices["wallbox"].driver.obey(off)
    assert away.value.cause == Message.of("entity_away", entity="switch.charger")


async def test_a_line_that_is_mute_is_said_in_every_language(
    hass: HomeAssistant, socket_enabled: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_SILENCE_S", 0.02)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port: int = server.sockets[0].getsockname()[1]
    entry = make_entry()
    entry.add_to_hass(hass)
    data = {"method": "tcp", "host": "127.0.0.1", "port": port, "silent_after": 0}
    meter = connect(hass, entry, meter_of(data))
    mute = asyncio.Event()

    def connected(_: bool, cause: str | Message) -> None:
        if cause == Message.of("line_is_mute"):
            mute.set()

    meter.start(MeterListener(reading=lambda _: None, connected=connected))
    try:
        async with asyncio.timeout(10):
            await mute.wait()
    finally:
        await meter.stop()
        server.close()


async def test_an_entity_that_is_renamed_is_followed(
    hass: HomeAssistant, set_up: SetUp, entity_registry: er.EntityRegistry
) -> None:
    entity_registry.async_get_or_create(
        "sensor", "other", "1", suggested_object_id="battery_charge"
    )
    home = await set_up(Kind.METER, Kind.BATTERY)
    entity_registry.async_update_entity(
        "sensor.battery_charge", new_entity_id="sensor.cellar_charge"
    )
    hass.states.async_set("sensor.cellar_charge", "70", PERCENT)
    await hass.async_block_till_done()
    again = home.entry.runtime_data
    assert again.devices["cellar_battery"].state_of_charge == 0.7
    (battery,) = [x for x in home.entry.subentries.values() if "capacity" in x.data]
    assert battery.data["state_of_charge"] == "sensor.cellar_charge"


async def test_whatever_an_integration_raises_is_a_refusal(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    async def explode(_: ServiceCall) -> None:
        raise KeyError("cloud")

    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    hass.services.async_register("switch", "turn_on", explode)
    async_mock_service(hass, "number", "set_value")
    await async_set_mode(home, Mode.CONTROL)
    await home.devices["wallbox"].queue.join()
    assert home.devices["wallbox"].problem == Message.of(
        "cause_entity_refused", entity="switch.charger"
    )
    assert not home.snapshot.states["wallbox"].available


async def test_a_subscription_goes_on_after_a_reload(
    hass: HomeAssistant, set_up: SetUp, hass_ws_client: WebSocketGenerator
) -> None:
    home = await set_up(Kind.METER)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {"type": "cem/subscribe_plan", "entry_id": "home_entry"}
    )
    assert (await client.receive_json())["result"] is None
    assert (await client.receive_json())["event"] is None
    assert await hass.config_entries.async_reload("home_entry")
    again = home.entry.runtime_data
    again.plan_document = {"status": "rule"}
    again.notify()
    assert (await client.receive_json())["event"] == {"status": "rule"}


async def test_a_temperature_beyond_belief_is_none(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.HEAT_PUMP)
    for text, expected in (("-300", None), ("0", 0.0), ("85", None), ("21.5", 21.5)):
        hass.states.async_set("sensor.indoor", text, CELSIUS)
        await hass.async_block_till_done()
        found = home.snapshot.states["heat_pump"].indoor_temperature_c
        assert found == expected
