r"""Bytes in any cut -> whole SML files and their place in the stream.

SML transport protocol, version 1 (SML 1.04, annex to BSI TR-03109-1): a file is
``1B1B1B1B 01010101``, the messages with four ``1B`` in a row doubled, up to three
bytes of padding, and ``1B1B1B1B 1A``, the count of padding bytes and a checksum of
all that came before it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Final

from cem_core.meter.crc_ccitt import checksum
from cem_core.meter.error import TelegramError

MAX_FILE: Final = 16_384
"""The longest file with its escapes, in bytes; meters send 200 to 1,000."""

_START: Final = b"\x1b\x1b\x1b\x1b\x01\x01\x01\x01"
_EVENT: Final = re.compile(
    rb"\x1b\x1b\x1b\x1b(?:(?P<start>\x01{4})|(?P<end>\x1a...)|\x1b{4})", re.DOTALL
)
_EVENT_OUTSIDE: Final = re.compile(
    rb"\x1b\x1b\x1b\x1b(?:(?P<start>\x01{4})|(?P<end>\x1a...))", re.DOTALL
)
_CUT_START: Final = re.compile(rb"\x1b{4}\x01{0,3}\Z")
_EVENT_LENGTH: Final = 8
_TRAILER: Final = 3  # count of padding bytes, checksum
_MAX_PADDING: Final = 4  # meters of DZG say and send four where none is needed


@dataclass(frozen=True, slots=True)
class File:
    """The messages of one SML file, unescaped; the file starts at byte ``place``."""

    place: int
    messages: bytes


class Splitter:
    """Cuts a stream into SML files; holds at most a file and a piece."""

    def __init__(self) -> None:
        """Start in noise at byte 0."""
        self._buffer = bytearray()
        self._place = 0  # of the buffer's first byte in the stream
        self._scanned = 0  # no event starts before this index
        self._inside = False  # the buffer starts with a file's start

    def feed(self, data: bytes) -> Iterator[File | TelegramError]:
        """Yield what ``data`` completes, in order."""
        for piece in range(0, len(data), MAX_FILE):
            self._buffer += data[piece : piece + MAX_FILE]
            yield from self._drain()

    def finish(self) -> Iterator[File | TelegramError]:
        """Yield what the end of the stream leaves, and start anew."""
        if self._inside:
            yield TelegramError(self._place, "unfinished SML file: the input ends")
        elif cut := _CUT_START.search(self._buffer):
            place = self._place + cut.start()
            yield TelegramError(place, "unfinished SML file: the input ends")
        self._inside = False
        self._drop(len(self._buffer))

    def _drain(self) -> Iterator[File | TelegramError]:
        while True:
            if event := self._next_event():
                yield from self._take(event)
            elif self._inside and len(self._buffer) > MAX_FILE:
                yield TelegramError(
                    self._place, f"no end of the SML file within {MAX_FILE} bytes"
                )
                self._inside = False
                self._drop(len(_START))
            else:
                break
        if not self._inside:
            self._drop(max(0, len(self._buffer) - _EVENT_LENGTH + 1))

    def _next_event(self) -> re.Match[bytes] | None:
        pattern = _EVENT if self._inside else _EVENT_OUTSIDE
        event = pattern.search(self._buffer, self._scanned)
        if event is None:
            beyond = len(self._buffer) - _EVENT_LENGTH + 1
            self._scanned = max(self._scanned, beyond)
        elif self._inside and event.end() > MAX_FILE:
            return None
        return event

    def _take(self, event: re.Match[bytes]) -> Iterator[File | TelegramError]:
        if event["start"] is not None:
            if self._inside:
                follower = self._place + event.start()
                yield TelegramError(
                    self._place,
                    f"unfinished SML file: the next starts at byte {follower}",
                )
            self._drop(event.start())
            self._scanned = _EVENT_LENGTH
            self._inside = True
        elif event["end"] is None:  # four 1B of the messages, doubled
            self._scanned = event.end()
        elif self._inside:
            yield self._end(event.end())
        else:
            yield TelegramError(
                self._place + event.start(),
                "end of an SML file whose start is missing",
            )
            self._drop(event.end())

    def _end(self, end: int) -> File | TelegramError:
        place, file = self._place, bytes(self._buffer[:end])
        self._inside = False
        try:
            messages = _messages(file)
        except ValueError as error:
            # A file cut short within four 1B hides the start of the next as an
            # escape, one that lost bytes at its end as a checksum.
            follower = file.find(_START, 1)
            self._drop(follower if follower > 0 else end - _TRAILER)
            return TelegramError(place, str(error))
        self._drop(end)
        return File(place, messages)

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._place += count
        self._scanned = 0


def _messages(file: bytes) -> bytes:
    """Return what stands between start and end; ValueError when it is damaged."""
    given = int.from_bytes(file[-2:])
    if (computed := checksum(file[:-2], given)) != given:
        raise ValueError(f"checksum {given:04X}, computed {computed:04X}")
    padding = file[-3]
    body = file[len(_START) : -_EVENT_LENGTH].replace(b"\x1b" * 8, b"\x1b" * 4)
    if padding > min(_MAX_PADDING, len(body)):
        raise ValueError(f"{padding} bytes of padding")
    return body[: len(body) - padding]
