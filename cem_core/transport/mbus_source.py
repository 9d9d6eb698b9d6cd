"""Reads the meters on a wired M-Bus every few minutes, through a master.

A master is a gateway with a TCP port (also ser2net), or a level converter on a serial
port: 2400 baud 8E1 unless its meters were set otherwise.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Final

from cem_core.meter import mbus_submeter
from cem_core.meter.mbus_address import Address
from cem_core.model.slow_reading import SlowReading
from cem_core.transport.mbus_master import MbusError, MbusMaster, Timing
from cem_core.transport.port_settings import Parity, PortSettings
from cem_core.transport.serial import open_port

DEFAULT_BAUD: Final = 2400
DEFAULT_INTERVAL_S: Final = 900.0
LEAST_INTERVAL_S: Final = 60.0
"""Meters with a battery must not be asked more often."""

_CONNECT_WITHIN_S: Final = 10.0

type Line = Callable[[], Awaitable[tuple[asyncio.StreamReader, asyncio.StreamWriter]]]
"""Opens the way to the meters; OSError says why it cannot be."""


def tcp_line(host: str, port: int) -> Line:
    """Return the way through a gateway at ``host``."""

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            async with asyncio.timeout(_CONNECT_WITHIN_S):
                return await asyncio.open_connection(host, port)
        except (ValueError, OverflowError) as error:  # no name that can be looked up
            raise OSError(f"{host}:{port} is no address: {error}") from error

    return connect


def serial_line(url: str, baud: int = DEFAULT_BAUD) -> Line:
    """Return the way through a level converter; ``url``: whatever serialx opens."""
    settings = PortSettings(baud, parity=Parity.EVEN)

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            return await open_port(url, settings)
        except ValueError as error:
            raise OSError(f"{url} cannot be opened at {settings}: {error}") from error

    return connect


@asynccontextmanager
async def master(line: Line, timing: Timing) -> AsyncGenerator[MbusMaster]:
    """Be the master of ``line`` for a while; OSError when it cannot be opened."""
    reader, writer = await line()
    try:
        yield MbusMaster(reader, writer, timing)
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


@dataclass(frozen=True, slots=True, kw_only=True)
class MbusMeter:
    """One meter to be read; ``key``: 16 bytes where it encrypts."""

    address: Address
    key: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MbusResult:
    """What came of reading one meter: a reading, or why there is none."""

    meter: MbusMeter
    reading: SlowReading | None
    cause: str = ""


@dataclass(slots=True, kw_only=True)
class MbusSource:
    """Reads ``meters`` again and again; the line is free between."""

    line: Line
    meters: Sequence[MbusMeter]
    interval_s: float = DEFAULT_INTERVAL_S
    timing: Timing = field(default_factory=Timing)
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def results(self) -> AsyncGenerator[MbusResult]:
        """Yield a result for each meter and round, until the consumer stops."""
        while True:
            async for result in self.read_once():
                yield result
            await self.sleep(max(self.interval_s, LEAST_INTERVAL_S))

    async def read_once(self) -> AsyncGenerator[MbusResult]:
        """Yield a result for each meter; the line that breaks fails those left."""
        left = list(self.meters)
        try:
            async with master(self.line, self.timing) as asking:
                while left:
                    yield await _read(asking, left[0])
                    del left[0]
        except OSError as error:
            cause = error.strerror or str(error) or "no answer in time"
            for meter in left:
                yield MbusResult(meter=meter, reading=None, cause=cause)


async def _read(asking: MbusMaster, meter: MbusMeter) -> MbusResult:
    try:
        answer = await asking.read(meter.address, meter.key)
    except MbusError as error:
        return MbusResult(meter=meter, reading=None, cause=str(error))
    return MbusResult(meter=meter, reading=mbus_submeter.reading(answer))
