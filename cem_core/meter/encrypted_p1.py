"""Encrypted P1 (Smarty in Luxembourg, Sagemcom in Austria) in any cut -> `Reading`.

A P1 telegram inside general-glo-ciphering, without any frame around it. What is
between two of them is noise.
"""

from collections.abc import Iterator
import re
from typing import Final

from cem_core.meter import cipher
from cem_core.meter.apdu import ApduReader
from cem_core.meter.error import TelegramError
from cem_core.model import Reading

MAX_TELEGRAM: Final = 16_384
"""The longest encrypted telegram, in bytes."""

# DB, a system title of 8 bytes, a length, and a security byte of suite 0.
_START: Final = re.compile(
    rb"\xdb\x08.{8}(?:\x82..|\x81.|[\x11-\x7f])[\x10\x20\x30\x50\x60\x70]", re.DOTALL
)
_START_BYTES: Final = 14
_FIRST: Final = b"\xdb"


class Decoder:
    """Readings out of a stream that arrives in any cut."""

    def __init__(self, key: bytes | None = None, auth_key: bytes | None = None) -> None:
        """Take the keys, 16 bytes each.

        Without ``auth_key`` none and that of Luxembourg are tried. Raises
        ValueError for a key of another length.
        """
        self._reader = ApduReader(key, auth_key)
        self._restart()

    def _restart(self) -> None:
        self._buffer = bytearray()
        self._place = 0  # of the buffer's first byte in the stream
        self._told_until = 0  # damage before this place is told already
        self._nothing = True

    def feed(self, data: bytes) -> list[Reading | TelegramError]:
        """Return what ``data`` completes, in order."""
        results: list[Reading | TelegramError] = []
        for start in range(0, len(data), MAX_TELEGRAM):
            self._buffer += data[start : start + MAX_TELEGRAM]
            results += self._drain(at_end=False)
        return results

    def finish(self) -> list[Reading | TelegramError]:
        """Return what is left at the end of the stream, and start anew."""
        results = list(self._drain(at_end=True))
        if self._nothing and self._place:
            cause = f"no encrypted P1 telegram within {self._place} bytes"
            results.append(TelegramError(0, cause))
        self._restart()
        return results

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._place += count

    def _drain(self, *, at_end: bool) -> Iterator[Reading | TelegramError]:
        while True:
            at = self._buffer.find(_FIRST)
            self._drop(len(self._buffer) if at < 0 else at)
            if not self._buffer:
                return
            if _START.match(self._buffer) is None:
                if len(self._buffer) < _START_BYTES and not at_end:
                    return
                self._drop(1)
                continue
            size = _size(self._buffer)
            if size is None:
                self._drop(1)
            elif size <= len(self._buffer):
                self._nothing = False
                yield from self._telegram(size)
            elif not at_end:
                return
            else:
                self._nothing = False
                yield from self._refuse("unfinished telegram: the input ends", size)

    def _telegram(self, size: int) -> Iterator[Reading | TelegramError]:
        try:
            reading = self._reader.read(bytes(self._buffer[:size]), checked=False)
        except ValueError as error:
            yield from self._refuse(str(error), size)
            return
        self._drop(size)
        if reading is not None:
            yield reading

    def _refuse(self, cause: str, size: int) -> Iterator[TelegramError]:
        """Tell what is wrong once, and look for the next start from here on.

        When bytes were lost the next telegram begins before this one's length.
        """
        if self._place >= self._told_until:
            yield TelegramError(self._place, cause)
            self._told_until = self._place + size
        self._drop(1)


def _size(data: bytearray) -> int | None:
    """Return the length of the telegram that starts here, None when none can."""
    try:
        size = cipher.parse(data).size
    except ValueError:
        return None
    return size if size <= MAX_TELEGRAM else None
