"""XML from elsewhere -> a tree, with the line of each element.

Document types, and with them entities, are refused: they are what XML attacks are made
of. Depth and size are bounded.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

# What it may be told to do is taken away below.
from xml.parsers import expat

from cem_core.exchange.curve import CurveError

_DEEPEST: Final = 32
_BETWEEN: Final = "}"


@dataclass(slots=True)
class Element:
    """An element: its name without the namespace, its text, what is inside."""

    name: str
    space: str
    line: int
    attributes: Mapping[str, str]
    text: str = ""
    children: list[Element] = field(default_factory=list)

    @property
    def where(self) -> str:
        """The place, for errors."""
        return f"line {self.line}: {self.name}"

    def all(self, name: str) -> Iterator[Element]:
        """Yield the children of a name."""
        return (child for child in self.children if child.name == name)

    def find(self, *path: str) -> Element | None:
        """Return the first element at the end of ``path``, or None."""
        here: Element | None = self
        for name in path:
            here = next(here.all(name), None) if here is not None else None
        return here

    def get(self, *path: str) -> Element:
        """Return the first element at the end of ``path``. Raises `CurveError`."""
        if (found := self.find(*path)) is None:
            raise CurveError(f"{self.where}: no {'/'.join(path)} in it")
        return found

    def walk(self, name: str) -> Iterator[Element]:
        """Yield the elements of a name at any depth."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.walk(name)


def parse(data: str | bytes) -> Element:
    """Return the document's element. Raises `CurveError` with the line."""
    parser = expat.ParserCreate(namespace_separator=_BETWEEN)
    root = Element("document", "", 0, {})
    open_: list[Element] = [root]

    def begin(tag: str, attributes: dict[str, str]) -> None:
        if len(open_) > _DEEPEST:
            raise CurveError(f"line {parser.CurrentLineNumber}: nested too deeply")
        space, _, name = tag.rpartition(_BETWEEN)
        found = Element(name, space, parser.CurrentLineNumber, attributes)
        open_[-1].children.append(found)
        open_.append(found)

    def end(tag: str) -> None:
        del tag
        closed = open_.pop()
        closed.text = closed.text.strip()

    def text(piece: str) -> None:
        open_[-1].text += piece

    def refuse(*_: object) -> None:
        raise CurveError(
            f"line {parser.CurrentLineNumber}: a document type is not accepted"
        )

    parser.StartElementHandler = begin
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise CurveError(f"no XML: {error}") from error
    except (LookupError, ValueError) as error:
        if isinstance(error, CurveError):
            raise
        raise CurveError(f"no XML: {error}") from error
    return root.children[0]
