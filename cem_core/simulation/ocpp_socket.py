"""An aiohttp WebSocket as the package ocpp reads it."""

import aiohttp

from cem_core.simulation.faults import Fault
from cem_core.simulation.ocpp_session import ChargePoint


class ClosedError(Exception):
    """The central system left."""


class Socket:
    """One connection; a station that is silent neither hears nor says anything."""

    def __init__(
        self, socket: aiohttp.ClientWebSocketResponse, point: ChargePoint
    ) -> None:
        """Speak through ``socket``."""
        self._socket = socket
        self._point = point

    async def recv(self) -> str:
        """Return the next message. Raises ClosedError at the end."""
        while True:
            message = await self._socket.receive()
            if message.type is not aiohttp.WSMsgType.TEXT:
                raise ClosedError
            if not self._point.fault(Fault.SILENCE):
                return str(message.data)

    async def send(self, text: str) -> None:
        """Send a message. Raises ClosedError where the connection is gone."""
        if self._point.fault(Fault.SILENCE):
            return
        try:
            await self._socket.send_str(text)
        except ConnectionError as error:
            raise ClosedError from error
