"""Asking meters that speak the real protocol, over TCP and over a serial port."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
import os
import pty
import tty
from typing import Final

import pytest

from cem_core.meter.mbus_address import Secondary, parse
from cem_core.model import SubmeterKind
from cem_core.model.slow_reading import SlowQuantity
from cem_core.transport.mbus_master import MbusMaster, Timing
from cem_core.transport.mbus_source import (
    MbusMeter,
    MbusResult,
    MbusSource,
    master,
    serial_line,
    tcp_line,
)
from tests.cem_core.transport.conftest import HOST, serving
from tests.cem_core.transport.mbus_bus import Bus, Slave

# Long enough for a busy machine: what is missed would count as absent.
TIMING: Final = Timing(acknowledge_s=0.05, answer_s=0.3, gap_s=0.05)
WATER: Final = bytes.fromhex("78563412 2423 01 07")
HEAT: Final = bytes.fromhex("79563412 2d2c 05 04")
VOLUME: Final = bytes.fromhex("0c13 27048502")  # 2850.427 m3
ENERGY: Final = bytes.fromhex("0c06 27048502")  # 2850427 kWh


def water(primary: int = 1, deaf: int = 0) -> Slave:
    return Slave(primary, WATER, (VOLUME,), deaf)


def heat(primary: int = 2) -> Slave:
    return Slave(primary, HEAT, (ENERGY + b"\x1f", VOLUME))


@asynccontextmanager
async def asking(bus: Bus) -> AsyncGenerator[MbusMaster]:
    async with (
        serving(bus.talk) as port,
        master(tcp_line(HOST, port), TIMING) as asks,
    ):
        yield asks


async def read(bus: Bus, *addresses: str, port: int | None = None) -> list[MbusResult]:
    meters = [MbusMeter(address=parse(address)) for address in addresses]

    async def once(at: int) -> list[MbusResult]:
        source = MbusSource(line=tcp_line(HOST, at), meters=meters, timing=TIMING)
        return [result async for result in source.read_once()]

    if port is not None:
        return await once(port)
    async with serving(bus.talk) as own:
        return await once(own)


async def test_a_meter_is_read_by_its_primary_address() -> None:
    [result] = await read(Bus([water(), heat()]), "1")
    assert result.reading is not None
    assert result.reading.kind is SubmeterKind.WATER
    assert result.reading.meter_id == "12345678"
    assert result.reading.values == {SlowQuantity.VOLUME: 2850.427}


async def test_a_meter_is_read_by_its_number_and_all_parts_are_asked_for() -> None:
    bus = Bus([water(), heat()])
    [result] = await read(bus, "12345679")
    assert result.reading is not None
    assert result.reading.kind is SubmeterKind.HEAT
    assert result.reading.values == {
        SlowQuantity.ENERGY: 2_850_427_000.0,
        SlowQuantity.VOLUME: 2850.427,
    }
    assert [frame[1] for frame in bus.heard] == [0x40, 0x0B, 0x7B, 0x5B]


async def test_a_lost_request_is_repeated_with_the_same_bit() -> None:
    bus = Bus([water(deaf=2)])
    [result] = await read(bus, "1")
    assert result.reading is not None
    assert [frame[1] for frame in bus.heard] == [0x40, 0x7B, 0x7B, 0x7B]


async def test_a_damaged_answer_is_asked_for_again() -> None:
    slave = heat()
    bus = Bus([slave], damage=2)
    [result] = await read(bus, "2")
    assert result.reading is not None
    assert len(result.reading.values) == 2
    assert slave.asked == 4  # two damaged ones, it again, and the second part


async def test_a_level_converter_may_echo() -> None:
    results = await read(Bus([water(), heat()], echo=True), "1", "12345679")
    assert all(result.reading is not None for result in results)


@pytest.mark.parametrize(
    ("address", "cause"),
    [
        ("9", "no answer"),
        ("99999999", "no meter with this number answers"),
        ("7", "the answer is damaged"),
    ],
)
async def test_what_fails_is_told_and_the_next_meter_is_read(
    address: str, cause: str
) -> None:
    # Two meters came from the factory with the same primary address.
    same = Slave(7, WATER, (VOLUME,)), Slave(7, HEAT, (ENERGY,))
    failed, sound = await read(Bus([*same, heat()]), address, "2")
    assert (failed.reading, failed.cause) == (None, cause)
    assert sound.reading is not None


async def test_the_same_number_twice_is_no_reading() -> None:
    twice = Slave(3, WATER, (VOLUME,)), Slave(4, WATER, (ENERGY,))
    [result] = await read(Bus(twice), "12345678")
    assert result.reading is None
    assert result.cause == "the answer is damaged"


async def test_another_primary_address_in_the_answer_is_refused() -> None:
    slave = water()
    slave.primary = 5
    bus = Bus([slave])
    take = bus.take
    # A gateway that routes the question to the wrong meter.
    bus.take = lambda data: take(data.replace(b"\x7b\x01\x7c", b"\x7b\x05\x80"))  # type: ignore[method-assign]
    [result] = await read(bus, "1")
    assert result.cause == "the meter at 5 answers instead"


async def test_a_line_that_is_not_there_fails_every_meter(unused_tcp_port: int) -> None:
    results = await read(Bus([]), "1", "2", port=unused_tcp_port)
    assert [result.reading for result in results] == [None, None]
    assert all(result.cause for result in results)


async def test_what_is_no_address_of_a_gateway_is_told() -> None:
    source = MbusSource(line=tcp_line(HOST, 70_000), meters=[MbusMeter(address=1)])
    [result] = [result async for result in source.read_once()]
    assert result.cause.startswith(f"{HOST}:70000 is no address: ")


async def test_the_primary_scan_finds_who_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cem_core.meter.mbus_link.MOST_PRIMARY", 8)
    # Two E5 at once look like one: who shares an address is seen when it is read.
    bus = Bus([water(1), heat(3), Slave(8, WATER, (VOLUME,)), Slave(8, HEAT, ())])
    async with asking(bus) as asks:
        found = [each async for each in asks.primary_addresses()]
    assert found == [1, 3, 8]


async def test_the_search_finds_every_meter_by_its_number() -> None:
    numbers = ("12345678", "12345679", "12345622", "12345611")
    slaves = [
        Slave(at, bytes.fromhex(number)[::-1] + b"\x24\x23\x01\x07", (VOLUME,))
        for at, number in enumerate(numbers)
    ]
    async with asking(Bus(slaves)) as asks:
        search = asks.search(Secondary("123456FF"))
        found = [identity.number async for identity in search]
    assert sorted(found) == sorted(numbers)


async def test_the_search_can_be_narrowed_to_a_maker() -> None:
    async with asking(Bus([water(), heat()])) as asks:
        within = Secondary("FFFFFFFF", bytes.fromhex("2d2cffff"))
        found = [identity.number async for identity in asks.search(within)]
    assert found == ["12345679"]


async def test_meters_are_read_over_a_serial_port() -> None:
    controller, device = pty.openpty()
    tty.setraw(controller)
    os.set_blocking(controller, False)
    bus, loop = Bus([water(), heat()]), asyncio.get_running_loop()
    loop.add_reader(
        controller, lambda: os.write(controller, bus.take(os.read(controller, 300)))
    )
    source = MbusSource(
        line=serial_line(os.ttyname(device)),
        meters=[MbusMeter(address=1), MbusMeter(address=parse("12345679"))],
        timing=TIMING,
    )
    try:
        results = [result async for result in source.read_once()]
    finally:
        loop.remove_reader(controller)
        os.close(device)
        os.close(controller)
    assert [result.reading is not None for result in results] == [True, True]


async def test_meters_are_read_again_but_never_more_often_than_each_minute() -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    async with serving(Bus([water()]).talk) as port:
        source = MbusSource(
            line=tcp_line(HOST, port),
            meters=[MbusMeter(address=1)],
            interval_s=1,
            timing=TIMING,
            sleep=pause,
        )
        async with aclosing(source.results()) as results:
            [await anext(results) for _ in range(3)]
    assert pauses == [60, 60]
