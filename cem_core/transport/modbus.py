"""Modbus over TCP or a serial line, by pymodbus: one connection for many units.

Inside Home Assistant its shared units are used instead.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, Literal

from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.exceptions import ModbusException
from pymodbus.framer import FramerType
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from cem_core.modbus import LinkError, ModbusError, NoAnswerError, RefusedError
from cem_core.transport.backoff import Backoff

type Client = AsyncModbusTcpClient | AsyncModbusSerialClient
type Send = Callable[[Client], Awaitable[ModbusPDU]]

_NO_ANSWERS: Final = 3
"""Requests without answer after which a TCP connection is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TcpLink:
    """A device or gateway; ``rtu``: it passes serial frames through as they are."""

    host: str
    port: int = 502
    rtu: bool = False

    def __str__(self) -> str:
        """Return the address."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialLink:
    """A serial line that speaks Modbus RTU."""

    device: str
    baud_rate: int = 9600
    parity: Literal["N", "E", "O"] = "N"
    stop_bits: int = 1

    def __str__(self) -> str:
        """Return the device."""
        return self.device


@dataclass(slots=True)
class Counts:
    """What went over the connection since it was first made."""

    requests: int = 0
    unanswered: int = 0
    refused: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0


@dataclass(slots=True, kw_only=True)
class ModbusConnection:
    """Connects when first needed, and anew after a failure; one request at a time.

    After a failed attempt it waits as ``backoff`` says: requests fail at once until
    then. ``timeout_s`` is for making the connection and for each answer.
    """

    link: TcpLink | SerialLink
    timeout_s: float = 1.0
    backoff: Backoff = field(default_factory=Backoff)
    counts: Counts = field(default_factory=Counts, init=False)
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)
    _client: Client | None = field(default=None, init=False)
    _delays: Iterator[float] | None = field(default=None, init=False)
    _not_before: float = field(default=0.0, init=False)
    _no_answers: int = field(default=0, init=False)

    def unit(self, unit_id: int) -> ConnectedUnit:
        """Return a unit on this connection (1 to 247; many TCP devices: any)."""
        return ConnectedUnit(self, unit_id)

    async def close(self) -> None:
        """Let go of the connection; the next request makes it anew."""
        async with self._lock:
            self._drop()

    async def request(self, send: Send) -> ModbusPDU:
        """Send one request when those before it are done, and return the answer.

        Raises LinkError, NoAnswerError or RefusedError.
        """
        async with self._lock:
            client = await self._connected()
            self.counts.requests += 1
            try:
                answer = await send(client)
            except ModbusException as error:
                raise self._failed(client, error) from error
            except asyncio.CancelledError:
                self._drop()  # the answer may come yet, and belongs to nobody
                raise
            self._no_answers = 0
            if isinstance(answer, ExceptionResponse):
                self.counts.refused += 1
                raise RefusedError(answer.exception_code)
            return answer

    async def _connected(self) -> Client:
        if self._client is not None and self._client.connected:
            return self._client
        self._drop()
        now = asyncio.get_running_loop().time()
        if now < self._not_before:
            raise LinkError(f"no connection to {self.link}")
        client = self._new_client()
        made = False
        with suppress(OSError, ValueError):  # no such device, no such parity
            made = await client.connect()
        if not made:
            client.close()
            self._delays = self._delays or self.backoff.delays()
            self._not_before = now + next(self._delays)
            raise LinkError(f"no connection to {self.link}")
        self._client, self._delays = client, None
        return client

    def _new_client(self) -> Client:
        """Return a client that neither repeats a request nor connects by itself."""
        link = self.link
        if isinstance(link, TcpLink):
            return AsyncModbusTcpClient(
                link.host,
                port=link.port,
                framer=FramerType.RTU if link.rtu else FramerType.SOCKET,
                timeout=self.timeout_s,
                retries=0,
                reconnect_delay=0,
                trace_packet=self._count,
            )
        return AsyncModbusSerialClient(
            link.device,
            framer=FramerType.RTU,
            baudrate=link.baud_rate,
            parity=link.parity,
            stopbits=link.stop_bits,
            timeout=self.timeout_s,
            retries=0,
            reconnect_delay=0,
            trace_packet=self._count,
        )

    def _count(self, sending: bool, data: bytes) -> bytes:
        if sending:
            self.counts.bytes_sent += len(data)
        else:
            self.counts.bytes_received += len(data)
        return data

    def _failed(
        self, client: Client, error: ModbusException
    ) -> ModbusError | asyncio.CancelledError:
        """Return what to raise after a request without a usable answer."""
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            self._drop()
            return asyncio.CancelledError()  # pymodbus makes an error of its own of it
        self.counts.unanswered += 1
        if not client.connected:
            self._drop()
            return LinkError(f"{self.link} closed the connection")
        self._no_answers += 1
        # Serial frames have no number by which a late answer would be known.
        numbered = isinstance(self.link, TcpLink) and not self.link.rtu
        if not numbered or self._no_answers >= _NO_ANSWERS:
            self._drop()
        del error
        return NoAnswerError(f"no answer from {self.link} in {self.timeout_s:g} s")

    def _drop(self) -> None:
        if self._client is not None:
            self._client.close()
        self._client, self._no_answers = None, 0


@dataclass(frozen=True, slots=True)
class ConnectedUnit:
    """One unit on a connection (a `cem_core.modbus.ModbusUnit`)."""

    connection: ModbusConnection
    unit_id: int

    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        """Return ``count`` words (function 3)."""
        answer = await self.connection.request(
            lambda client: client.read_holding_registers(
                address, count=count, device_id=self.unit_id
            )
        )
        return answer.registers

    async def read_input_registers(self, address: int, count: int) -> list[int]:
        """Return ``count`` words (function 4)."""
        answer = await self.connection.request(
            lambda client: client.read_input_registers(
                address, count=count, device_id=self.unit_id
            )
        )
        return answer.registers

    async def write_registers(self, address: int, values: list[int]) -> None:
        """Write words that belong together (function 16)."""
        await self.connection.request(
            lambda client: client.write_registers(
                address, values, device_id=self.unit_id
            )
        )

    async def write_register(self, address: int, value: int) -> None:
        """Write one word (function 6)."""
        await self.connection.request(
            lambda client: client.write_register(address, value, device_id=self.unit_id)
        )
