"""A TCP proxy as slow as a bad line: so many bits a second each way, and a delay."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import socket

_BUFFER = 2048


@dataclass(slots=True)
class Throttle:
    """Rate in bit/s each way and delay in s; both can be changed on the way."""

    bits_per_s: float
    delay_s: float = 0.0
    port: int = 0
    cut: bool = False  # whether the cable is: nothing comes through
    carried: dict[str, int] = field(default_factory=lambda: {"in": 0, "out": 0})

    async def carry(
        self, way: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Carry bytes one way, in pieces of a tenth of a second."""
        while True:
            piece = max(round(self.bits_per_s / 80), 1)
            data = await reader.read(min(piece, _BUFFER))
            if not data:
                break
            await asyncio.sleep(self.delay_s + len(data) * 8 / self.bits_per_s)
            while self.cut:  # noqa: ASYNC110 - tests set it
                await asyncio.sleep(0.05)
            self.carried[way] += len(data)
            writer.write(data)
            await writer.drain()
        writer.close()


@asynccontextmanager
async def throttled(
    host: str, port: int, bits_per_s: float, delay_s: float = 0.0
) -> AsyncIterator[Throttle]:
    """Yield a proxy before ``host:port``."""
    throttle = Throttle(bits_per_s, delay_s)
    connections: set[asyncio.Task[None]] = set()

    async def connect(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        onward, back = await asyncio.open_connection(host, port, limit=_BUFFER)
        for each in (writer, back):
            raw = each.get_extra_info("socket")
            # Otherwise the kernel takes megabytes and the line looks fast.
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        try:
            await asyncio.gather(
                throttle.carry("in", reader, back),
                throttle.carry("out", onward, writer),
            )
        finally:
            for each in (writer, back):
                each.transport.abort()
                with suppress(OSError):
                    await each.wait_closed()

    def taken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(connect(reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(taken, "127.0.0.1", 0, limit=_BUFFER)
    throttle.port = server.sockets[0].getsockname()[1]
    try:
        yield throttle
    finally:
        server.close()
        for task in list(connections):
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)
