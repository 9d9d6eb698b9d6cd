"""A P1 port behind TCP: a gateway, ser2net, or the simulated home."""

import asyncio
from contextlib import aclosing
import logging
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

from cem_core.meter import Decoder
from cem_core.model import Reading
from cem_core.transport import ConnectionChange, ConnectionState, TcpSource
from custom_components.cem.meters.meter import MeterListener

_LOGGER = logging.getLogger(__name__)

SILENT_AFTER_S: Final = 10.0


class P1TcpMeter:
    """Reads telegrams for as long as the entry is loaded."""

    silent_after_s = SILENT_AFTER_S

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, host: str, port: int
    ) -> None:
        """Read from ``host``; nothing happens before `start`."""
        self._hass = hass
        self._entry = entry
        self._address = (host, port)
        self._task: asyncio.Task[None] | None = None
        self.damaged = 0

    @property
    def source(self) -> str:
        """Where the readings come from."""
        return "P1 over TCP"

    def start(self, listener: MeterListener) -> None:
        """Connect, in the background, and again whenever it breaks."""
        self._task = self._entry.async_create_background_task(
            self._hass, self._follow(listener), "cem meter"
        )

    async def stop(self) -> None:
        """Close the connection."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _follow(self, listener: MeterListener) -> None:
        def changed(change: ConnectionChange) -> None:
            listener.connected(change.state is ConnectionState.CONNECTED, change.cause)

        host, port = self._address
        source = TcpSource(host=host, port=port, on_change=changed)
        decoder = Decoder()
        async with aclosing(source.stream()) as pieces:
            async for piece in pieces:
                for found in decoder.feed(piece):
                    if isinstance(found, Reading):
                        # By way of the loop: whatever comes of a reading, the
                        # next one is read.
                        self._hass.loop.call_soon(listener.reading, found)
                    else:
                        self.damaged += 1
                        _LOGGER.debug("Damaged telegram: %s", found)
