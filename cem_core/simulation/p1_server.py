"""Serves the meter's P1 port over TCP, as a P1 gateway does."""

import asyncio
import contextlib
import logging
from typing import Final

_LOGGER: Final = logging.getLogger(__name__)
# A client that does not read is dropped rather than remembered for ever.
HIGHEST_BACKLOG_BYTES: Final = 1 << 20


class P1PortError(OSError):
    """The P1 port cannot be opened."""


class P1Server:
    """Sends every telegram to every client; what clients send is ignored."""

    def __init__(self) -> None:
        """Begin without clients."""
        self._clients: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self.reachable = True

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port, or raise `P1PortError`."""
        try:
            self._server = await asyncio.start_server(self._serve, host, port)
        except OSError as error:
            reason = error.strerror or str(error)
            raise P1PortError(f"P1 cannot listen on {host}:{port}: {reason}") from error
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def clients(self) -> int:
        """How many clients are connected."""
        return len(self._clients)

    def send(self, telegram: bytes) -> None:
        """Send ``telegram`` to whoever is connected."""
        for client in tuple(self._clients):
            if client.transport.get_write_buffer_size() > HIGHEST_BACKLOG_BYTES:
                _LOGGER.warning("P1: a client does not read; it is dropped")
                self._drop(client)
            else:
                client.write(telegram)

    def disconnect(self) -> None:
        """Close every connection."""
        for client in tuple(self._clients):
            self._drop(client)

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            self._server.close()
            self.disconnect()
            await self._server.wait_closed()

    def _drop(self, client: asyncio.StreamWriter) -> None:
        self._clients.discard(client)
        client.transport.abort()

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if not self.reachable:
            writer.transport.abort()
            return
        self._clients.add(writer)
        with contextlib.suppress(ConnectionError):
            while await reader.read(1024):
                pass
        self._clients.discard(writer)
        writer.close()
