"""SML files of German meters -> `Reading` (SML 1.04, annex to BSI TR-03109-1).

A file is read whole or refused whole: its own checksum and that of every message
in it must be right.
"""

from typing import Final

from cem_core.meter.crc_ccitt import checksum
from cem_core.meter.error import TelegramError
from cem_core.meter.sml_list import ListDraft
from cem_core.meter.sml_transport import File, Splitter
from cem_core.meter.sml_tree import Integer, Node, Reader
from cem_core.model import Reading

_OPEN_RESPONSE: Final = 0x0101
_GET_LIST_RESPONSE: Final = 0x0701
_MESSAGE_LENGTH: Final = 6
_VERSION: Final = 5  # place of smlVersion in an open response


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


def _read(piece: File | TelegramError) -> Reading | TelegramError:
    if isinstance(piece, TelegramError):
        return piece
    try:
        return parse(piece.messages)
    except ValueError as error:
        return TelegramError(piece.place, f"SML: {error}")


def parse(messages: bytes) -> Reading:
    """Return the reading in the ``messages`` of a file, without values if none has.

    Raises ValueError when anything in it is damaged or makes no sense.
    """
    reader = Reader(messages)
    draft = ListDraft()
    version: str | None = None
    while not reader.at_end:
        kind, body = _message(reader)
        if kind == _OPEN_RESPONSE and len(body) > _VERSION:
            said = body[_VERSION]
            version = str(said.value) if isinstance(said, Integer) else None
        elif kind == _GET_LIST_RESPONSE:
            draft.take(body)
        reader.skip_padding()
    return draft.reading(version)


def _message(reader: Reader) -> tuple[int, list[Node]]:
    """Return the kind and the fields of the body of the next message."""
    start = reader.index
    if reader.list_head() != _MESSAGE_LENGTH:
        raise ValueError(f"the message at byte {start} has no six fields")
    for _ in ("transaction", "group", "abort on error"):
        reader.node()
    body = reader.node()
    end = reader.index
    checksum = reader.node()
    reader.end_of_message()
    if not isinstance(checksum, Integer):
        raise ValueError(f"message {start}: no checksum")  # noqa: TRY004  the meter's
    _verify(reader.between(start, end), checksum.as_unsigned, start)
    match body:
        case [Integer(value=kind), list(fields)]:
            return kind, fields
        case _:
            raise ValueError(f"the message at byte {start} has no body")


def _verify(message: bytes, given: int, place: int) -> None:
    if (computed := checksum(message, given)) != given:
        raise ValueError(
            f"the message at byte {place} has the checksum {given:04X},"
            f" computed {computed:04X}"
        )
