"""A P1 telegram -> `Reading`: DSMR 4 and 5, Belgian e-MUCS; also DSMR 2.2 and 3.

A telegram is read whole or refused whole.
"""

from collections.abc import Iterator
import re
from typing import Final

from cem_core.meter.crc16 import crc16
from cem_core.meter.draft import Draft
from cem_core.meter.error import TelegramError
from cem_core.meter.frame import Frame, Splitter
from cem_core.meter.p1_columns import Layouts
from cem_core.model import Reading

_TELEGRAM: Final = re.compile(
    rb"(?P<body>/[^\n]*\n(?:.*\n)?!)(?P<checksum>[0-9A-Fa-f]{0,4})(?P<newline>\r?\n)?\r?",
    re.DOTALL,
)
# A message that an earlier line began and did not close.
_MORE_OF_A_MESSAGE: Final = re.compile(r"0-0:96\.13\.[01]\([0-9A-Fa-f]{32,}\)?")
_FIRST_WITH_CHECKSUM: Final = 40  # DSMR 4.0, as object 1-3:0.2.8 says it
_LAYOUTS: Final = Layouts()


class Decoder:
    """Readings out of a stream that arrives in any cut."""

    def __init__(self) -> None:
        """Start at byte 0 of the stream."""
        self._splitter = Splitter()

    def feed(self, data: bytes) -> list[Reading | TelegramError]:
        """Return what ``data`` completes, in order."""
        return [_read(piece) for piece in self._splitter.feed(data)]

    def finish(self) -> list[Reading | TelegramError]:
        """Return what is left at the end of the stream."""
        return [_read(piece) for piece in self._splitter.finish()]


def _read(piece: Frame | TelegramError) -> Reading | TelegramError:
    if isinstance(piece, TelegramError):
        return piece
    try:
        return parse(piece.telegram, place=piece.place)
    except TelegramError as error:
        return error


def parse(telegram: bytes, *, place: int = 0) -> Reading:
    """Return the reading in ``telegram``, which starts at byte ``place``.

    Raises `TelegramError` when anything in it is damaged or makes no sense.
    """
    frame = _TELEGRAM.fullmatch(telegram)
    if frame is None:
        raise TelegramError(place, "no telegram: expected /… to !")
    body, checksum = frame["body"], frame["checksum"]
    if checksum:
        _verify(body, int(checksum, 16), place)
    draft = _LAYOUTS.read(body) or _read_lines(body, place)
    reading = draft.reading()
    if not checksum and frame["newline"] is None and _has_checksum(reading):
        raise TelegramError(place, "unfinished telegram: its checksum is missing")
    return reading


def _read_lines(body: bytes, place: int) -> Draft:
    draft, lines = Draft(), list(_lines(body))
    for index, line in lines:
        try:
            draft.say(line)
        except ValueError as error:
            raise TelegramError(place + index, str(error)) from error
    _LAYOUTS.keep(body, lines)
    return draft


def _verify(body: bytes, given: int, place: int) -> None:
    computed = crc16(body)
    if computed == given:
        return
    # A telegram kept in a text file often lost its carriage returns: the
    # checksum proves that they are all it lost.
    if b"\r" not in body and crc16(body.replace(b"\n", b"\r\n")) == given:
        return
    raise TelegramError(place, f"checksum {given:04X}, computed {computed:04X}")


def _has_checksum(reading: Reading) -> bool:
    version = reading.version
    return (
        version is not None
        and version.isdecimal()
        and int(version) >= _FIRST_WITH_CHECKSUM
    )


def _lines(body: bytes) -> Iterator[tuple[int, str]]:
    """Yield each line after the identification and the index of its start.

    In DSMR 2.2 and 3 the value of a gas meter stands on a line of its own,
    which belongs to the line before; a message is wrapped.
    """
    index, pending = 0, ""
    start = 0
    for line in body[:-1].decode("latin-1").split("\n"):
        text = line.removesuffix("\r")
        if text.startswith("(") or (
            pending[-1:] != ")" and _MORE_OF_A_MESSAGE.fullmatch(pending + text)
        ):
            pending += text
        else:
            if pending:
                yield start, pending
            start, pending = index, text if index else ""
        index += len(line) + 1
    if pending:
        yield start, pending
