"""A server of our own on the loopback interface, and serial lines."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from typing import Final

import pytest

from tests.cem_core.transport.serial_line import asked, eight_bits_only, new_port  # noqa: F401  fixtures

type Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]

HOST: Final = "127.0.0.1"


@pytest.fixture(autouse=True)
def sockets(socket_enabled: None) -> None:
    """Let these tests open sockets on the loopback interface."""


@asynccontextmanager
async def serving(*talks: Talk, port: int = 0) -> AsyncGenerator[int]:
    """Answer the first connection with the first of ``talks``, and so on.

    The last one answers all later connections too. Yields the port.
    """
    count = 0

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        nonlocal count
        talk = talks[min(count, len(talks) - 1)]
        count += 1
        with suppress(ConnectionError):
            await talk(reader, writer)
            writer.close()
            await writer.wait_closed()

    server = await asyncio.start_server(answer, HOST, port)
    async with server:
        yield server.sockets[0].getsockname()[1]
        for _ in range(3):  # one that is accepted after the close would stay open
            await asyncio.sleep(0)
        server.close()
        server.close_clients()


def say(data: bytes) -> Talk:
    """Send ``data`` and close."""

    async def talk(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(data)
        await writer.drain()

    return talk


def say_and_stay(data: bytes) -> Talk:
    """Send ``data`` and then nothing, until the other side leaves."""

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if data:
            writer.write(data)
            await writer.drain()
        await reader.read()

    return talk
