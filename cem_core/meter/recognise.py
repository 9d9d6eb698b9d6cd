"""A stream of unknown format -> readings, by letting every format try.

A format is known by its first whole telegram: checksums and grammar make sure
that it is no other. Until then each decoder sees the stream from its start, so
nothing is lost while it is undecided, and what one finds damaged is held back;
after that only the one that could read goes on. When it has read nothing for
`PATIENCE` bytes all try again: there may be another meter on the line.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
import re
from typing import Final

from cem_core.meter.cipher import KEY_DOUBTED, KEY_MISSING
from cem_core.meter.error import TelegramError
from cem_core.meter.formats import FORMATS, Framing, Key, Result, StreamDecoder
from cem_core.model import Reading

PATIENCE: Final = 65_536
"""Bytes without a reading after which all formats try again."""

TOLD: Final = 3
"""Damaged telegrams that are told although the format is not known yet."""

_FINE: Final = 16_384  # undecided bytes taken one by one: no cut changes who is first
_PIECE: Final = 256  # bytes taken at once after that
_HELD: Final = 1_000  # results one candidate holds back at most
_LOOK_BACK: Final = 8_192  # bytes from a damage back to its frame's start, at most
_START: Final = 16  # bytes: more than any pattern of a start looks at
_KEYS: Final = (KEY_MISSING, *KEY_DOUBTED)  # what is said of a frame that stays closed
_P1_CODE: Final = re.compile(r"\d+-\d+:\d+\.\d+\.\d+")


@dataclass(slots=True)
class _Candidate:
    """A decoder that began at byte ``base`` of the stream, and what it held back."""

    format: str
    framing: Framing
    decoder: StreamDecoder
    base: int
    held: list[Result] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)
    """Places of damage in what starts as this framing does."""
    closed: bool = False
    """Whether a frame came that only lacks its key: nothing else looks like that."""

    def take(
        self, results: Iterable[Result], seen: bytearray, place: int, told_until: int
    ) -> bool:
        """Keep ``results`` and tell whether one is a reading.

        ``seen`` is what came last, up to byte ``place`` of the stream; damage before
        ``told_until`` is known already.
        """
        read = False
        for result in results:
            if isinstance(result, Reading):
                # Ciphering is the same: P1 finds it inside of DLMS frames too.
                if self.format != "dsmr" or result.format == self.format:
                    read = True
                    self.held.append(result)
            elif len(self.held) < _HELD:
                error = TelegramError(self.base + result.place, result.cause)
                if error.place < told_until:
                    continue  # another has told what is wrong there
                self.held.append(error)
                index = error.place - (place - len(seen))
                begin, end = max(0, index - _LOOK_BACK), max(0, index + _START)
                if self.framing.start.search(seen, begin, end):
                    self.damaged.append(error.place)
                    self.closed |= any(word in error.cause for word in _KEYS)
        return read

    def readings(self) -> Iterator[Reading]:
        """Yield the readings that were kept."""
        return (result for result in self.held if isinstance(result, Reading))

    def give(self) -> list[Result]:
        """Return what was kept."""
        held, self.held, self.damaged = self.held, [], []
        self.closed = False
        return held


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
        self._seen = bytearray()  # the end of the stream, while it is undecided
        self._patient_until = PATIENCE
        self._told = False  # whether anything came of the stream
        self._told_until = 0
        self._known: _Candidate | None = None
        self._candidates = list(self._fresh())

    def _fresh(self) -> Iterator[_Candidate]:
        for name in self._formats:
            for framing in FORMATS[name]:
                decoder = framing.decoder(*self._keys)
                yield _Candidate(name, framing, decoder, self._place)

    @property
    def format(self) -> str | None:
        """The format that was recognised, or None while it is not."""
        return None if self._known is None else self._known.format

    def feed(self, data: bytes) -> list[Result]:
        """Return what ``data`` completes, in order."""
        results: list[Result] = []
        start = 0
        while start < len(data):
            end = start + self._step()
            results += self._feed(data[start:end])
            start = end
        return results

    def _step(self) -> int:
        """Return how many bytes to look at before the next decision."""
        left = self._patient_until - self._place
        if self._known is None:
            return 1 if PATIENCE - left < _FINE else min(left, _PIECE)
        return left

    def _feed(self, piece: bytes) -> list[Result]:
        self._place += len(piece)
        if self._known is None:
            self._seen += piece
            del self._seen[: -2 * PATIENCE]
        self._ask(lambda decoder: decoder.feed(piece))
        results = self._tell()
        if self._place >= self._patient_until:
            results += self._lose_patience()
        return results

    def finish(self) -> list[Result]:
        """Return what is left at the end of the stream, and start anew."""
        self._ask(lambda decoder: decoder.finish())
        results = self._tell(at_least=1)
        if not self._told:
            cause = "no telegram found" if self._place else "the input is empty"
            results = [TelegramError(0, cause)]
        self._start()
        return results

    def _ask(self, question: Callable[[StreamDecoder], list[Result]]) -> None:
        readers = [
            candidate
            for candidate in self._candidates
            if candidate.take(
                question(candidate.decoder), self._seen, self._place, self._told_until
            )
        ]
        for reader in readers:
            if self._is_refused_p1(reader):
                reader.give()
                continue
            self._known, self._candidates = reader, [reader]
            self._patient_until = self._place + PATIENCE
            self._seen.clear()
            self._told_until = 0
            return

    def _is_refused_p1(self, reader: _Candidate) -> bool:
        """Tell whether D0 has read what P1 refused: only P1's codes, and damage."""
        return (
            reader.format == "d0"
            and any(c.format == "dsmr" and c.damaged for c in self._candidates)
            and all(
                _P1_CODE.fullmatch(v.code) for r in reader.readings() for v in r.raw
            )
        )

    def _tell(self, at_least: int = TOLD) -> list[Result]:
        """Return what can be told by now, and forget what the others found."""
        speaker = self._known or min(
            (c for c in self._candidates if c.closed or len(c.damaged) >= at_least),
            key=lambda c: (-len(c.damaged), c.damaged[0]),
            default=None,
        )
        if speaker is None:
            return []
        results = speaker.give()
        for other in self._candidates:
            other.give()
        if self._known is None:
            self._told_until = self._place
        self._told = self._told or bool(results)
        return results

    def _lose_patience(self) -> list[Result]:
        since = self._patient_until - PATIENCE
        self._patient_until = self._place + PATIENCE
        if self._known is not None:
            known, self._known = self._known, None
            self._candidates = [
                known if c.framing is known.framing else c for c in self._fresh()
            ]
            return []
        if results := self._tell(at_least=1):
            return results
        for candidate in self._candidates:
            candidate.give()
        self._told = True
        return [TelegramError(since, f"no telegram within {PATIENCE} bytes")]
