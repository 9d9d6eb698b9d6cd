"""Meters of the tests: what a gateway serves, and the subentry that reads it."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
import os
import threading
import tty
from types import MappingProxyType
from typing import Any

from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowManager, FlowResultType

from custom_components.cem.const import Kind


@asynccontextmanager
async def gateway(
    *sends: bytes, every_s: float = 0.05, connected: list[int] | None = None
) -> AsyncGenerator[int]:
    """Serve ``sends`` one after the other to whoever connects; yield the port.

    The last one is sent again and again, as a meter does; ``connected`` grows with
    each connection.
    """
    speaking: set[asyncio.Task[None]] = set()

    async def speak(writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            for piece in sends:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(every_s)
            while True:
                writer.write(sends[-1] if sends else b"")
                await writer.drain()
                await asyncio.sleep(every_s)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if connected is not None:
            connected.append(len(connected))
        task = asyncio.ensure_future(speak(writer))
        speaking.add(task)
        with suppress(ConnectionError):
            await reader.read()  # until the other side goes
        task.cancel()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        port: int = server.sockets[0].getsockname()[1]
        yield port
        for task in speaking:
            task.cancel()
        server.close_clients()


def meter_of(data: Mapping[str, Any]) -> ConfigSubentry:
    """Return the subentry of a meter."""
    return ConfigSubentry(
        data=MappingProxyType(dict(data)),
        subentry_type=Kind.METER,
        subentry_id="id_meter",
        title="Meter",
        unique_id=None,
    )


@contextmanager
def pseudo_terminal(telegram: bytes, every_s: float = 0.1) -> Generator[str]:
    """Say ``telegram`` again and again at a port; yield its path."""
    ours, theirs = os.openpty()
    os.set_blocking(ours, False)
    tty.setraw(ours)
    tty.setraw(theirs)
    ended = threading.Event()

    def speak() -> None:
        while not ended.wait(every_s):
            with suppress(BlockingIOError):
                os.write(ours, telegram)

    thread = threading.Thread(target=speak)
    thread.start()
    try:
        yield os.ttyname(theirs)
    finally:
        ended.set()
        thread.join()
        os.close(ours)
        os.close(theirs)


async def asked(
    flows: FlowManager[Any, Any, Any], flow: Mapping[str, Any], said: Any
) -> Any:
    """Fill in a step; return the next one that asks, when telegrams were shown."""
    result = await flows.async_configure(flow["flow_id"], said)
    while result["type"] is FlowResultType.SHOW_PROGRESS:
        await asyncio.sleep(0.02)
        result = await flows.async_configure(flow["flow_id"])
    return result


async def until(
    hass: HomeAssistant,
    done: Callable[[], bool],
    *,
    within_s: float = 5.0,
    settle: bool = True,
) -> None:
    """Let Home Assistant run until ``done()``, and then until it has settled."""
    async with asyncio.timeout(within_s):
        while not done():  # noqa: ASYNC110 - what is waited for has no event
            await asyncio.sleep(0.01)
    if settle:
        await hass.async_block_till_done()
