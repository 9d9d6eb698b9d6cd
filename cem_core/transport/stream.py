"""What every connection that breaks and is made anew has in common."""

from abc import ABC, abstractmethod
import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
import errno
import os
import ssl
from typing import Final

from cem_core.transport.backoff import Backoff
from cem_core.transport.source import ConnectionChange, ConnectionState, OnChange

_PIECE: Final = 4096
_GONE: Final = "the port has gone: unplugged?"
_PORT_TROUBLE: Final = {
    errno.EBUSY: "another program has the port open",
    errno.EIO: _GONE,
    errno.ENODEV: _GONE,
    errno.ENOENT: "there is no such port: unplugged?",
    errno.ENXIO: _GONE,
}

type Connection[Writer: asyncio.StreamWriter] = tuple[asyncio.StreamReader, Writer]


def _ignore(_: ConnectionChange) -> None:
    """Tell nobody."""


@dataclass(slots=True, kw_only=True)
class StreamSource[Writer: asyncio.StreamWriter](ABC):
    """Connects, reads, and connects again for as long as it is iterated.

    ``silence_s`` must be longer than the meter's own pause (10 s for DSMR 4).
    After it the state is silent; after another one the connection is given up
    and made anew, because a dead peer does not say goodbye.
    """

    silence_s: float = 15.0
    backoff: Backoff = field(default_factory=Backoff)
    on_change: OnChange = _ignore
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    state: ConnectionState = field(default=ConnectionState.DISCONNECTED, init=False)
    cause: str = field(default="not started", init=False)

    async def stream(self) -> AsyncGenerator[bytes]:
        """Yield pieces in any cut until the consumer stops."""
        delays = self.backoff.delays()
        try:
            while True:
                async with aclosing(self._connection()) as pieces:
                    async for piece in pieces:
                        delays = self.backoff.delays()
                        yield piece
                await self.sleep(next(delays))
        finally:
            self.change(ConnectionState.DISCONNECTED, "stopped")

    @abstractmethod
    async def _open(self) -> Connection[Writer]:
        """Return a new connection; OSError, or ValueError for what is no address."""

    @abstractmethod
    def _where(self) -> str:
        """Return the address as a person would name it."""

    async def _connection(self) -> AsyncGenerator[bytes]:
        """Yield the pieces of one connection; none when it cannot be made."""
        try:
            reader, writer = await self._open()
        except OSError as error:  # TimeoutError is one
            self.change(ConnectionState.DISCONNECTED, reason(error))
            return
        except (ValueError, OverflowError) as error:
            # A form may let pass what cannot be looked up or set.
            cause = f"{self._where()} is no address: {error}"
            self.change(ConnectionState.DISCONNECTED, cause)
            return
        try:
            async with aclosing(self._read(reader, writer)) as pieces:
                async for piece in pieces:
                    yield piece
        except OSError as error:
            self.change(ConnectionState.DISCONNECTED, reason(error))
        finally:
            await _close(writer)

    async def _read(
        self, reader: asyncio.StreamReader, _writer: Writer, /
    ) -> AsyncGenerator[bytes]:
        """Yield pieces until the connection ends or stays silent; OSError: it broke."""
        silences = 0
        while True:
            try:
                async with asyncio.timeout(self.silence_s):
                    piece = await reader.read(_PIECE)
            except TimeoutError:
                silences += 1
                self.change(
                    ConnectionState.SILENT, f"no bytes for {self.silence_s:g} s"
                )
                if silences > 1:
                    return
                continue
            if not piece:
                self.change(ConnectionState.DISCONNECTED, "closed by the other side")
                return
            silences = 0
            self.change(ConnectionState.CONNECTED, self._said())
            yield self._clean(piece)

    def _clean(self, piece: bytes) -> bytes:
        """Return ``piece`` as its sender meant it."""
        return piece

    def _said(self) -> str:
        """Return what there is to say of the connection that gives bytes."""
        return ""

    def change(self, state: ConnectionState, cause: str = "") -> None:
        """Take note of ``state``, and tell when it or its ``cause`` is new."""
        known = (self.state, self.cause)
        self.state, self.cause = state, cause
        if known != (state, cause):
            self.on_change(ConnectionChange(state, cause))


def reason(error: OSError) -> str:
    """Return in words why a connection could not be made, or broke."""
    if isinstance(error, TimeoutError) and error.errno is None:
        return "no answer in time"
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"TLS: {error.verify_message}"
    if isinstance(error, ssl.SSLError):
        return f"TLS: {getattr(error, 'reason', None) or error}"
    if error.errno in _PORT_TROUBLE:
        return _PORT_TROUBLE[error.errno]
    if error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)  # asyncio words it less plainly
    return error.strerror or str(error) or type(error).__name__


async def _close(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
