"""Telegrams that differ from an earlier one in digits alone, read by their columns.

A meter says the same objects in the same widths in every telegram. Where its numbers
stand is found once. A telegram whose other characters are the same has them there too,
and each is a number of the same form; whatever else differs is read line by line.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from operator import itemgetter
from typing import Final, NamedTuple

from cem_core.meter.draft import Draft
from cem_core.meter.p1_object import Column, column

type Texts = Callable[[str], tuple[str, ...]]

_DIGITS_ALIKE: Final = bytes.maketrans(b"123456789", b"000000000")
_MOST_KEPT: Final = 4  # telegrams: of the meters of a home
_LEAST_LINES: Final = 2
_MOST_LINES: Final = 128
_LONGEST_KEPT: Final = 4_096  # bytes


class Layout(NamedTuple):
    """Where the lines of a telegram stand.

    ``parts`` takes the digits of each number, and of what is no number the line.
    ``around`` is what ``between`` takes: all that stands around what may differ.
    """

    columns: tuple[Column | None, ...]
    parts: Texts
    between: Texts
    around: tuple[str, ...]


class Layouts:
    """The layouts of the last few meters."""

    def __init__(self) -> None:
        """Start with none."""
        self._kept: dict[bytes, Layout] = {}

    def read(self, body: bytes) -> Draft | None:
        """Return what ``body`` says; None where it has to be read line by line."""
        if (layout := self._kept.get(body.translate(_DIGITS_ALIKE))) is None:
            return None
        text = body.decode("latin-1")
        if layout.between(text) != layout.around:
            return None
        draft = Draft()
        try:
            draft.say_columns(layout.columns, layout.parts(text))
        except ValueError:
            return None  # read again, so that the line is named
        return draft

    def keep(self, body: bytes, lines: Sequence[tuple[int, str]]) -> None:
        """Keep where ``lines``, which were read without damage, stand in ``body``.

        Each is its index and its text.
        """
        if len(body) > _LONGEST_KEPT or len(lines) > _MOST_LINES:
            return
        if (layout := _layout(body.decode("latin-1"), lines)) is None:
            return
        if len(self._kept) >= _MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[body.translate(_DIGITS_ALIKE)] = layout


def _layout(text: str, lines: Sequence[tuple[int, str]]) -> Layout | None:
    """Return the layout; None where it would save nothing, or not be sure."""
    columns = [column(line) for _, line in lines]
    codes = Counter(line.partition("(")[0] for _, line in lines)
    if (
        len(lines) < _LEAST_LINES
        or any(place is not None and codes[place.code] > 1 for place in columns)
        or not all(text.startswith(line, at) for at, line in lines)
    ):
        return None  # said twice: to be compared; wrapped: stands in several places
    parts, gaps, end = [], [], 0
    for (at, line), place in zip(lines, columns, strict=True):
        if place is None:
            part = slice(at, at + len(line))
            start = at + line.index("(") + 1
        else:
            part = slice(at + place.digits.start, at + place.digits.stop)
            start = part.start
        parts.append(part)
        gaps.append(slice(end, start))
        end = part.stop
    gaps.append(slice(end, len(text)))
    return Layout(
        columns=tuple(columns),
        parts=itemgetter(*parts),
        between=itemgetter(*gaps),
        around=tuple(text[gap] for gap in gaps),
    )
