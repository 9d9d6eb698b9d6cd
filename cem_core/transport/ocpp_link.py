"""One station's WebSocket, bounded, in the form that the package ocpp reads."""

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from aiohttp import WSMsgType, web

from cem_core.ocpp.error import StationGoneError

LONGEST: Final = 65_536  # bytes of a message; OCPP has none near it
_BURST: Final = 120.0  # messages at once
_RATE: Final = 20.0  # messages a second after that


def now() -> datetime:
    """Return the time, in UTC."""
    return datetime.now(UTC)


@dataclass(slots=True)
class StationSocket:
    """Reads and writes text; ends the connection where the station sends too much."""

    socket: web.WebSocketResponse
    _budget: float = _BURST
    _counted_at: float = field(default=0.0)

    async def recv(self) -> str:
        """Return the next message. Raises StationGoneError at the end."""
        message = await self.socket.receive()
        if message.type is WSMsgType.TEXT:
            self._count()
            return str(message.data)
        if message.type is WSMsgType.BINARY:
            raise StationGoneError("it sent bytes, OCPP-J is text")
        if message.type is WSMsgType.ERROR:
            raise StationGoneError("the connection broke, or a message was too long")
        raise StationGoneError("closed by the other side")

    def _count(self) -> None:
        at = asyncio.get_running_loop().time()
        if self._counted_at:
            gained = (at - self._counted_at) * _RATE
            self._budget = min(_BURST, self._budget + gained)
        self._counted_at = at
        self._budget -= 1
        if self._budget < 0:
            raise StationGoneError(f"it sent more than {_RATE:g} messages a second")

    async def send(self, text: str) -> None:
        """Send a message. Raises StationGoneError where the connection is gone."""
        try:
            await self.socket.send_str(text)
        except ConnectionError as error:
            raise StationGoneError("the connection was lost") from error
