r"""Bytes in any cut -> whole P1 telegrams and their place in the stream.

A telegram is ``/identification``, lines, and ``!`` with up to four hex digits
of checksum. Whatever stands between two telegrams is noise and is skipped.
Nothing here depends on how the stream was cut into pieces.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Final

from cem_core.meter.error import TelegramError

MAX_TELEGRAM: Final = 16_384
"""The longest telegram, in bytes; real ones have 200 to 4,000."""

# The identification holds no `/`, `!` or bracket (IEC 62056-21, 6.3.2), so a
# start is never seen inside a sound telegram, and a telegram cut short in the
# middle of a line does not take the next one with it.
_START: Final = rb"/[\x02 \"-'*-.0-~]{3,64}\r?\n"
_END: Final = (
    rb"\n!(?:(?P<full>[0-9A-Fa-f]{4})"
    rb"|(?P<short>[0-9A-Fa-f]{0,3})(?P<newline>\r?\n)"
    rb"|(?P<bad>[0-9A-Fa-f]{0,3}(?:\r[^\n]|[^0-9A-Fa-f\r\n])))"
)
_EVENT: Final = re.compile(rb"(?P<start>" + _START + rb")|" + _END)
_CUT_START: Final = re.compile(rb"/[\x02 \"-'*-.0-~]{0,64}\r?$")
_CUT_END: Final = re.compile(rb"\n![0-9A-Fa-f]{0,3}\r?$")
_LOOK_BACK: Final = 72  # more than the longest event


@dataclass(frozen=True, slots=True)
class Frame:
    """One telegram from ``/`` to its checksum, at byte ``place``."""

    place: int
    telegram: bytes


class Splitter:
    """Cuts a stream into telegrams; holds at most a telegram and a piece."""

    def __init__(self) -> None:
        """Start in noise at byte 0."""
        self._buffer = bytearray()
        self._place = 0  # of the buffer's first byte in the stream
        self._scanned = 0  # no event starts before this index
        self._inside = False  # the buffer starts with a telegram's start

    def feed(self, data: bytes) -> Iterator[Frame | TelegramError]:
        """Yield what ``data`` completes, in order."""
        for piece in range(0, len(data), MAX_TELEGRAM):
            self._buffer += data[piece : piece + MAX_TELEGRAM]
            yield from self._drain()

    def finish(self) -> Iterator[Frame | TelegramError]:
        """Yield what the end of the stream leaves, and start anew."""
        if self._inside and _CUT_END.search(self._buffer):
            yield Frame(self._place, bytes(self._buffer))
        elif self._inside:
            yield TelegramError(self._place, "unfinished telegram: the input ends")
        elif cut := _CUT_START.search(self._buffer):
            place = self._place + cut.start()
            yield TelegramError(place, "unfinished telegram: the input ends")
        self._inside = False
        self._drop(len(self._buffer))

    def _drain(self) -> Iterator[Frame | TelegramError]:
        while event := self._next_event():
            if event["start"] is not None:
                yield from self._start(event.start())
            elif self._inside:
                yield self._end(event)
            else:
                if event["bad"] is None:
                    yield TelegramError(
                        self._place + event.start() + 1,
                        "end of a telegram whose start is missing",
                    )
                self._drop(event.start() + 2)
        if self._inside and len(self._buffer) > MAX_TELEGRAM:
            yield TelegramError(
                self._place, f"no end of the telegram within {MAX_TELEGRAM} bytes"
            )
            self._inside = False
            self._drop(MAX_TELEGRAM - _LOOK_BACK)
            yield from self._drain()
        elif not self._inside:
            self._drop(max(0, len(self._buffer) - _LOOK_BACK))

    def _next_event(self) -> re.Match[bytes] | None:
        event = _EVENT.search(self._buffer, self._scanned)
        if event is None:
            beyond = len(self._buffer) - _LOOK_BACK
            self._scanned = max(self._scanned, beyond)
        elif self._inside and event.end() > MAX_TELEGRAM:
            return None
        return event

    def _start(self, index: int) -> Iterator[TelegramError]:
        if self._inside:
            follower = self._place + index
            yield TelegramError(
                self._place, f"unfinished telegram: the next starts at byte {follower}"
            )
        self._drop(index)
        self._scanned = 1
        self._inside = True

    def _end(self, event: re.Match[bytes]) -> Frame | TelegramError:
        place, end = self._place, event.end()
        telegram = bytes(self._buffer[:end])
        self._inside = False
        # The newline after a short checksum must be that of the other lines,
        # or a damaged digit would turn a checked telegram into an unchecked one.
        newline = event["newline"]
        if event["bad"] is not None or (
            newline is not None and newline != _newline(telegram)
        ):
            self._drop(event.start() + 2)
            return TelegramError(place, "the telegram's end holds no checksum")
        self._drop(end)
        return Frame(place, telegram)

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._place += count
        self._scanned = 0


def _newline(telegram: bytes) -> bytes:
    first = telegram.index(b"\n")
    return b"\r\n" if telegram[first - 1 : first] == b"\r" else b"\n"
