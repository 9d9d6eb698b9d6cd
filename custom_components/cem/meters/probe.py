"""Wait for the first telegram, for the form that asks for a meter."""

import asyncio
from contextlib import suppress
from typing import Final

from cem_core.meter import Decoder
from cem_core.model import Reading

_PIECE: Final = 4096


async def first_telegram(host: str, port: int) -> Reading:
    """Return the first telegram that can be read.

    Raises OSError when there is no connection; ends never when nothing that
    is a telegram comes, so give it a deadline.
    """
    reader, writer = await asyncio.open_connection(host, port)
    try:
        decoder = Decoder()
        while piece := await reader.read(_PIECE):
            for found in decoder.feed(piece):
                if isinstance(found, Reading):
                    return found
        raise ConnectionResetError("closed by the other side")
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()
