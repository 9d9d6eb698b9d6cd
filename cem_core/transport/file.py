"""Bytes from a file: a recording, or a pipe."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_PIECE: Final = 65_536


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSource:
    """Reads a file to its end, off the event loop."""

    path: Path

    async def stream(self) -> AsyncGenerator[bytes]:
        """Yield the file's bytes; raises OSError when it cannot be read."""
        file = await asyncio.to_thread(self.path.open, "rb", buffering=0)
        try:
            while piece := await asyncio.to_thread(file.read, _PIECE):
                yield piece
        finally:
            file.close()
