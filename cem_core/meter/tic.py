r"""TIC of French meters -> `Reading`: historique and standard.

Enedis-NOI-CPT_54E (Linky) and ERDF-NOI-CPT_02E. A frame is ``STX``, groups and
``ETX``; a group is ``LF label SP value SP checksum CR``, in standard mode with
``HT`` for ``SP`` and perhaps a time between label and value. A frame is read whole
or refused whole.

The checksum has six bits. That the bit 40 of a byte is damaged is seen by the form
of numbers, times and identifiers; in free text (OPTARIF, LTARF, MSG1) it is not.
"""

from collections.abc import Iterator
import re
from typing import Final, NamedTuple

from cem_core.meter.error import TelegramError
from cem_core.meter.tic_draft import TicDraft
from cem_core.model import Reading

MAX_FRAME: Final = 4_096
"""The longest frame, in bytes; real ones have 100 to 1,500."""

_START: Final = 0x02
_END: Final = 0x03
_MARK: Final = re.compile(rb"[\x02\x03\x04]")
_GROUP: Final = re.compile(rb"\n([^\n\r]*)\r")
_LABEL: Final = re.compile(r"[A-Z][A-Z0-9+-]{1,8}")
_HISTORIQUE: Final = " "
_NEVER: Final = "`"  # a space with the bit damaged that the checksum cannot see
_STANDARD: Final = "\t"
_FIRST: Final = (b"\nADCO", b"\nADSC", b"\nADIR")  # labels that begin a frame
_LONGEST_GROUP: Final = 160  # a message of 32 characters and then some, in bytes
_MAY_BE_GROUP: Final = re.compile(
    rb"(?:[A-Z][A-Z0-9+-]{0,8}|[A-Z][A-Z0-9+-]{1,8}[ \t][^\x02-\x04\n]*)?"
)
_SHORTEST: Final = 4  # label, separator, separator, checksum


class _Group(NamedTuple):
    label: str
    time: str | None
    value: str


class Decoder:
    """Readings out of a stream that arrives in any cut."""

    def __init__(self) -> None:
        """Start in noise at byte 0."""
        self._buffer = bytearray()  # empty, or a frame from its STX on
        self._place = 0  # of the buffer's first byte in the stream
        self._interrupts = False  # the frame's STX stood inside another frame
        self._held: Reading | None = None  # read, but for what follows its ETX
        self._held_place = 0
        self._after = bytearray()  # what came after that ETX

    def feed(self, data: bytes) -> list[Reading | TelegramError]:
        """Return what ``data`` completes, in order."""
        results: list[Reading | TelegramError] = []
        index = 0
        while index < len(data):
            results += self._release(data[index : index + _LONGEST_GROUP])
            mark = _MARK.search(data, index)
            end = len(data) if mark is None else mark.start()
            results += self._take(data[index:end])
            if mark is not None:
                results += self._mark(data[end])
                end += 1
            index = end
        return results

    def finish(self) -> list[Reading | TelegramError]:
        """Return what is left at the end of the stream, and start anew."""
        return [
            *self._release(b"", at_end=True),
            *self._give_up("unfinished frame: the input ends"),
        ]

    def _release(
        self, following: bytes, *, at_end: bool = False
    ) -> Iterator[Reading | TelegramError]:
        """Yield the frame that waited for what is ``following``.

        A sound group right after ETX says that a damaged LF was taken for ETX: the
        checksums of the groups cannot see that the others are missing.
        """
        if self._held is None:
            return
        self._after += following[: _LONGEST_GROUP - len(self._after)]
        group, closed, _ = self._after.partition(b"\r")
        waits = not closed and len(self._after) < _LONGEST_GROUP and not at_end
        if waits and _MAY_BE_GROUP.fullmatch(group):
            return
        if closed and _is_group(bytes(group)):
            yield TelegramError(self._held_place, "the frame goes on after its end")
        else:
            yield self._held
        self._held = None
        self._after.clear()

    def _take(self, content: bytes) -> Iterator[TelegramError]:
        if not self._buffer:
            self._place += len(content)
            return
        room = MAX_FRAME - len(self._buffer)
        self._buffer += content[:room]
        if len(content) > room:
            yield from self._give_up(f"no end of the frame within {MAX_FRAME} bytes")
            self._place += len(content) - room

    def _mark(self, mark: int) -> Iterator[Reading | TelegramError]:
        if mark == _START:
            follower = self._place + len(self._buffer)
            self._interrupts = bool(self._buffer)
            yield from self._give_up(
                f"unfinished frame: the next starts at byte {follower}"
            )
            self._buffer.append(mark)
            return
        if not self._buffer:
            self._place += 1
            if mark == _END:
                yield TelegramError(
                    self._place - 1, "end of a frame whose start is missing"
                )
            return
        if mark == _END:
            yield from self._end()
        else:
            yield from self._give_up("unfinished frame: the meter broke it off")
        self._place += 1

    def _end(self) -> Iterator[TelegramError]:
        place, content = self._place, bytes(self._buffer[1:])
        self._drop()
        if self._interrupts and not content.startswith(_FIRST):
            yield TelegramError(place, "the start of the frame is missing")
            return
        try:
            reading = parse(content, place=place + 1)
        except TelegramError as error:
            yield error
        else:
            if reading.raw:
                self._held, self._held_place = reading, place

    def _give_up(self, cause: str) -> Iterator[TelegramError]:
        if self._buffer:
            yield TelegramError(self._place, cause)
            self._drop()

    def _drop(self) -> None:
        self._place += len(self._buffer)
        self._buffer.clear()


def parse(content: bytes, *, place: int = 0) -> Reading:
    """Return the reading in the groups ``content``, which starts at byte ``place``.

    Raises `TelegramError` when anything in it is damaged or makes no sense.
    """
    draft = TicDraft()
    index = 0
    while index < len(content):
        found = _GROUP.match(content, index)
        if found is None:
            raise TelegramError(place + index, "no group: expected LF … CR")
        try:
            draft.say(*_group(found[1]))
        except ValueError as error:
            raise TelegramError(place + index, str(error)) from error
        index = found.end()
    return draft.reading()


def _is_group(content: bytes) -> bool:
    try:
        _group(content)
    except ValueError:
        return False
    return True


def _group(content: bytes) -> _Group:
    if not content.isascii():
        raise ValueError(f"{content[:20]!r} is damaged: a byte above 7F")
    text = content.decode("ascii")
    if (
        len(text) < _SHORTEST
        or not text.replace(_STANDARD, _HISTORIQUE).isprintable()
        or _NEVER in text[:-1]
    ):
        raise ValueError(f"{text[:20]!r} is no group")
    checked, separator, given = text[:-2], text[-2], text[-1]
    standard = separator == _STANDARD
    if standard:
        checked += separator  # the last separator counts in standard mode only
    elif separator != _HISTORIQUE:
        raise ValueError(f"{text[:20]!r}: no separator before the checksum")
    computed = chr((sum(checked.encode("ascii")) & 0x3F) + 0x20)
    label = checked.partition(separator)[0]
    if given != computed:
        raise ValueError(f"{label[:20]}: checksum {given!r}, computed {computed!r}")
    if _LABEL.fullmatch(label) is None:
        raise ValueError(f"{label[:20]!r} is no label")
    if not standard:
        return _Group(label, None, checked.partition(separator)[2])
    parts = checked.removesuffix(separator).split(separator)[1:]
    match parts:
        case [value]:
            return _Group(label, None, value)
        case [time, value]:
            return _Group(label, time, value)
        case _:
            raise ValueError(f"{label}: {len(parts)} fields instead of one or two")
