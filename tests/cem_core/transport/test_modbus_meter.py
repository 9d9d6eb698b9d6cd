"""A meter that is polled, against real servers that serve the real maps."""

import asyncio
from contextlib import aclosing
from fractions import Fraction

from pymodbus.constants import ExcCodes
import pytest

from cem_core.modbus import Kind, NoPowerError, RegisterMap, load, names
from cem_core.modbus.quantity import Field
from cem_core.modbus.sunspec import Model, NoSunSpecError, points
from cem_core.model import Reading
from cem_core.transport.backoff import Backoff
from cem_core.transport.modbus import ModbusConnection, SerialLink, TcpLink
from cem_core.transport.modbus_meter import ModbusMeter
from cem_core.transport.source import ConnectionChange, ConnectionState
from tests.cem_core.modbus.served import (
    HOST,
    Words,
    device,
    fractions,
    holding,
    serial_cable,
    serving,
    serving_serial,
    words_of,
)
from tests.cem_core.modbus.test_maps import numbers

AT_ONCE = Backoff(first_s=0.001, most_s=0.01)
METERS = [name for name in names() if load(name).kind is Kind.METER]


def power_of(known: RegisterMap) -> str:
    wanted = Field.parse("power_w")
    return next(r.name for r in known.registers.values() if wanted in r.fields)


def meter(
    port: int, known: RegisterMap | None, *, seen: list[ConnectionChange] | None = None
) -> ModbusMeter:
    link = ModbusConnection(link=TcpLink(host=HOST, port=port), timeout_s=0.2)
    link.backoff = AT_ONCE
    return ModbusMeter(
        unit=link.unit(1),
        register_map=known,
        period_s=0.001,
        backoff=AT_ONCE,
        on_change=(lambda _: None) if seen is None else seen.append,
    )


async def first(source: ModbusMeter, count: int = 1) -> list[Reading]:
    found: list[Reading] = []
    async with asyncio.timeout(10), aclosing(source.readings()) as readings:
        async for each in readings:
            found.append(each)
            if len(found) == count:
                break
    return found


@pytest.mark.parametrize("name", METERS)
async def test_each_map_is_read_over_tcp(name: str) -> None:
    known = load(name)
    said = dict.fromkeys(numbers(known), Fraction()) | {
        power_of(known): Fraction(-1500)
    }
    held = words_of(known, said)
    async with serving(device(held)) as port:
        for found in await first(meter(port, known), 3):
            assert (found.import_power_w, found.export_power_w) == (0, 1500)
            assert {raw.code for raw in found.raw} == set(said)


async def test_a_meter_on_a_serial_line_is_read() -> None:
    known = load("eastron_sdm230")
    held = words_of(known, fractions({"active_power": 321.5, "voltage": 229.5}))
    with serial_cable() as (ours, theirs):
        async with serving_serial(theirs, device(held)):
            line = ModbusConnection(link=SerialLink(device=ours), timeout_s=0.5)
            [found] = await first(ModbusMeter(unit=line.unit(1), register_map=known))
            await line.close()
    assert found.import_power_w == 322
    assert found.phases[0].voltage_v == 229.5


def sunspec_device() -> Words:
    """Return a device with the common model and a single phase meter (201)."""
    common, model = Model(1, 40002, 66), Model(201, 40070, 105)
    held = holding(40000, [0x5375, 0x6E53, 1, 66, *[0] * 66, 201, 105, *[0x8000] * 105])
    held |= holding(40177, [0xFFFF, 0])
    held |= holding(points(common)["SN"].address, [0x5300])
    for name, word in {"W": 250, "W_SF": 1, "PhVphA": 2300, "V_SF": 0xFFFF}.items():
        held |= holding(points(model)[name].address, [word])
    return held


async def test_a_sunspec_meter_is_found_and_read() -> None:
    async with serving(device(sunspec_device(), all_else=None)) as port:
        source = meter(port, None)
        for found in await first(source, 2):
            assert found.import_power_w == 2500
            assert found.meter_id == "S"
            assert found.phases[0].voltage_v == 230.0
            assert found.phases[0].current_a is None
        requests = source.unit.connection.counts.requests  # type: ignore[attr-defined]
        assert requests == 1 + 3 + 1 + 2  # marker, chain, serial number, two polls


async def test_a_device_without_sunspec_is_said_so() -> None:
    async with serving(device(holding(0, [1]))) as port:
        with pytest.raises(NoSunSpecError):
            await meter(port, None).read()


async def test_registers_that_this_device_lacks_are_left_out() -> None:
    known = load("abb_b23")
    said = fractions({"active_power": 900, "active_import": 12.5, "current_l1": 4})
    async with serving(device(words_of(known, said), all_else=None)) as port:
        source = meter(port, known)
        found, again = await first(source, 2)
    assert found.import_power_w == again.import_power_w == 900
    assert found.import_energy_wh == {"total": 12_500}
    assert {raw.code for raw in found.raw} == set(said)


async def test_a_wrong_map_gives_no_reading() -> None:
    async with serving(device(holding(0, [1]), all_else=None)) as port:
        source = meter(port, load("abb_b23"))
        for _ in range(2):
            with pytest.raises(NoPowerError, match="is the register map the right one"):
                await source.read()


async def test_a_busy_device_is_silent_only_when_it_stays_so() -> None:
    known = load("eastron_sdm230")
    busy = [False, False, True, True, False, False, *[True] * 5]  # two blocks a poll

    async def answer(*_: object) -> ExcCodes | None:
        return ExcCodes.DEVICE_BUSY if busy and busy.pop(0) else None

    seen: list[ConnectionChange] = []
    held = words_of(known, {"active_power": Fraction(5)})
    async with serving(device(held, action=answer)) as port:
        source = meter(port, known, seen=seen)
        assert len(await first(source, 3)) == 3
    states = [change.state for change in seen]
    assert states[0] is ConnectionState.CONNECTED
    assert ConnectionState.DISCONNECTED not in states
    silent = [c.cause for c in seen if c.state is ConnectionState.SILENT]
    assert silent
    assert all("it is busy (6)" in cause for cause in silent)


async def test_a_lost_link_is_told_and_made_anew() -> None:
    known = load("eastron_sdm230")
    held = words_of(known, {"active_power": Fraction(5)})
    seen: list[ConnectionChange] = []
    async with serving(device(held)) as port:
        source = meter(port, known, seen=seen)
        async with asyncio.timeout(10), aclosing(source.readings()) as readings:
            await anext(readings)
            lost = asyncio.ensure_future(anext(readings))
            source.unit.connection.link = TcpLink(host=HOST, port=1)  # type: ignore[attr-defined]
            await source.unit.connection.close()  # type: ignore[attr-defined]
            await asyncio.sleep(0.05)
            source.unit.connection.link = TcpLink(host=HOST, port=port)  # type: ignore[attr-defined]
            assert (await lost).import_power_w == 5
            assert (await anext(readings)).import_power_w == 5
    assert seen[-1].state is ConnectionState.CONNECTED
