"""A line that takes one reader is read by several, and outlives the first of them."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

from homeassistant.core import HomeAssistant

from cem_core.transport import ByteReader, LineStatus, MeterLine
from custom_components.cem.meters.shared import SharedSource


class Port:
    """Says one byte after the other; counts how often it is opened."""

    def __init__(self) -> None:
        self.opened = 0
        self.open_now = 0

    async def stream(self) -> AsyncGenerator[bytes]:
        self.opened += 1
        self.open_now += 1
        assert self.open_now == 1
        try:
            while True:
                await asyncio.sleep(0.001)
                yield b"x"
        finally:
            self.open_now -= 1


async def test_who_listens_in_goes_on_when_the_reader_goes(hass: HomeAssistant) -> None:
    port, lines = Port(), [MeterLine(ByteReader()) for _ in range(2)]
    first, second = (
        SharedSource(hass, ("port", 1), port, line).stream() for line in lines
    )
    async with aclosing(second):
        assert await anext(first) == b"x"
        listens = asyncio.ensure_future(anext(second))
        await asyncio.sleep(0)
        assert await anext(first) == b"x"
        assert await listens == b"x"
        assert port.opened == 1
        assert lines[1].state.status is LineStatus.WAITING
        await first.aclose()
        for _ in range(3):  # what is still in its queue, then from the port itself
            assert await anext(second) == b"x"
        assert port.opened == 2
    assert port.open_now == 0
