"""Readings out of a line of bytes, and what the bytes look like until one comes."""

from collections.abc import Iterable
from typing import Final

from cem_core.meter import TelegramError
from cem_core.meter.formats import FORMATS, Key
from cem_core.meter.line_judge import looks_like
from cem_core.meter.recognise import Decoder
from cem_core.model import Reading

_LOOKED_AT: Final = 1024  # bytes


class ByteReader:
    """A `PieceReader` of bytes in whichever of ``formats`` they turn out to be."""

    def __init__(
        self,
        formats: Iterable[str] = FORMATS,
        *,
        key: Key = None,
        auth_key: Key = None,
    ) -> None:
        """Start; ``formats`` are names of `FORMATS`, keys have 16 bytes."""
        self._decoder = Decoder(formats, key=key, auth_key=auth_key)
        self._tail = bytearray()

    def feed(self, piece: bytes, /) -> list[Reading | TelegramError]:
        """Return what ``piece`` completes, in order."""
        self._tail += piece[-_LOOKED_AT:]
        del self._tail[:-_LOOKED_AT]
        return self._decoder.feed(piece)

    def finish(self) -> list[Reading | TelegramError]:
        """Return what is left, and start anew."""
        return self._decoder.finish()

    def hint(self) -> str:
        """Return in words what has come, while it is no telegram."""
        return looks_like(bytes(self._tail)).words
