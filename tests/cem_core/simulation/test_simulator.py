"""Over TCP: what a P1 reader sees."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta

import pytest

from cem_core.meter import Decoder
from cem_core.model import Reading
from cem_core.simulation.faults import Fault, Order
from cem_core.simulation.p1_server import P1PortError, P1Server
from cem_core.simulation.simulator import Simulator, scaled_clock
from tests.cem_core.simulation.conftest import NOON, NewHome


@asynccontextmanager
async def played(new_home: NewHome, speed: float) -> AsyncIterator[Simulator]:
    simulator = Simulator(new_home(NOON), clock=scaled_clock(NOON, speed), speed=speed)
    stop = asyncio.Event()
    await simulator.start()
    running = asyncio.create_task(simulator.run(stop))
    try:
        yield simulator
    finally:
        stop.set()
        await running
        await simulator.stop()


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[asyncio.StreamReader]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1 << 20)
    try:
        yield reader
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()


async def read(port: int, count: int) -> list[Reading]:
    """Return the first ``count`` telegrams that arrive on ``port``."""
    decoder, readings = Decoder(), list[Reading]()
    async with connected(port) as reader:
        while len(readings) < count:
            piece = await reader.read(4096)
            if not piece:
                break
            readings += [r for r in decoder.feed(piece) if isinstance(r, Reading)]
    return readings[:count]


async def back(port: int) -> bool:
    """Wait until a connection on ``port`` brings a telegram again."""
    for _ in range(200):
        with suppress(ConnectionError):
            if await read(port, 1):
                return True
        await asyncio.sleep(0.1)
    return False


async def test_two_clients_get_every_second(loopback: None, new_home: NewHome) -> None:
    async with played(new_home, speed=20) as simulator:
        both = await asyncio.gather(*(read(simulator.p1_port, 30) for _ in range(2)))
    for readings in both:
        times = [reading.timestamp for reading in readings]
        assert times[0] is not None
        assert times == [times[0] + timedelta(seconds=n) for n in range(30)]


@pytest.mark.parametrize(
    "seconds",
    [150, pytest.param(3600, marks=[pytest.mark.soak, pytest.mark.timeout(120)])],
)
async def test_sixty_times_faster_energies_are_powers_over_time(
    loopback: None, new_home: NewHome, seconds: int
) -> None:
    async with played(new_home, speed=60) as simulator:
        readings = await read(simulator.p1_port, seconds)
    first, last = readings[0], readings[-1]
    assert first.timestamp is not None
    assert last.timestamp == first.timestamp + timedelta(seconds=seconds - 1)
    net_wh = sum(r.power_w or 0 for r in readings[1:]) / 3600

    def counted_wh(reading: Reading) -> int:
        imported = sum(reading.import_energy_wh.values())
        return imported - sum(reading.export_energy_wh.values())

    # Four registers show whole Wh, each of the readings.
    assert counted_wh(last) - counted_wh(first) == pytest.approx(net_wh, abs=4)


async def test_what_was_missed_in_a_long_sleep_is_played_but_not_sent(
    loopback: None, new_home: NewHome
) -> None:
    asleep = timedelta(0)
    clock = scaled_clock(NOON, 1)
    simulator = Simulator(new_home(NOON), clock=lambda: clock() + asleep)
    stop = asyncio.Event()
    await simulator.start()
    running = asyncio.create_task(simulator.run(stop))
    async with connected(simulator.p1_port) as reader:
        await reader.readuntil(b"\r\n!")
        asleep = timedelta(minutes=20)
        sent = await reader.readuntil(b"261125122000W")
        stop.set()
        await running
    assert sent.count(b"!") <= 61
    assert simulator.home.now >= NOON + asleep
    await simulator.stop()


async def test_a_silent_meter_keeps_the_connection(
    loopback: None, new_home: NewHome
) -> None:
    async with (
        played(new_home, speed=10) as simulator,
        connected(simulator.p1_port) as reader,
    ):
        await reader.readuntil(b"\r\n!")
        simulator.home.befall(Order(fault=Fault.SILENCE, device="meter", seconds=20))
        await reader.readline()  # the rest of the telegram before
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.readline(), 0.3)
        assert not reader.at_eof()
        assert (await asyncio.wait_for(reader.readline(), 20)).startswith(b"/FLU5")


async def test_a_disconnected_meter_closes_and_opens_again(
    loopback: None, new_home: NewHome
) -> None:
    async with played(new_home, speed=10) as simulator:
        async with connected(simulator.p1_port) as reader:
            await reader.readline()
            simulator.home.befall(
                Order(fault=Fault.DISCONNECT, device="meter", seconds=5)
            )
            with suppress(ConnectionError):
                await asyncio.wait_for(reader.read(), 5)
            assert reader.at_eof() or reader.exception()
        assert await back(simulator.p1_port)


async def test_a_taken_port_is_told(loopback: None) -> None:
    one, other = P1Server(), P1Server()
    port = await one.start("127.0.0.1", 0)
    with pytest.raises(P1PortError, match=rf"P1 cannot listen on 127\.0\.0\.1:{port}"):
        await other.start("127.0.0.1", port)
    await one.stop()
