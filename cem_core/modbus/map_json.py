"""A map's file -> a register map, or one line that says what is wrong with it."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from fractions import Fraction
from itertools import pairwise
import json
from typing import Any

from cem_core.modbus.encoding import Encoding
from cem_core.modbus.error import MapError
from cem_core.modbus.quantity import Field
from cem_core.modbus.register_map import (
    MOST_WORDS,
    Kind,
    Memory,
    Register,
    RegisterMap,
    Source,
    Table,
    Write,
)

_LAST_ADDRESS = 0xFFFF
_MOST_WHOLE = 2**64 - 1
_WRITE_ONE, _WRITE_SEVERAL = 6, 16  # functions
_MOST_SETTLES_S = 3600
_ALL = "all"


def parse_map(text: str, map_id: str) -> RegisterMap:
    """Return the map that the JSON ``text`` describes.

    Raises MapError, which names the map, the place in it and what to do.
    """
    try:
        document = json.loads(text, parse_float=Fraction, parse_int=int)
    except json.JSONDecodeError as error:
        raise MapError(
            f"{map_id}: line {error.lineno} is no JSON: {error.msg}"
        ) from error
    top = _Part(document, map_id)
    defaults = top.part("defaults", required=False)
    forms = {
        "table": defaults.optional_choice("table", Table),
        "encoding": defaults.optional_choice("encoding", Encoding),
        "low_word_first": defaults.flag("low_word_first"),
    }
    defaults.done()
    source = top.part("source")
    registers = {part.name: _register(part, forms) for part in top.registers()}
    checked = top.part("checked", required=False).names_by_key(registers)
    found = RegisterMap(
        id=map_id,
        kind=top.choice("kind", Kind),
        maker=top.text("maker"),
        model=top.text("model"),
        source=Source(
            document=source.text("document"),
            place=source.text("place"),
            url=source.optional_text("url"),
        ),
        verified=top.flag("verified", None),
        registers=registers,
        most_words=top.whole("most_words", MOST_WORDS, 1, MOST_WORDS),
        gap=top.whole("gap", 0, 0, MOST_WORDS),
        checked=checked,
    )
    source.done()
    top.done()
    _check(found)
    return found


def _register(part: _Part, forms: Mapping[str, Any]) -> Register:
    encoding = part.choice("encoding", Encoding, forms["encoding"])
    length = encoding.words or part.whole("length", None, 1, MOST_WORDS)
    fields = part.fields()
    register = Register(
        name=part.name,
        address=part.whole("address", None, 0, _LAST_ADDRESS + 1 - length),
        table=part.choice("table", Table, forms["table"]),
        encoding=encoding,
        length=length,
        low_word_first=part.flag("low_word_first", forms["low_word_first"]),
        scale=part.number("scale", Fraction(1)),
        scale_register=part.optional_text("scale_register"),
        unit=part.optional_text("unit"),
        export_positive=part.flag("export_positive"),
        fields=fields,
        missing=frozenset(part.wholes("missing")),
        missing_from=part.optional_whole("missing_from"),
        static=part.flag("static"),
        readable=part.flag("readable", default=True),
        optional=part.flag("optional"),
        plugged=frozenset(part.states("plugged")),
        write=_write(part.part("write", required=False)),
    )
    if register.scale == 0:
        raise part.error("scale", "0 leaves nothing of the value")
    if register.write and register.write.function == _WRITE_ONE and length > 1:
        raise part.error("write", "function 6 writes one word, but it has more")
    if not (register.readable or register.write):
        raise part.error("readable", "what is neither read nor written is of no use")
    part.done()
    return register


def _write(part: _Part) -> Write | None:
    if part.empty:
        return None
    write = Write(
        memory=part.choice("memory", Memory),
        least=part.number("least", None),
        most=part.number("most", None),
        also=frozenset(part.numbers("also")),
        function=part.whole("function", _WRITE_SEVERAL, _WRITE_ONE, _WRITE_SEVERAL),
        settles_s=part.whole("settles_s", 0, 0, _MOST_SETTLES_S),
    )
    if write.least > write.most:
        raise part.error("least", "is above `most`")
    if write.function not in (_WRITE_ONE, _WRITE_SEVERAL):
        raise part.error("function", f"{write.function} is neither 6 nor 16")
    part.done()
    return write


def _check(found: RegisterMap) -> None:
    """Refuse registers that contradict each other."""
    for register in found.registers.values():
        power = register.scale_register
        if power is not None and power not in found.registers:
            raise MapError(
                f"{found.id}: registers.{register.name}.scale_register: "
                f"there is no register {power!r}"
            )
        if register.length > found.most_words:
            raise MapError(
                f"{found.id}: registers.{register.name}: {register.length} words are "
                f"more than one request may read (most_words: {found.most_words})"
            )
    for first, second in pairwise(
        sorted(found.registers.values(), key=lambda r: (r.table, r.address))
    ):
        if first.table is second.table and second.address < first.end:
            raise MapError(
                f"{found.id}: registers.{second.name}: overlaps {first.name} at "
                f"address {second.address}; merge them or correct one"
            )


class _Part:
    """One object of the file; each key is taken once, and `done` refuses others."""

    def __init__(self, value: object, place: str, name: str = "") -> None:
        if not isinstance(value, dict):
            raise MapError(f"{place}: an object in braces is expected")
        self._left: dict[str, Any] = dict(value)
        self._place = place
        self.name = name
        self.empty = not value

    def error(self, key: str, cause: str) -> MapError:
        parts = self._place.partition(": ")
        inner = f"{parts[2]}.{key}" if parts[2] else key
        return MapError(f"{parts[0]}: {inner}: {cause}")

    def done(self) -> None:
        for key in self._left:
            raise self.error(key, "is not known here; leave it out or correct it")

    def part(self, key: str, *, required: bool = True) -> _Part:
        if key not in self._left and not required:
            return _Part({}, self._place)
        inner = f"{self._place}.{key}" if ": " in self._place else None
        return _Part(self._take(key), inner or f"{self._place}: {key}")

    def registers(self) -> Iterable[_Part]:
        listed = self._take("registers")
        if not isinstance(listed, dict) or not listed:
            raise self.error("registers", "registers by name are expected")
        for name, value in listed.items():
            yield _Part(value, f"{self._place}: registers.{name}", name)

    def names_by_key(self, known: Mapping[str, object]) -> dict[str, frozenset[str]]:
        """Return lists of what is ``known`` by name; "all" is each of them."""
        found = {}
        for key in tuple(self._left):
            value = self._left.pop(key)
            listed = list(known) if value == _ALL else value
            if not isinstance(listed, list) or not all(n in known for n in listed):
                raise self.error(key, 'names of registers are expected, or "all"')
            found[key] = frozenset(listed)
        return found

    def text(self, key: str) -> str:
        value = self._take(key)
        if not isinstance(value, str) or not value:
            raise self.error(key, f"a text is expected, not {value!r}")
        return value

    def optional_text(self, key: str) -> str | None:
        return self.text(key) if key in self._left else None

    def choice[E: StrEnum](
        self, key: str, words: type[E], default: E | None = None
    ) -> E:
        if key not in self._left and default is not None:
            return default
        value = self._take(key)
        if value not in list(words):
            raise self.error(key, f"{value!r} is none of {', '.join(words)}")
        return words(value)

    def optional_choice[E: StrEnum](self, key: str, words: type[E]) -> E | None:
        return self.choice(key, words) if key in self._left else None

    def flag(self, key: str, default: bool | None = False) -> bool:
        value = self._left.pop(key, default)
        if not isinstance(value, bool):
            raise self.error(key, "true or false is expected")
        return value

    def whole(self, key: str, default: int | None, least: int, most: int) -> int:
        if key not in self._left and default is not None:
            return default
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.error(key, f"a whole number is expected, not {value!r}")
        if not least <= value <= most:
            raise self.error(key, f"{value} is not in {least} to {most}")
        return value

    def optional_whole(self, key: str) -> int | None:
        return self.whole(key, None, 1, _MOST_WHOLE) if key in self._left else None

    def number(self, key: str, default: Fraction | None) -> Fraction:
        if key not in self._left and default is not None:
            return default
        value = self._take(key)
        if isinstance(value, bool) or not isinstance(value, int | Fraction):
            raise self.error(key, f"a number is expected, not {value!r}")
        return Fraction(value)

    def wholes(self, key: str) -> list[int]:
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(type(n) is int for n in value):
            raise self.error(key, "a list of whole numbers is expected")
        return value

    def states(self, key: str) -> list[int | str]:
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(type(n) in (int, str) for n in value):
            raise self.error(key, "a list of whole numbers, or of texts, is expected")
        return value

    def numbers(self, key: str) -> list[Fraction]:
        value = self._left.pop(key, [])
        if not isinstance(value, list) or not all(
            type(n) in (int, Fraction) for n in value
        ):
            raise self.error(key, "a list of numbers is expected")
        return [Fraction(number) for number in value]

    def fields(self) -> tuple[Field, ...]:
        value = self._left.pop("fields", [])
        if not isinstance(value, list):
            raise self.error("fields", "a list of fields is expected")
        unit = self._left.get("unit")
        try:
            found = tuple(Field.parse(str(text)) for text in value)
            for field in found:
                field.per(unit)
        except MapError as error:
            raise self.error("fields", str(error)) from error
        return found

    def _take(self, key: str) -> Any:  # noqa: ANN401 (parsed JSON is anything)
        if key not in self._left:
            raise self.error(key, "is missing")
        return self._left.pop(key)
