"""What was begun in a second is over before the next, however slow the machine is."""

import asyncio
import time
from typing import Final

import pytest

from tests.custom_components.closed_loop.under_way import UnderWay

EXCHANGES: Final = 50


@pytest.fixture
async def under_way() -> UnderWay:
    """Return what knows of the test's own loop."""
    return UnderWay(asyncio.get_running_loop())


async def test_a_long_talk_over_a_socket_is_waited_for(
    under_way: UnderWay, socket_enabled: None
) -> None:
    said: list[bytes] = []

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    async def talk(port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for index in range(EXCHANGES):
            writer.write(f"{index}\n".encode())
            said.append(await reader.readline())
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    talking = asyncio.create_task(talk(server.sockets[0].getsockname()[1]))
    await under_way.over()
    assert len(said) == EXCHANGES
    await talking
    server.close()
    await under_way.over()


async def test_what_runs_in_a_thread_is_waited_for_and_what_follows(
    under_way: UnderWay,
) -> None:
    steps: list[str] = []

    async def work() -> None:
        for step in ("read", "hash"):
            await asyncio.to_thread(time.sleep, 0.05)
            steps.append(step)

    working = asyncio.create_task(work())
    await under_way.over()
    assert steps == ["read", "hash"]
    await working


async def test_a_timer_that_is_not_due_is_not_waited_for(under_way: UnderWay) -> None:
    waiting = asyncio.create_task(asyncio.sleep(3600))
    began_s = time.monotonic()
    await under_way.over()
    assert time.monotonic() - began_s < 60
    waiting.cancel()


async def test_what_never_ends_is_said(
    under_way: UnderWay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.custom_components.closed_loop.under_way.AT_MOST_S", 0.05)

    async def spin() -> None:
        while True:  # noqa: ASYNC110 (it is what never ends)
            await asyncio.sleep(0)

    spinning = asyncio.create_task(spin())
    with pytest.raises(AssertionError, match="still under way"):
        await under_way.over()
    spinning.cancel()
