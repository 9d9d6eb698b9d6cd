"""EDIFACT (ISO 9735, syntax 3): segments, elements, components, and the release sign."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from cem_core.exchange.curve import CurveError

# As UNA gives them, and as they are without it.
_DEFAULT: Final = ":+.? '"
_UNA: Final = "UNA"
_SERVICE: Final = len(_DEFAULT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A segment: its tag, and its elements as components; ``number`` from 1."""

    number: int
    tag: str
    elements: tuple[tuple[str, ...], ...]

    @property
    def where(self) -> str:
        """The place, for errors."""
        return f"segment {self.number} ({self.tag})"

    def get(self, element: int, component: int = 0) -> str:
        """Return a component; what is not there is empty."""
        try:
            return self.elements[element][component]
        except IndexError:
            return ""


def segment(tag: str, *elements: str | Iterable[str]) -> str:
    """Return a segment as it is sent, an element a text or its components."""
    parts = [tag]
    for element in elements:
        components = (element,) if isinstance(element, str) else element
        parts.append(":".join(map(_released, components)))
    return "+".join(parts) + "'"


def segments(text: str) -> Iterator[Segment]:
    """Yield the segments of an interchange. Raises `CurveError` with the place."""
    signs = _DEFAULT
    if text.startswith(_UNA):
        signs = text[len(_UNA) : len(_UNA) + _SERVICE]
        if len(set(signs)) < _SERVICE:
            raise CurveError("segment 1 (UNA): it does not give six different signs")
        text = text[len(_UNA) + _SERVICE :]
    between, plus, _, release, _, end = tuple(signs)
    number = 1
    elements: list[list[str]] = [[""]]
    letters = iter(text)
    for sign in letters:
        if sign == release:
            elements[-1][-1] += next(letters, "")
        elif sign == between:
            elements[-1].append("")
        elif sign == plus:
            elements.append([""])
        elif sign == end:
            yield _segment(number, elements)
            number, elements = number + 1, [[""]]
        elif sign not in "\r\n":
            elements[-1][-1] += sign
    if elements != [[""]]:
        raise CurveError(f"segment {number}: it does not end")


def _segment(number: int, elements: list[list[str]]) -> Segment:
    tag, *rest = (tuple(element) for element in elements)
    if not (len(tag[0]) == len(_UNA) and tag[0].isalpha() and tag[0].isupper()):
        raise CurveError(f"segment {number}: {tag[0][:20]!r} is no tag")
    return Segment(number=number, tag=tag[0], elements=tuple(rest))


def _released(text: str) -> str:
    return "".join(f"?{sign}" if sign in "?:+'" else sign for sign in text)
