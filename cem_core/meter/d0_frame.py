r"""Bytes in any cut -> readouts of IEC 62056-21 and their place in the stream.

A readout (6.3.2, 6.3.3) is ``/XXX identification CR LF``, in mode C with ``STX``
before the data, lines, ``! CR LF``, and after ``STX`` an ``ETX`` and a block check
character. What a reading head echoes (``/?!``) and acknowledges is noise.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Final

from cem_core.meter.error import TelegramError

MAX_READOUT: Final = 32_768
"""The longest readout, in bytes; with load profiles real ones reach 10,000."""

# An optical head may echo the acknowledgement that asked for the data (6.3.1, 5).
_HEAD: Final = re.compile(rb"[^\n]*\n(?:\x06[0-9A-Z]{0,3}\r?\n)?(?P<stx>\x02)?")
_ETX: Final = 0x03
# Data hold no `/` and `!` (6.3.3), so a start is never seen inside a sound readout.
_EVENT: Final = re.compile(
    rb"(?P<start>/[A-Za-z]{3}[ \"-'*-.0-~]{1,61}\r?\n)|[\n\x02)]![0-9A-Fa-f]{0,4}\r?\n"
)
_CUT_START: Final = re.compile(rb"/[A-Za-z]{3}[ \"-'*-.0-~]{0,61}\r?\Z")
_CUT_END: Final = re.compile(rb"[\n\x02)]![0-9A-Fa-f]{0,4}\r?\Z")
_LOOK_BACK: Final = 72  # more than the longest event
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


class Splitter:
    """Cuts a stream into readouts; holds at most a readout and a piece."""

    def __init__(self) -> None:
        """Start in noise at byte 0."""
        self._buffer = bytearray()
        self._place = 0  # of the buffer's first byte in the stream
        self._scanned = 0  # no event starts before this index
        self._inside = False  # the buffer starts with a readout's start

    def feed(self, data: bytes) -> Iterator[Readout | TelegramError]:
        """Yield what ``data`` completes, in order."""
        for piece in range(0, len(data), MAX_READOUT):
            self._buffer += data[piece : piece + MAX_READOUT]
            yield from self._drain()

    def finish(self) -> Iterator[Readout | TelegramError]:
        """Yield what the end of the stream leaves, and start anew."""
        cut = self._buffer if self._inside else _CUT_START.search(self._buffer)
        if self._inside and not self._checked() and _CUT_END.search(self._buffer):
            yield Readout(self._place, bytes(self._buffer), self._data())
        elif cut:
            index = 0 if isinstance(cut, bytearray) else cut.start()
            yield TelegramError(
                self._place + index, "unfinished readout: the input ends"
            )
        self._inside = False
        self._drop(len(self._buffer))

    def _drain(self) -> Iterator[Readout | TelegramError]:
        while event := self._next_event():
            if event["start"] is not None:
                yield from self._start(event.start())
            elif not self._inside:
                yield TelegramError(
                    self._place + event.start() + 1,
                    "end of a readout whose start is missing",
                )
                self._drop(event.end())
            elif self._checked():
                if len(self._buffer) < event.end() + _BLOCK_CHECK:
                    return
                yield self._take(event.end(), _BLOCK_CHECK)
            else:
                yield self._take(event.end(), 0)
        if self._inside and len(self._buffer) > MAX_READOUT:
            yield TelegramError(
                self._place, f"no end of the readout within {MAX_READOUT} bytes"
            )
            self._inside = False
            self._drop(MAX_READOUT - _LOOK_BACK)
            yield from self._drain()
        elif not self._inside:
            self._drop(max(0, len(self._buffer) - _LOOK_BACK))

    def _next_event(self) -> re.Match[bytes] | None:
        event = _EVENT.search(self._buffer, self._scanned)
        if event is None:
            beyond = len(self._buffer) - _LOOK_BACK
            self._scanned = max(self._scanned, beyond)
        elif self._inside and event.end() > MAX_READOUT:
            return None
        return event

    def _checked(self) -> bool:
        """Whether the data start with STX, so that a block check must follow."""
        head = _HEAD.match(self._buffer)
        return head is not None and head["stx"] is not None

    def _data(self) -> int:
        head = _HEAD.match(self._buffer)
        return 0 if head is None else head.end()

    def _start(self, index: int) -> Iterator[TelegramError]:
        if self._inside:
            follower = self._place + index
            yield TelegramError(
                self._place, f"unfinished readout: the next starts at byte {follower}"
            )
        self._drop(index)
        self._scanned = 1
        self._inside = True

    def _take(self, end: int, check: int) -> Readout | TelegramError:
        place, data = self._place, self._data()
        text, tail = bytes(self._buffer[:end]), bytes(self._buffer[end : end + check])
        self._inside = False
        if tail and tail[0] != _ETX:
            self._drop(end)
            return TelegramError(place, "no block check after the readout")
        self._drop(end + check)
        return Readout(place, text, data, tail[1] if tail else None)

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._place += count
        self._scanned = 0
