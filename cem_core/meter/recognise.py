"""A stream of unknown format -> readings, by letting every format try.

A format is known by its first whole telegram: checksums and grammar make sure
that it is no other. Until then each decoder sees the stream from its start, so
nothing is lost while it is undecided, and what one finds damaged is held back;
after that only the one that could read goes on. When it has read nothing for
`PATIENCE` bytes all try again: there may be another meter on the line.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from cem_core.meter.error import TelegramError
from cem_core.meter.formats import FORMATS, Factory, Key, Result, StreamDecoder
from cem_core.model import Reading

PATIENCE: Final = 65_536
"""Bytes without a reading after which all formats try again."""

TOLD: Final = 3
"""Damaged telegrams that are told although the format is not known yet."""

_PIECE: Final = 256  # bytes: the first to read is known before another can


@dataclass(slots=True)
class _Candidate:
    """A decoder that began at byte ``base`` of the stream, and what it held back."""

    format: str
    factory: Factory
    decoder: StreamDecoder
    base: int
    held: list[Result] = field(default_factory=list)

    def take(self, results: Iterable[Result]) -> bool:
        """Keep ``results`` and tell whether one is a reading."""
        taken = [self._placed(result) for result in results]
        self.held += taken
        return any(isinstance(result, Reading) for result in taken)

    def give(self) -> list[Result]:
        """Return what was kept."""
        held, self.held = self.held, []
        return held

    def _placed(self, result: Result) -> Result:
        if self.base and isinstance(result, TelegramError):
            return TelegramError(self.base + result.place, result.cause)
        return result


class Decoder:
    """Reads a stream in whichever of ``formats`` it turns out to be."""

    def __init__(
        self,
        formats: Iterable[str] = FORMATS,
        *,
        key: Key = None,
        auth_key: Key = None,
    ) -> None:
        """Start at byte 0 of the stream; ``formats`` are names of `FORMATS`."""
        self._formats = tuple(formats)
        self._keys = key, auth_key
        self._start()

    def _start(self) -> None:
        self._place = 0
        self._patient_until = PATIENCE
        self._told = False  # whether anything came of the stream
        self._known: _Candidate | None = None
        self._candidates = list(self._fresh())

    def _fresh(self) -> Iterable[_Candidate]:
        for name in self._formats:
            for factory in FORMATS[name]:
                decoder = factory(*self._keys)
                yield _Candidate(name, factory, decoder, self._place)

    @property
    def format(self) -> str | None:
        """The format that was recognised, or None while it is not."""
        return None if self._known is None else self._known.format

    def feed(self, data: bytes) -> list[Result]:
        """Return what ``data`` completes, in order."""
        results: list[Result] = []
        for start in range(0, len(data), _PIECE):
            results += self._feed(data[start : start + _PIECE])
        return results

    def _feed(self, piece: bytes) -> list[Result]:
        self._place += len(piece)
        readers = [c for c in self._candidates if c.take(c.decoder.feed(piece))]
        if readers:
            self._know(readers[0])
        results = self._give()
        if self._place >= self._patient_until:
            results += self._lose_patience()
        return results

    def _know(self, reader: _Candidate) -> None:
        self._known = reader
        self._candidates = [reader]
        self._patient_until = self._place + PATIENCE

    def _give(self) -> list[Result]:
        """Return what can be told by now."""
        speaker = self._known or self._suspect()
        if speaker is None or (self._known is None and len(speaker.held) < TOLD):
            return []
        return self._told_by(speaker)

    def _told_by(self, speaker: _Candidate) -> list[Result]:
        results = speaker.give()
        for other in self._candidates:
            other.held.clear()
        self._told = self._told or bool(results)
        return results

    def _suspect(self) -> _Candidate | None:
        """Return who found most damaged telegrams, the first of them first."""
        return min(
            (c for c in self._candidates if c.held),
            key=lambda c: (-len(c.held), _place(c.held[0])),
            default=None,
        )

    def _lose_patience(self) -> list[Result]:
        since = self._patient_until - PATIENCE
        self._patient_until = self._place + PATIENCE
        if self._known is not None:
            known, self._known = self._known, None
            self._candidates = [
                known if c.factory is known.factory else c for c in self._fresh()
            ]
            return []
        if (suspect := self._suspect()) is not None:
            return self._told_by(suspect)
        self._told = True
        return [TelegramError(since, f"no telegram within {PATIENCE} bytes")]

    def finish(self) -> list[Result]:
        """Return what is left at the end of the stream, and start anew."""
        readers = [c for c in self._candidates if c.take(c.decoder.finish())]
        if readers:
            self._know(readers[0])
        speaker = self._known or self._suspect()
        results = [] if speaker is None else self._told_by(speaker)
        if not self._told:
            cause = "no telegram found" if self._place else "the input is empty"
            results = [TelegramError(0, cause)]
        self._start()
        return results


def _place(result: Result) -> int:
    return result.place if isinstance(result, TelegramError) else 0
