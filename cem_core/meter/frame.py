r"""Bytes in any cut -> whole P1 telegrams and their place in the stream.

A telegram is ``/identification``, lines, and ``!`` with up to four hex digits
of checksum. Whatever stands between two telegrams is noise and is skipped.
Nothing here depends on how the stream was cut into pieces.
"""

from collections.abc import Iterator
from dataclasses import dataclass
import re
from typing import Final, override

from cem_core.meter.error import TelegramError
from cem_core.meter.splitter import Grammar, TextSplitter

MAX_TELEGRAM: Final = 16_384
"""The longest telegram, in bytes; real ones have 200 to 4,000."""

# The identification holds no `/`, `!` or bracket (IEC 62056-21, 6.3.2), so a
# start is never seen inside a sound telegram, and a telegram cut short in the
# middle of a line does not take the next one with it.
_START: Final = rb"/(?P<start>[\x02 \"-'*-.0-~]{3,64}\r?\n)"
_END: Final = (
    rb"\n!(?:(?P<full>[0-9A-Fa-f]{4})"
    rb"|(?P<short>[0-9A-Fa-f]{0,3})(?P<newline>\r?\n)"
    rb"|(?P<bad>[0-9A-Fa-f]{0,3}(?:\r[^\n]|[^0-9A-Fa-f\r\n])))"
)
# Both begin with a plain byte: between those the search goes fast.
_EVENT: Final = re.compile(_START + rb"|" + _END)
_GRAMMAR: Final = Grammar(
    event=_EVENT,
    cut_start=re.compile(rb"/[\x02 \"-'*-.0-~]{0,64}\r?$"),
    cut_end=re.compile(rb"\n![0-9A-Fa-f]{0,3}\r?$"),
    longest=MAX_TELEGRAM,
    noun="telegram",
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One telegram from ``/`` to its checksum, at byte ``place``."""

    place: int
    telegram: bytes


class Splitter(TextSplitter[Frame]):
    """Cuts a stream into telegrams; holds at most a telegram and a piece."""

    def __init__(self) -> None:
        """Start in noise at byte 0."""
        super().__init__(_GRAMMAR)

    @override
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

    @override
    def _ended(self) -> Frame:
        return Frame(self._place, bytes(self._buffer))

    @override
    def _stray(self, event: re.Match[bytes]) -> Iterator[TelegramError]:
        if event["bad"] is None:
            yield self._startless(event)
        self._drop(event.start() + 2)


def _newline(telegram: bytes) -> bytes:
    first = telegram.index(b"\n")
    return b"\r\n" if telegram[first - 1 : first] == b"\r" else b"\n"
