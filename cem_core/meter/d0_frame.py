r"""Bytes in any cut -> readouts of IEC 62056-21 and their place in the stream.

A readout (6.3.2, 6.3.3) is ``/XXX identification CR LF``, in mode C with ``STX``
before the data, lines, ``! CR LF``, and after ``STX`` an ``ETX`` and a block check
character. What a reading head echoes (``/?!``) and acknowledges is noise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Final, override

from cem_core.meter.error import TelegramError
from cem_core.meter.splitter import Grammar, TextSplitter

MAX_READOUT: Final = 32_768
"""The longest readout, in bytes; with load profiles real ones reach 10,000."""

# An optical head may echo the acknowledgement that asked for the data (6.3.1, 5).
_HEAD: Final = re.compile(rb"[^\n]*\n(?:\x06[0-9A-Z]{0,3}\r?\n)?(?P<stx>\x02)?")
_ETX: Final = 0x03
# Data hold no `/` and `!` (6.3.3), so a start is never seen inside a sound readout.
_GRAMMAR: Final = Grammar(
    event=re.compile(
        rb"(?P<start>/[A-Za-z]{3}[ \"-'*-.0-~]{1,61}\r?\n)"
        rb"|[\n\x02)]![0-9A-Fa-f]{0,4}\r?\n"
    ),
    cut_start=re.compile(rb"/[A-Za-z]{3}[ \"-'*-.0-~]{0,61}\r?\Z"),
    cut_end=re.compile(rb"[\n\x02)]![0-9A-Fa-f]{0,4}\r?\n?\Z"),
    longest=MAX_READOUT,
    noun="readout",
)
# The fourth character of mode C; that of mode D is 3, of B a letter (6.3.14).
_MODE_C: Final = re.compile(rb"/...[0-24-9]")
_BLOCK_CHECK: Final = 2  # ETX and the check character


@dataclass(frozen=True, slots=True)
class Readout:
    """One readout from ``/`` to the line of ``!``, at byte ``place``.

    The data begin at index ``data``. ``block_check`` is the character after ETX,
    where they began with STX.
    """

    place: int
    text: bytes
    data: int
    block_check: int | None = None


class Splitter(TextSplitter[Readout]):
    """Cuts a stream into readouts; holds at most a readout and a piece."""

    def __init__(self) -> None:
        """Start in noise at byte 0."""
        super().__init__(_GRAMMAR)

    @override
    def _end(self, event: re.Match[bytes]) -> Readout | TelegramError | None:
        place, data, end = self._place, self._data(), event.end()
        check = _BLOCK_CHECK if self._checked() else 0
        if len(self._buffer) < end + check:
            return None
        text, tail = bytes(self._buffer[:end]), bytes(self._buffer[end : end + check])
        if not check and _MODE_C.match(self._buffer):
            # Many leave the block check out. Where one comes, STX was damaged.
            if len(self._buffer) == end:
                return None
            if self._buffer[end] == _ETX:
                self._inside = False
                self._drop(end)
                return TelegramError(place, "a block check, but no STX to check from")
        self._inside = False
        if tail and tail[0] != _ETX:
            self._drop(end)
            return TelegramError(place, "no block check after the readout")
        self._drop(end + check)
        return Readout(place, text, data, tail[1] if tail else None)

    @override
    def _ended(self) -> Readout | None:
        if self._checked():
            return None
        return Readout(self._place, bytes(self._buffer), self._data())

    @override
    def _stray(self, event: re.Match[bytes]) -> Iterator[TelegramError]:
        yield self._startless(event)
        self._drop(event.end())

    def _checked(self) -> bool:
        """Whether the data start with STX, so that a block check must follow."""
        head = _HEAD.match(self._buffer)
        return head is not None and head["stx"] is not None

    def _data(self) -> int:
        head = _HEAD.match(self._buffer)
        return 0 if head is None else head.end()
