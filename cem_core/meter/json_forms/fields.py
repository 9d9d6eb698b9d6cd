"""What the JSON forms share: names in a document -> registers of a meter.

A form is a table of names with the OBIS code and unit each stands for. What a
document does not say, or says to be null, is unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
import math
from typing import Final, NamedTuple

from cem_core.meter.registers import Registers
from cem_core.model import RawValue, Reading

type Document = Mapping[str, object]
type Leaf = int | float | str

PHASES: Final = (1, 2, 3)
_MAX_LEAVES: Final = 1000
_MAX_DEPTH: Final = 16


class Register(NamedTuple):
    """What a name stands for."""

    code: str
    unit: str | None = None


type Table = Mapping[str, Register]


def phase_code(quantity: int, phase: int) -> str:
    """Return the code of ``quantity`` (21 import, 31 A, 32 V, 36 net) in ``phase``."""
    return f"1-0:{quantity + 20 * (phase - 1)}.7.0"


def leaves(document: Document) -> dict[str, Leaf]:
    """Return what ``document`` says, by path with dots; null says nothing.

    Raises ValueError when it says more than any meter does.
    """
    found: dict[str, Leaf] = {}
    for path, value in _walk(document, ""):
        found[path] = value
        if len(found) > _MAX_LEAVES:
            raise ValueError(f"more than {_MAX_LEAVES} values")
    return found


def _walk(value: object, path: str, depth: int = 0) -> Iterator[tuple[str, Leaf]]:
    if depth > _MAX_DEPTH:
        raise ValueError(f"{path[:40]}…: more than {_MAX_DEPTH} levels")
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _walk(inner, f"{path}.{name}" if path else str(name), depth + 1)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _walk(
                inner, f"{path}.{index}" if path else str(index), depth + 1
            )
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif isinstance(value, int | float | str):
        yield path, value


def number(said: Mapping[str, Leaf], path: str) -> float | None:
    """Return the number at ``path``, also where it stands as text, or None.

    Raises ValueError for what is no number.
    """
    if (value := said.get(path)) is None:
        return None
    try:
        read = float(value)
    except ValueError as error:
        raise ValueError(f"{path}: {value!r} is no number") from error
    if not math.isfinite(read):
        raise ValueError(f"{path}: {value!r} is no number")
    return read


def text(said: Mapping[str, Leaf], path: str) -> str | None:
    """Return the text at ``path``; an empty one says nothing."""
    value = said.get(path)
    return None if value is None else str(value) or None


def aware_time(said: Mapping[str, Leaf], path: str) -> datetime | None:
    """Return the time at ``path``, or None where it does not name its offset.

    Raises ValueError for what is no time.
    """
    if (value := said.get(path)) is None:
        return None
    try:
        when = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise ValueError(f"{path}: {value!r} is no time") from error
    return None if when.tzinfo is None else when


def reading(form: str, document: Document, table: Table) -> Reading:
    """Return what ``table`` finds in ``document``, and all of it as raw.

    Raises ValueError, with the name, for a value that is none or impossible.
    """
    said = leaves(document)
    registers = Registers()
    raw: list[RawValue] = []
    for path, value in said.items():
        register = table.get(path)
        unit = None if register is None else register.unit
        raw.append(RawValue(code=path, value=value, unit=unit))
    for path, register in table.items():
        if (measured := number(said, path)) is None:
            continue
        try:
            registers.say(register.code, measured, register.unit)
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error
    return registers.reading(form, raw=tuple(raw))


def named(
    read: Reading,
    *,
    meter_id: str | None = None,
    version: str | None = None,
    timestamp: datetime | None = None,
) -> Reading:
    """Return ``read`` with what a form says beside its registers."""
    return replace(read, meter_id=meter_id, version=version, timestamp=timestamp)
