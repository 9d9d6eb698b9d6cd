"""Lines of which one is read by several: the home, and a form that changes it.

A port often takes one reader only. So whoever wants the bytes of one that is being
read already listens in.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.util.hass_dict import HassKey

from cem_core.transport import ByteSource, ConnectionChange, ConnectionState, MeterLine
from custom_components.cem.meters.method import only_changes

_WAITING: Final = 256  # pieces that a listener may be behind

type Address = tuple[str | int, ...]
type _Listeners = set[asyncio.Queue[bytes | None]]

_READ_NOW: HassKey[dict[Address, _Listeners]] = HassKey("cem_lines_read_now")


class SharedSource:
    """A `ByteSource` that opens ``source`` only where nobody has."""

    def __init__(
        self,
        hass: HomeAssistant,
        address: Address,
        source: ByteSource,
        line: MeterLine[bytes],
    ) -> None:
        """Open nothing yet; the same line has the same ``address``."""
        self._read_now = hass.data.setdefault(_READ_NOW, {})
        self._address = address
        self._source = source
        self._on_change = only_changes(line.connection_changed)

    async def stream(self) -> AsyncGenerator[bytes]:
        """Yield what comes, whoever has opened the line."""
        while self._address in self._read_now:
            async with aclosing(self._listen()) as pieces:
                async for piece in pieces:
                    self._on_change(ConnectionChange(ConnectionState.CONNECTED))
                    yield piece
        async with aclosing(self._read()) as pieces:
            async for piece in pieces:
                yield piece

    async def _read(self) -> AsyncGenerator[bytes]:
        listeners: _Listeners = set()
        self._read_now[self._address] = listeners
        try:
            async with aclosing(self._source.stream()) as pieces:
                async for piece in pieces:
                    for queue in listeners:
                        if not queue.full():
                            queue.put_nowait(piece)
                    yield piece
        finally:
            del self._read_now[self._address]
            for queue in listeners:
                if queue.full():
                    queue.get_nowait()
                queue.put_nowait(None)

    async def _listen(self) -> AsyncGenerator[bytes]:
        queue: asyncio.Queue[bytes | None] = asyncio.Queue(_WAITING)
        listeners = self._read_now[self._address]
        listeners.add(queue)
        try:
            while (piece := await queue.get()) is not None:
                yield piece
        finally:
            listeners.discard(queue)
