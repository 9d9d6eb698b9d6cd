"""A real client against real servers on the loopback interface."""

import asyncio
from contextlib import aclosing
import socket

import pytest

from cem_core.meter import Decoder
from cem_core.model import Reading
from cem_core.transport import (
    Backoff,
    ByteSource,
    ConnectionChange,
    ConnectionState,
    TcpSource,
)
from tests.cem_core.transport.conftest import HOST, say, say_and_stay, serving
from tests.telegrams.compose import DSMR4, DSMR5, EMUCS

CONNECTED = ConnectionState.CONNECTED
SILENT = ConnectionState.SILENT
DISCONNECTED = ConnectionState.DISCONNECTED
AT_ONCE = Backoff(first_s=0.001, most_s=0.01)


async def collect(source: ByteSource, count: int) -> bytes:
    """Read until ``count`` bytes have come."""
    data = b""
    async with asyncio.timeout(10), aclosing(source.stream()) as stream:
        async for piece in stream:
            data += piece
            if len(data) >= count:
                break
    return data


def free_port() -> int:
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        port: int = unused.getsockname()[1]
        return port


async def test_telegrams_arrive_as_they_were_sent() -> None:
    sent = DSMR4 + DSMR5 + EMUCS
    async with serving(say_and_stay(sent)) as port:
        data = await collect(TcpSource(host=HOST, port=port), len(sent))
    assert data == sent
    assert all(isinstance(r, Reading) for r in Decoder().feed(data))


async def test_it_connects_again_when_the_other_side_closes() -> None:
    changes: list[ConnectionChange] = []
    async with serving(say(b"one"), say(b"two"), say_and_stay(b"three")) as port:
        source = TcpSource(
            host=HOST, port=port, backoff=AT_ONCE, on_change=changes.append
        )
        assert await collect(source, 11) == b"onetwothree"
    assert [change.state for change in changes] == [CONNECTED, DISCONNECTED] * 3
    assert changes[1].cause == "closed by the other side"
    assert changes[-1].cause == "stopped"


async def test_it_waits_longer_each_time_until_bytes_come() -> None:
    port = free_port()
    waited: list[float] = []

    async def sleep(delay: float) -> None:
        waited.append(delay)
        if len(waited) == 5:
            opened.set_result(await stack.__aenter__())
        await asyncio.sleep(0)

    opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()
    stack = serving(say(b"x"), say_and_stay(b"y"), port=port)
    source = TcpSource(
        host=HOST,
        port=port,
        backoff=Backoff(first_s=1, factor=2, most_s=6, jitter=0),
        sleep=sleep,
    )
    try:
        assert await collect(source, 2) == b"xy"
    finally:
        await stack.__aexit__(None, None, None)
    assert waited == [1, 2, 4, 6, 6, 1]


async def test_silence_is_told_and_the_connection_made_anew() -> None:
    changes: list[ConnectionChange] = []
    async with serving(say_and_stay(b"one"), say_and_stay(b"two")) as port:
        source = TcpSource(
            host=HOST,
            port=port,
            silence_s=0.05,
            backoff=AT_ONCE,
            on_change=changes.append,
        )
        assert await collect(source, 6) == b"onetwo"
    states = [change.state for change in changes]
    assert states == [CONNECTED, SILENT, CONNECTED, DISCONNECTED]
    assert changes[1].cause == "no bytes for 0.05 s"


async def test_an_open_port_that_says_nothing_never_counts_as_connected() -> None:
    changes: list[ConnectionChange] = []
    silent = asyncio.Event()

    def note(change: ConnectionChange) -> None:
        changes.append(change)
        silent.set()

    async with serving(say_and_stay(b"")) as port:
        source = TcpSource(host=HOST, port=port, silence_s=0.02, on_change=note)
        task = asyncio.create_task(collect(source, 1))
        await asyncio.wait_for(silent.wait(), 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert [change.state for change in changes] == [SILENT, DISCONNECTED]


async def test_a_refused_connection_names_its_cause() -> None:
    changes: list[ConnectionChange] = []
    waited: list[float] = []
    gave_up = asyncio.Event()

    async def sleep(delay: float) -> None:
        waited.append(delay)
        if len(waited) == 3:
            gave_up.set()
            await asyncio.Event().wait()

    source = TcpSource(
        host=HOST, port=free_port(), sleep=sleep, on_change=changes.append
    )
    task = asyncio.create_task(collect(source, 1))
    await asyncio.wait_for(gave_up.wait(), 5)
    assert changes == [ConnectionChange(DISCONNECTED, "Connection refused")]
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_cancelled_reader_leaves_no_task_and_closes_its_connection() -> None:
    left = asyncio.Event()

    async def stay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"x")
        await reader.read()
        left.set()

    async with serving(stay) as port:
        before = asyncio.all_tasks()
        task = asyncio.create_task(collect(TcpSource(host=HOST, port=port), 100))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(left.wait(), 5)
        await asyncio.sleep(0.01)
        assert asyncio.all_tasks() <= before


@pytest.mark.parametrize(("host", "port"), [("a\0b", 80), (HOST, 99_999)])
async def test_what_is_no_address_is_a_cause_and_no_end(host: str, port: int) -> None:
    tries = 0

    async def sleep(_: float) -> None:
        nonlocal tries
        tries += 1
        if tries > 2:
            raise asyncio.CancelledError

    source = TcpSource(host=host, port=port, sleep=sleep)
    causes: list[str] = []
    source.on_change = lambda change: causes.append(change.cause)
    with pytest.raises(asyncio.CancelledError):
        await collect(source, 1)
    assert "is no address" in causes[0]
    assert causes[-1] == "stopped"
