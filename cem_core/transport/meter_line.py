"""A meter's line: pieces in, readings out, and its state beside them.

It has no thread and no task of its own. `MeterLine.readings` follows a source; who
has the pieces by other means (a broker that another program speaks to) gives each to
`MeterLine.take` and each change of the connection to `MeterLine.connection_changed`.
"""

from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Sized
from contextlib import aclosing
import re
import time
from typing import Final, Protocol

from cem_core.meter import TelegramError
from cem_core.meter.cipher import KEY_DOUBTED, KEY_MISSING
from cem_core.model import Reading
from cem_core.transport.line_state import LineState, LineStatus
from cem_core.transport.source import ConnectionChange, ConnectionState

UNREADABLE_AFTER_S: Final = 60.0
"""Bytes for so long without a telegram: more than the longest pause of a meter."""

_REFUSED_AFTER: Final = 3  # in a row: a single one may be damage
_CAUSES: Final = 32
_OTHER: Final = "other"
_DETAIL: Final = re.compile(
    r"\b(?=[0-9A-Fa-f]*\d)[0-9A-Fa-f.]+\b|b?'[^']*'|b?\"[^\"]*\""
)

type OnLineChange = Callable[[LineState], None]
type OnDamage = Callable[[TelegramError], None]


class PieceReader[Piece](Protocol):
    """Readings out of pieces; `ByteReader` is one of bytes."""

    def feed(self, piece: Piece, /) -> list[Reading | TelegramError]:
        """Return what ``piece`` completes, in order."""

    def finish(self) -> list[Reading | TelegramError]:
        """Return what is left, and start anew."""

    def hint(self) -> str:
        """Return in words what has come, while it is no telegram."""


class PieceSource[Piece](Protocol):
    """Pieces as they arrive; see `cem_core.transport.source.ByteSource`."""

    def stream(self) -> AsyncGenerator[Piece]:
        """Yield pieces."""
        ...


def ignore(_: object) -> None:
    """Tell nobody."""


class MeterLine[Piece: Sized]:
    """Reads one meter and knows how its line is."""

    def __init__(
        self,
        reader: PieceReader[Piece],
        *,
        clock: Callable[[], float] = time.monotonic,
        on_change: OnLineChange = ignore,
        on_damage: OnDamage = ignore,
    ) -> None:
        """Begin disconnected; ``on_change`` hears of each new status or cause."""
        self._reader = reader
        self._clock = clock
        self.on_change = on_change
        self.on_damage = on_damage
        self._status, self._cause = LineStatus.DISCONNECTED, "not started"
        self._bytes = self._telegrams = 0
        self._damaged: Counter[str] = Counter()
        self._read_s: float | None = None  # the last whole telegram
        self._since_s: float | None = None  # bytes without a telegram
        self._doubts = 0
        self._format: str | None = None
        self._connected_as = ""  # what the source said of its connection

    @property
    def state(self) -> LineState:
        """The state now."""
        age = None if self._read_s is None else self._clock() - self._read_s
        return LineState(
            status=self._status,
            cause=self._cause,
            format=self._format,
            bytes=self._bytes,
            telegrams=self._telegrams,
            damaged=dict(self._damaged),
            data_age_s=age,
        )

    async def readings(self, source: PieceSource[Piece]) -> AsyncGenerator[Reading]:
        """Yield what ``source`` says; its ``on_change`` is `connection_changed`."""
        async with aclosing(source.stream()) as pieces:
            async for piece in pieces:
                for reading in self.take(piece):
                    yield reading
        for reading in self.end("the input has ended"):
            yield reading

    def take(self, piece: Piece) -> list[Reading]:
        """Return the readings that ``piece`` completes."""
        self._bytes += len(piece)
        readings = self._judge(self._reader.feed(piece))
        now_s = self._clock()
        if self._since_s is None:
            self._since_s = now_s
        elif now_s - self._since_s > UNREADABLE_AFTER_S and self._status not in (
            LineStatus.KEY_NEEDED,
            LineStatus.KEY_REFUSED,
            LineStatus.SEARCHING,
        ):
            self._set(LineStatus.UNREADABLE, self._reader.hint())
        return readings

    def end(self, cause: str) -> list[Reading]:
        """Return what was left of the connection that has ended."""
        readings = self._judge(self._reader.finish()) if self._bytes else []
        self._since_s = None
        self._set(LineStatus.DISCONNECTED, cause)
        return readings

    def connection_changed(self, change: ConnectionChange) -> None:
        """Take note that bytes come, or no longer; what was cut off is dropped."""
        match change.state:
            case ConnectionState.DISCONNECTED:
                if self._since_s is not None:
                    self._drop()
                self._set(LineStatus.DISCONNECTED, change.cause)
            case ConnectionState.SILENT:
                self._set(LineStatus.SILENT, change.cause)
            case ConnectionState.SEARCHING:
                if self._since_s is not None:
                    self._drop()
                self._set(LineStatus.SEARCHING, change.cause)
            case ConnectionState.CONNECTED:
                self._connected_as = change.cause
                if self._status is not LineStatus.READING:
                    self._set(LineStatus.WAITING, change.cause)

    def _drop(self) -> None:
        """Forget half a telegram: another connection does not go on with it.

        One that lacks only what follows its checksum is forgotten too: by the time
        there is a connection again it would be old.
        """
        self._since_s = None
        for left in self._reader.finish():
            if isinstance(left, TelegramError):
                self._note_damage(left)

    def _judge(self, results: Iterable[Reading | TelegramError]) -> list[Reading]:
        """Count ``results`` and return what has values."""
        readings: list[Reading] = []
        for result in results:
            if isinstance(result, TelegramError):
                self._note_damage(result)
                continue
            self._telegrams += 1
            self._read_s = self._since_s = self._clock()
            self._doubts = 0
            self._format = result.format
            self._set(LineStatus.READING, self._connected_as)
            if result.raw:
                readings.append(result)
        return readings

    def _note_damage(self, error: TelegramError) -> None:
        kind = _DETAIL.sub("…", error.cause)
        if kind not in self._damaged and len(self._damaged) >= _CAUSES:
            kind = _OTHER
        self._damaged[kind] += 1
        self.on_damage(error)
        if KEY_MISSING in error.cause:
            self._set(LineStatus.KEY_NEEDED, error.cause)
        elif any(doubt in error.cause for doubt in KEY_DOUBTED):
            self._doubts += 1
            if self._doubts >= _REFUSED_AFTER:
                self._set(LineStatus.KEY_REFUSED, error.cause)

    def _set(self, status: LineStatus, cause: str) -> None:
        known = (self._status, self._cause)
        self._status, self._cause = status, cause
        if known != (status, cause):
            self.on_change(self.state)
