"""A document -> Home: every field known, of the right type and in bounds.

Nothing is ignored and nothing guessed; every problem is named with its line,
its field and what is allowed there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import MISSING, Field, fields, is_dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
import math
from reprlib import Repr
from types import NoneType, UnionType
from typing import Any, TypeAliasType, get_args, get_origin

from optimizer.check_home import check
from optimizer.document import InputError, Problem, Tree, tree_of
from optimizer.fields import MOST, Spec, has_notation, key
from optimizer.home import DEVICES, Home


def home_from_json(document: object) -> Home:
    """Return the home in ``document``, which was read from JSON."""
    return home_from_tree(tree_of(document))


def home_from_tree(tree: Tree) -> Home:
    """Return the home in ``tree``. Raises `InputError` with every problem."""
    reader = _Reader()
    home = reader.record(Home, tree, "")
    if not reader.problems and isinstance(home, Home):
        reader.problems.extend(check(home, reader.lines))
    if reader.problems or not isinstance(home, Home):
        raise InputError(sorted(reader.problems, key=lambda p: p.line or 0))
    return home


def record_from_json[R](cls: type[R], document: object, where: str) -> R:
    """Return a record of described fields. Raises `InputError`."""
    reader = _Reader()
    record = reader.record(cls, tree_of(document), where)
    if not isinstance(record, cls):
        raise InputError(reader.problems)
    return record


_shown = Repr(maxstring=60, maxother=60).repr


class _Reader:
    def __init__(self) -> None:
        self.problems: list[Problem] = []
        self.lines: dict[str, int | None] = {}

    def refuse(self, text: str, where: str, line: int | None) -> None:
        self.problems.append(Problem(text, where, line))

    def record(self, cls: type[Any], tree: Tree, where: str) -> object:
        """Return an instance of ``cls``, or None after naming the problems."""
        if not isinstance(tree.value, Mapping):
            self.refuse("must be a mapping of fields", where or "home", tree.line)
            return None
        known = {key(f): f for f in fields(cls)}
        tag = {"kind"} if hasattr(cls, "kind") else set()
        before = len(self.problems)
        filled = _preset(cls, tree)
        for name in tree.value.keys() - known.keys() - tag:
            self._unknown(cls, name, tree, where)
        values = {}
        for name, f in known.items():
            item = tree.value.get(name)
            place = f"{where}.{name}" if where else name
            if name in filled and (item is None or item.value is None):
                values[name] = filled[name]
                continue
            if item is None:
                self._absent(f, place, tree.line)
                continue
            line = (tree.key_lines or {}).get(name, item.line)
            self.lines[place] = line
            if item.value is None and f.default is None:
                continue  # `end: null` says what leaving it out says
            values[f.name] = self.value(f.type, f.metadata["spec"], item, place)
        return cls(**values) if len(self.problems) == before else None

    def _unknown(self, cls: type[Any], name: str, tree: Tree, where: str) -> None:
        line = (tree.key_lines or {}).get(name)
        place = f"{where}.{name}" if where else name
        if name in getattr(cls, "unsupported", ()):
            self.refuse("not supported yet", place, line)
            return
        allowed = ", ".join(key(f) for f in fields(cls))
        self.refuse(f"unknown field; allowed are {allowed}", place, line)

    def _absent(self, f: Field[Any], place: str, line: int | None) -> None:
        if f.default is MISSING:
            spec: Spec = f.metadata["spec"]
            self.refuse(f"missing: {spec.description}", place, line)

    def value(self, kind: Any, spec: Spec, tree: Tree, where: str) -> object:  # noqa: ANN401 - an annotation
        """Return the value of ``tree`` as ``kind``."""
        kind = _without_none(kind)
        if isinstance(kind, TypeAliasType):
            return self._device(tree, where)
        if get_origin(kind) is tuple:
            return self._sequence(get_args(kind)[0], spec, tree, where)
        if has_notation(kind):
            return self._parsed(kind, tree, where)
        if is_dataclass(kind) and isinstance(kind, type):
            return self.record(kind, tree, where)
        if get_origin(kind) is Mapping:
            return self._mapping(get_args(kind)[1], spec, tree, where)
        return self._scalar(kind, spec, tree, where)

    def _device(self, tree: Tree, where: str) -> object:
        allowed = ", ".join(DEVICES)
        if not isinstance(tree.value, Mapping) or "kind" not in tree.value:
            text = f"a device needs a kind: one of {allowed}"
            self.refuse(text, where, tree.line)
            return None
        kind = tree.value["kind"]
        if not isinstance(kind.value, str) or kind.value not in DEVICES:
            text = f"{_shown(kind.plain())} is no kind of device; allowed are {allowed}"
            self.refuse(text, f"{where}.kind", kind.line)
            return None
        return self.record(DEVICES[kind.value], tree, where)

    def _mapping(
        self,
        kind: Any,  # noqa: ANN401 - an annotation
        spec: Spec,
        tree: Tree,
        where: str,
    ) -> object:
        if not isinstance(tree.value, Mapping):
            self.refuse("must be a mapping", where, tree.line)
            return {}
        if kind is Any:
            return tree.plain()
        for name, item in tree.value.items():
            line = (tree.key_lines or {}).get(name, item.line)
            self.lines[f"{where}.{name}"] = line
        return {
            name: self.value(kind, spec, item, f"{where}.{name}")
            for name, item in tree.value.items()
        }

    def _sequence(
        self,
        kind: Any,  # noqa: ANN401 - an annotation
        spec: Spec,
        tree: Tree,
        where: str,
    ) -> tuple[object, ...]:
        if spec.one_or_more and tree.value is None:
            return ()
        listed = isinstance(tree.value, Sequence) and not isinstance(tree.value, str)
        if not listed and (spec.one_or_more or has_notation(kind)):
            return (self.value(kind, spec, tree, where),)  # one, without brackets
        if not isinstance(tree.value, Sequence) or isinstance(tree.value, str):
            self.refuse("must be a list", where, tree.line)
            return ()
        return tuple(
            self.value(kind, spec, item, f"{where}[{place}]")
            for place, item in enumerate(tree.value)
        )

    def _scalar(self, kind: type[Any], spec: Spec, tree: Tree, where: str) -> object:
        value = tree.value
        if kind is bool or isinstance(value, bool):
            if kind is bool and isinstance(value, bool):
                return value
            what = "true or false" if kind is bool else _asked(kind)
            self.refuse(f"must be {what}, not {_shown(tree.plain())}", where, tree.line)
        elif kind in {int, float}:
            return self._number(kind, spec, tree, where)
        elif isinstance(value, str):
            return self._word(kind, spec, value, tree.line, where)
        else:
            self.refuse(
                f"must be {_asked(kind)}, not {_shown(tree.plain())}", where, tree.line
            )
        return None

    def _word(
        self, kind: type[Any], spec: Spec, text: str, line: int | None, where: str
    ) -> object:
        if kind is datetime:
            return self._time(text, line, where)
        if kind is date:
            return self._date(text, line, where)
        known = tuple(kind) if issubclass(kind, StrEnum) else spec.names
        if text in known:
            return kind(text)
        if known:
            told = f"{_shown(text)} is not allowed; allowed are {', '.join(known)}"
            self.refuse(told, where, line)
        elif not text:
            self.refuse("must not be empty", where, line)
        else:
            return text
        return None

    def _number(self, kind: type[Any], spec: Spec, tree: Tree, where: str) -> object:
        value = tree.value
        if not isinstance(value, int | float):
            self.refuse(
                f"must be a number, not {_shown(tree.plain())}", where, tree.line
            )
        elif not math.isfinite(value):
            self.refuse("must be a finite number", where, tree.line)
        elif kind is int and value != int(value):
            self.refuse(f"must be a whole number, not {value!r}", where, tree.line)
        elif refusal := spec.refusal(value):
            self.refuse(f"{refusal}, not {value!r}", where, tree.line)
        elif abs(value) > MOST:
            text = f"is {value:g}; nothing in a home is beyond {MOST:g}"
            self.refuse(text, where, tree.line)
        else:
            return kind(value)
        return None

    def _parsed(self, kind: type[Any], tree: Tree, where: str) -> object:
        value = tree.value
        if not isinstance(value, int | str) or isinstance(value, bool):
            text = f"must be a number or a span, not {_shown(tree.plain())}"
            self.refuse(text, where, tree.line)
            return None
        try:
            parsed: object = kind.parse(value)
        except ValueError as error:
            self.refuse(str(error), where, tree.line)
            return None
        return parsed

    def _date(self, text: str, line: int | None, where: str) -> date | None:
        try:
            return date.fromisoformat(text)
        except ValueError:
            told = f"{_shown(text)} is no date; write it as 2026-12-25"
            self.refuse(told, where, line)
            return None

    def _time(self, text: str, line: int | None, where: str) -> datetime | None:
        example = "write it as 2026-01-15T12:00:00+01:00"
        try:
            time = datetime.fromisoformat(text)
            time.astimezone(UTC)  # refuses a year that UTC does not have
        except ValueError, OverflowError:
            self.refuse(f"{_shown(text)} is no time; {example}", where, line)
            return None
        if time.tzinfo is None:
            self.refuse(f"{_shown(text)} has no offset; {example}", where, line)
            return None
        return time


def _preset(cls: type[Any], tree: Tree) -> Mapping[str, object]:
    """Return what a known preset says about the fields that ``tree`` leaves out."""
    values = tree.value
    if not isinstance(values, Mapping) or not hasattr(cls, "preset_values"):
        return {}
    name = values.get("preset")
    spec: Spec = next(f for f in fields(cls) if f.name == "preset").metadata["spec"]
    if name is None or name.value not in spec.names:
        return {}
    filled: Mapping[str, object] = cls.preset_values(
        name.value, {key for key, item in values.items() if item.value is not None}
    )
    return filled


def _without_none(kind: Any) -> Any:  # noqa: ANN401 - an annotation
    if get_origin(kind) is UnionType or isinstance(kind, UnionType):
        return next(part for part in get_args(kind) if part is not NoneType)
    return kind


def _asked(kind: type[Any]) -> str:
    if kind in {int, float}:
        return "a number"
    if kind is datetime:
        return "a time"
    if kind is date:
        return "a date"
    if issubclass(kind, StrEnum):
        return " or ".join(kind)
    return "text"
