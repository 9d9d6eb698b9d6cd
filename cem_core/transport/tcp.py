"""Bytes from a TCP port: a P1 gateway, ser2net, or the simulated home."""

import asyncio
from dataclasses import dataclass
from typing import override

from cem_core.transport.stream import Connection, StreamSource


@dataclass(slots=True, kw_only=True)
class TcpSource(StreamSource[asyncio.StreamWriter]):
    """Bare bytes from ``host``:``port``."""

    host: str
    port: int
    connect_timeout_s: float = 5.0

    @override
    async def _open(self) -> Connection[asyncio.StreamWriter]:
        async with asyncio.timeout(self.connect_timeout_s):
            return await asyncio.open_connection(self.host, self.port)

    @override
    def _where(self) -> str:
        return f"{self.host}:{self.port}"
