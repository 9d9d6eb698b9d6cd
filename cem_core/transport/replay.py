"""Bytes of a recording, at the pace at which a line brought them."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cem_core.transport.file import FileSource
from cem_core.transport.port_settings import PortSettings

_PIECE_S: Final = 0.05  # what a serial driver hands over at once


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplaySource:
    """Plays a file to its end as a port with ``settings`` would.

    A recording keeps no pauses, so a meter's come out shorter.
    """

    path: Path
    settings: PortSettings
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep

    async def stream(self) -> AsyncGenerator[bytes]:
        """Yield the file's bytes; raises OSError when it cannot be read."""
        size = max(1, round(self.settings.characters_per_s * _PIECE_S))
        async with aclosing(FileSource(path=self.path).stream()) as pieces:
            async for piece in pieces:
                for start in range(0, len(piece), size):
                    part = piece[start : start + size]
                    await self.sleep(len(part) / self.settings.characters_per_s)
                    yield part
