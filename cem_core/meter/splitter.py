"""Bytes in any cut -> whole telegrams of a text format, by their start and their end.

What P1 (`frame`) and IEC 62056-21 (`d0_frame`) have in common: whatever stands
between two telegrams is noise, a start inside of one ends it, and nothing depends on
how the stream was cut into pieces.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Final

from cem_core.meter.error import TelegramError

_LOOK_BACK: Final = 72  # more than the longest start or end


@dataclass(frozen=True, slots=True, kw_only=True)
class Grammar:
    """How a format's telegrams begin and end.

    ``event`` finds the next start (its group ``start``) or end; ``cut_start`` and
    ``cut_end`` one that the stream's end cut off. ``longest`` is in bytes, ``noun``
    what the format calls a telegram.
    """

    event: re.Pattern[bytes]
    cut_start: re.Pattern[bytes]
    cut_end: re.Pattern[bytes]
    longest: int
    noun: str


class TextSplitter[Piece](ABC):
    """Cuts a stream into ``Piece``; holds at most one of the longest and a piece."""

    def __init__(self, grammar: Grammar) -> None:
        """Start in noise at byte 0."""
        self._grammar = grammar
        self._buffer = bytearray()
        self._place = 0  # of the buffer's first byte in the stream
        self._scanned = 0  # no event starts before this index
        self._inside = False  # the buffer starts with a telegram's start

    def feed(self, data: bytes) -> Iterator[Piece | TelegramError]:
        """Yield what ``data`` completes, in order."""
        longest = self._grammar.longest
        for piece in range(0, len(data), longest):
            self._buffer += data[piece : piece + longest]
            yield from self._drain()

    def finish(self) -> Iterator[Piece | TelegramError]:
        """Yield what the end of the stream leaves, and start anew."""
        grammar, index, rest = self._grammar, 0, None
        unfinished = self._inside
        if self._inside and grammar.cut_end.search(self._buffer):
            rest = self._ended()
        elif not self._inside and (cut := grammar.cut_start.search(self._buffer)):
            index, unfinished = cut.start(), True
        if rest is not None:
            yield rest
        elif unfinished:
            yield TelegramError(
                self._place + index, f"unfinished {grammar.noun}: the input ends"
            )
        self._inside = False
        self._drop(len(self._buffer))

    @abstractmethod
    def _end(self, event: re.Match[bytes]) -> Piece | TelegramError | None:
        """Take the telegram that ``event`` ends; None while bytes of it are missing."""

    @abstractmethod
    def _ended(self) -> Piece | None:
        """Return the telegram that the stream's end ends; None if it needs more."""

    @abstractmethod
    def _stray(self, event: re.Match[bytes]) -> Iterator[TelegramError]:
        """Pass an end in noise."""

    def _drain(self) -> Iterator[Piece | TelegramError]:
        while event := self._next_event():
            if event["start"] is not None:
                yield from self._start(event.start())
            elif not self._inside:
                yield from self._stray(event)
            elif (taken := self._end(event)) is not None:
                yield taken
            else:
                return
        longest = self._grammar.longest
        if self._inside and len(self._buffer) > longest:
            cause = f"no end of the {self._grammar.noun} within {longest} bytes"
            yield TelegramError(self._place, cause)
            self._inside = False
            self._drop(longest - _LOOK_BACK)
            yield from self._drain()
        elif not self._inside:
            self._drop(max(0, len(self._buffer) - _LOOK_BACK))

    def _next_event(self) -> re.Match[bytes] | None:
        event = self._grammar.event.search(self._buffer, self._scanned)
        if event is None:
            beyond = len(self._buffer) - _LOOK_BACK
            self._scanned = max(self._scanned, beyond)
        elif self._inside and event.end() > self._grammar.longest:
            return None
        return event

    def _start(self, index: int) -> Iterator[TelegramError]:
        if self._inside:
            follower = self._place + index
            yield TelegramError(
                self._place,
                f"unfinished {self._grammar.noun}: the next starts at byte {follower}",
            )
        self._drop(index)
        self._scanned = 1
        self._inside = True

    def _startless(self, event: re.Match[bytes]) -> TelegramError:
        """Return what is told of an end in noise."""
        return TelegramError(
            self._place + event.start() + 1,
            f"end of a {self._grammar.noun} whose start is missing",
        )

    def _drop(self, count: int) -> None:
        del self._buffer[:count]
        self._place += count
        self._scanned = 0
