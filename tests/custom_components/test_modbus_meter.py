"""A Modbus meter is read through Home Assistant's shared connection."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from fractions import Fraction
import json
from pathlib import Path
from typing import Any

from homeassistant.components.modbus import async_get_unit
from homeassistant.components.modbus.connection import DATA_MODBUS_CONNECTIONS
from homeassistant.config_entries import SOURCE_RECONFIGURE
from homeassistant.core import Event, EventStateChangedData, HomeAssistant, callback
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers.event import async_track_state_change_event
from modbus_connection import ModbusSerialParams, ModbusTcpParams, ModbusUnit
from modbus_connection.tmodbus import ModbusConnection
from pymodbus.framer import FramerType
from pymodbus.simulator import SimDevice
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from cem_core.modbus import Kind as DeviceKind, NoAnswerError, load, names
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.forms.meter_modbus import METER_MAPS
from custom_components.cem.meters.meter import MeterListener
from custom_components.cem.meters.modbus import (
    ModbusRegisters,
    SharedUnit,
    link,
    shared_unit,
)
from tests.cem_core.modbus.served import (
    HOST,
    device,
    holding,
    serial_cable,
    serving,
    serving_serial,
    words_of,
)
from tests.cem_core.transport.test_modbus_meter import sunspec_device
from tests.custom_components.test_config_flow import start

SDM230 = load("eastron_sdm230")

KEEP = {"next_step_id": "keep"}


def single_phase(power_w: int, unit_id: int = 1) -> SimDevice:
    said = {"active_power": Fraction(power_w), "voltage": Fraction(230)}
    return device(words_of(SDM230, said), unit_id)


def over_tcp(port: int, **changes: Any) -> dict[str, Any]:
    answers = {"host": HOST, "port": port, "unit_id": 1}
    answers |= {"register_map": "eastron_sdm230"} | changes
    return answers | {"advanced": {"framing": "tcp", "poll_period": 0.5}}


async def shown(hass: HomeAssistant, entity_id: str, value: str) -> None:
    """Wait until an entity has a value."""
    if (now := hass.states.get(entity_id)) is not None and now.state == value:
        return
    comes = asyncio.Event()

    def changed(event: Event[EventStateChangedData]) -> None:
        state = event.data["new_state"]
        if state is not None and state.state == value:
            comes.set()

    stop = async_track_state_change_event(hass, [entity_id], callback(changed))
    async with asyncio.timeout(5):
        await comes.wait()
    stop()


async def removed(hass: HomeAssistant) -> None:
    """Let go of the connection before the test ends."""
    await hass.async_block_till_done()
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    assert await hass.config_entries.async_unload(entry.entry_id)
    await hass.async_block_till_done()
    assert not hass.data[DATA_MODBUS_CONNECTIONS]


@pytest.mark.usefixtures("socket_enabled")
async def test_a_meter_is_read_before_it_is_kept_and_from_then_on(
    hass: HomeAssistant,
) -> None:
    form = await start(hass, Kind.METER, "modbus_tcp")
    flows = hass.config_entries.subentries
    async with serving(single_phase(-1500)) as port:
        result = await flows.async_configure(form["flow_id"], over_tcp(port))
        said = result["description_placeholders"] or {}
        assert said["export_power"] == "1500 W"
        result = await flows.async_configure(form["flow_id"], KEEP)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await hass.async_block_till_done()
        await shown(hass, "sensor.home_grid_power", "-1500")
        another = MockConfigEntry()
        params = ModbusTcpParams(host=HOST, port=port)
        unit = async_get_unit(hass, another, params, 1)
        assert await unit.read_input_registers(12, 2) == [0xC4BB, 0x8000]
        (held,) = hass.data[DATA_MODBUS_CONNECTIONS].values()
        assert held.consumers == 2
        await another._async_process_on_unload(hass)
        await removed(hass)


@pytest.mark.usefixtures("socket_enabled")
async def test_a_meter_that_was_away_is_read_again(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "modbus_tcp")
    flows = hass.config_entries.subentries
    async with serving(single_phase(100)) as port:
        await flows.async_configure(form["flow_id"], over_tcp(port))
        await flows.async_configure(form["flow_id"], KEEP)
        await shown(hass, "binary_sensor.home_meter_connected", "on")
    await shown(hass, "binary_sensor.home_meter_connected", "off")
    async with serving(single_phase(9000), port=port):
        await shown(hass, "binary_sensor.home_meter_connected", "on")
        await shown(hass, "sensor.home_grid_power", "9000")
        await removed(hass)


@pytest.mark.usefixtures("socket_enabled")
async def test_a_gateway_may_pass_serial_frames_on(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "modbus_tcp")
    async with serving(single_phase(700), framer=FramerType.RTU) as port:
        answers = over_tcp(port)
        answers["advanced"]["framing"] = "rtu"
        flows = hass.config_entries.subentries
        await flows.async_configure(form["flow_id"], answers)
        result = await flows.async_configure(form["flow_id"], KEEP)
        assert result["type"] is FlowResultType.CREATE_ENTRY, result
        await shown(hass, "sensor.home_grid_power", "700")
        await removed(hass)


@pytest.mark.usefixtures("socket_enabled")
async def test_a_sunspec_meter_needs_no_map(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "modbus_tcp")
    async with serving(device(sunspec_device())) as port:
        flows = hass.config_entries.subentries
        sunspec = over_tcp(port, register_map="sunspec")
        await flows.async_configure(form["flow_id"], sunspec)
        result = await flows.async_configure(form["flow_id"], KEEP)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        await removed(hass)


@pytest.mark.usefixtures("socket_enabled")
async def test_what_cannot_serve_is_refused_with_the_reason(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.forms.meter_modbus.READ_WITHIN_S", 0.5)
    form = await start(hass, Kind.METER, "modbus_tcp")
    flows = hass.config_entries.subentries

    async def errors(answers: dict[str, Any]) -> dict[str, str]:
        result = await flows.async_configure(form["flow_id"], answers)
        assert result["type"] is FlowResultType.FORM
        return dict(result["errors"] or {})

    empty = device(holding(0, [1]), all_else=None)
    async with serving(empty) as port:
        wrong = {"register_map": "modbus_no_power"}
        assert await errors(over_tcp(port)) == wrong
        found = await errors(over_tcp(port, register_map="sunspec"))
        assert found == {"register_map": "no_sunspec_meter"}
        found = await errors(over_tcp(port, unit_id=9))
        assert found == {"base": "modbus_refused"}
    assert await errors(over_tcp(port)) == {"base": "cannot_connect"}
    async with serving(empty, silent=True) as port:
        found = await errors(over_tcp(port, unit_id=9))
        assert found == {"base": "no_modbus_answer"}
    assert not hass.data[DATA_MODBUS_CONNECTIONS]


@pytest.mark.usefixtures("socket_enabled")
async def test_a_meter_on_a_serial_line_is_read(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "modbus_serial")
    with serial_cable() as (ours, theirs):
        async with serving_serial(theirs, single_phase(700)):
            flows = hass.config_entries.subentries
            await flows.async_configure(
                form["flow_id"],
                {"device": ours, "baud_rate": 9600, "parity": "none", "unit_id": 1}
                | {"register_map": "eastron_sdm230", "advanced": {}},
            )
            result = await flows.async_configure(form["flow_id"], KEEP)
            assert result["type"] is FlowResultType.CREATE_ENTRY, result
            await removed(hass)


@pytest.mark.usefixtures("socket_enabled")
async def test_a_kept_meter_is_changed_in_the_same_form(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "modbus_tcp")
    flows = hass.config_entries.subentries
    async with serving(single_phase(10), single_phase(20, 2)) as port:
        await flows.async_configure(form["flow_id"], over_tcp(port))
        await flows.async_configure(form["flow_id"], KEEP)
        await hass.async_block_till_done()
        (entry,) = hass.config_entries.async_entries(DOMAIN)
        (subentry,) = entry.subentries.values()
        form = dict(
            await flows.async_init(
                (entry.entry_id, str(Kind.METER)),
                context={
                    "source": SOURCE_RECONFIGURE,
                    "subentry_id": subentry.subentry_id,
                },
            )
        )
        await flows.async_configure(form["flow_id"], over_tcp(port, unit_id=2))
        result = await flows.async_configure(form["flow_id"], KEEP)
        assert result["reason"] == "reconfigure_successful"
        (subentry,) = entry.subentries.values()
        assert subentry.data["unit_id"] == 2
        await removed(hass)


async def test_other_settings_for_the_same_line_are_said(hass: HomeAssistant) -> None:
    form = await start(hass, Kind.METER, "entities")
    assert form["step_id"] == "entities"
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    said: list[tuple[bool, object]] = []
    listener = MeterListener(
        reading=lambda _: None, connected=lambda on, cause: said.append((on, cause))
    )
    data = {"device": "/dev/ttyTEST", "unit_id": 1, "register_map": "eastron_sdm230"}
    data |= {"power_sign": "import_positive", "poll_period": 1, "parity": "none"}
    async_get_unit(hass, entry, link(data | {"baud_rate": 2400}), 1)
    ModbusRegisters(hass, entry, data | {"baud_rate": 9600}).start(listener)
    assert said[-1][0] is False
    assert "already in use with different link settings" in str(said[-1][1])


async def test_a_map_that_is_gone_is_named(hass: HomeAssistant) -> None:
    await start(hass, Kind.METER, "entities")
    (entry,) = hass.config_entries.async_entries(DOMAIN)
    said: list[tuple[bool, object]] = []
    listener = MeterListener(
        reading=lambda _: None, connected=lambda on, cause: said.append((on, cause))
    )
    data = {"host": HOST, "port": 502, "framing": "tcp", "unit_id": 1}
    data |= {"register_map": "gone", "power_sign": "import_positive", "poll_period": 1}
    meter = ModbusRegisters(hass, entry, data)
    meter.start(listener)
    await hass.async_block_till_done(wait_background_tasks=True)
    assert said[0][0] is False
    assert str(said[0][1]).startswith("there is no map 'gone'; there are abb_b23")
    await meter.stop()


def test_a_link_is_named_as_home_assistant_names_it() -> None:
    tcp = {"host": "meter.local", "port": 502.0, "framing": "tcp"}
    assert link(tcp) == ModbusTcpParams(host="meter.local", port=502)
    passed_through = link(tcp | {"framing": "rtu", "host": "fd00::1"})
    assert passed_through == ModbusSerialParams(
        device="socket://[fd00::1]:502", baudrate=115_200
    )
    line = link({"device": "/dev/ttyUSB0", "baud_rate": 19_200.0, "parity": "even"})
    assert line == ModbusSerialParams(
        device="/dev/ttyUSB0", baudrate=19_200, parity="E"
    )


def test_every_meter_can_be_chosen_and_is_called_as_in_its_map() -> None:
    meters = {name for name in names() if load(name).kind is DeviceKind.METER}
    assert set(METER_MAPS) == meters
    strings = json.loads(Path("custom_components/cem/strings.json").read_text())
    options = strings["selector"]["register_map"]["options"]
    for name in METER_MAPS:
        mark = "" if load(name).verified else " (not verified)"
        assert options[name] == load(name).title + mark


async def test_writing_goes_through(hass: HomeAssistant) -> None:
    del hass
    written: list[tuple[int, list[int]]] = []

    class Unit:
        async def write_registers(self, address: int, values: list[int]) -> None:
            written.append((address, values))

    await SharedUnit(Unit()).write_registers(5, [1])  # type: ignore[arg-type]
    assert written == [(5, [1])]


LONG_FRAME = bytes.fromhex("0001 0000 00fa 01")  # the beginning of 250 bytes


@asynccontextmanager
async def answering(*first: bytes) -> AsyncGenerator[int]:
    """Serve a register of 7 and return the port; ``first`` opens the connections."""
    opening = list(first)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(opening.pop(0) if opening else b"")
        try:
            while True:
                asked = await reader.readexactly(12)
                writer.write(asked[:4] + bytes((0, 5, asked[6], 3, 2, 0, 7)))
        except asyncio.IncompleteReadError:
            writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.usefixtures("socket_enabled")
async def test_bytes_that_swallow_every_answer_end_with_the_link() -> None:
    async with answering(LONG_FRAME, LONG_FRAME) as port:
        params = ModbusTcpParams(host=HOST, port=port)
        connection = ModbusConnection(params, timeout=0.3)
        unit = SharedUnit(connection.for_unit(1))
        for _ in range(6):
            with pytest.raises(NoAnswerError):
                await unit.read_holding_registers(0, 1)
        assert await unit.read_holding_registers(0, 1) == [7]
        await connection.close()


@pytest.mark.usefixtures("socket_enabled")
@pytest.mark.skipif(
    not hasattr(ModbusUnit, "require_timeout"), reason="it waits for 10 s in any case"
)
async def test_an_answer_is_not_waited_for_longer_than_we_want(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("custom_components.cem.meters.modbus.ANSWER_WITHIN_S", 0.3)
    entry = MockConfigEntry()
    async with answering(LONG_FRAME) as port:
        unit = shared_unit(hass, entry, ModbusTcpParams(host=HOST, port=port), 1)
        async with asyncio.timeout(5):
            with pytest.raises(NoAnswerError):
                await unit.read_holding_registers(0, 1)
        await entry._async_process_on_unload(hass)
    assert not hass.data[DATA_MODBUS_CONNECTIONS]
