"""A document as a tree that knows its lines, and what can be wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

type Scalar = str | float | int | bool | None


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with an input: where, and what to do."""

    text: str
    where: str = ""
    line: int | None = None

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line is not None else ""
        return f"{place}{self.where}: {self.text}" if self.where else place + self.text


class InputError(ValueError):
    """An input that cannot be used; every problem that was found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        """Keep ``problems``, at least one."""
        super().__init__("; ".join(map(str, problems)))
        self.problems = tuple(problems)


@dataclass(frozen=True, slots=True)
class Tree:
    """A value and the line it stands on (None when it came from no text)."""

    value: Scalar | Sequence[Tree] | Mapping[str, Tree]
    line: int | None = None
    key_lines: Mapping[str, int] | None = None

    def plain(self) -> Any:  # noqa: ANN401 - JSON
        """Return the value without its lines."""
        if isinstance(self.value, Mapping):
            return {key: item.plain() for key, item in self.value.items()}
        if isinstance(self.value, Sequence) and not isinstance(self.value, str):
            return [item.plain() for item in self.value]
        return self.value


def tree_of(document: object) -> Tree:
    """Return the tree of ``document``, which was read from JSON."""
    if isinstance(document, Mapping):
        return Tree({str(key): tree_of(item) for key, item in document.items()})
    if isinstance(document, Sequence) and not isinstance(document, str):
        return Tree([tree_of(item) for item in document])
    if document is None or isinstance(document, str | float | int):
        return Tree(document)
    raise InputError([Problem(f"{type(document).__name__} is no JSON value")])
