"""SunSpec: find the models in a device's holding registers, and read their points.

Source: SunSpec Device Information Model Specification 1.1, chapters 4 and 6; the
models themselves: github.com/sunspec/models (see models/ and script/sunspec_models).
"""

from collections.abc import Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files
import json
from typing import Any, Final

from cem_core.modbus.encoding import Encoding
from cem_core.modbus.error import ModbusError
from cem_core.modbus.plan import Block
from cem_core.modbus.register_map import Register, Table

BASES: Final = (40000, 50000, 0)
MARKER: Final = (0x5375, 0x6E53)  # "SunS"

_END: Final = 0xFFFF
_HEADER: Final = 2  # words: id and length
_MOST_MODELS: Final = 200
_ADDRESSES: Final = 0x10000
_FOLDER: Final = files("cem_core.modbus") / "models"

type Scan = Generator[Block, Sequence[int] | None, tuple[Model, ...]]


class NoSunSpecError(ModbusError):
    """The unit answers, but is no SunSpec device or not one of the kind looked for."""


@dataclass(frozen=True, slots=True)
class Model:
    """One model in a device; ``address`` is that of its id, ``length`` without header."""

    number: int
    address: int
    length: int

    @property
    def end(self) -> int:
        """The first address behind it."""
        return self.address + _HEADER + self.length


def scan() -> Scan:
    """Find all models: yields blocks to read, takes their words, returns the chain.

    Send None for a block that the device refuses. Raises NoSunSpecError when the
    marker is at none of the three places, or when the chain is broken.
    """
    for base in BASES:
        words = yield Block(Table.HOLDING, base, len(MARKER))
        if words is not None and tuple(words) == MARKER:
            return (yield from _chain(base + len(MARKER)))
    places = ", ".join(map(str, BASES))
    raise NoSunSpecError(f"no SunSpec device: its marker is not at {places}")


def _chain(address: int) -> Scan:
    found: list[Model] = []
    while len(found) < _MOST_MODELS and address + _HEADER <= _ADDRESSES:
        words = yield Block(Table.HOLDING, address, _HEADER)
        if words is None:
            break
        number, length = words
        if number == _END:
            return tuple(found)
        found.append(Model(number, address, length))
        address = found[-1].end
    last = f" after model {found[-1].number}" if found else ""
    raise NoSunSpecError(
        f"the chain of SunSpec models has no end: broken at address {address}{last}"
    )


def known() -> frozenset[int]:
    """Return the numbers of the models whose points can be read."""
    return frozenset(int(f.name.removesuffix(".json")) for f in _FOLDER.iterdir())


def preload(numbers: Iterable[int]) -> None:
    """Read the definitions of models from their files, so that `points` does not."""
    for number in numbers:
        _definition(number)


def points(model: Model) -> dict[str, Register]:
    """Return the points of a model as registers, by their SunSpec names.

    Points of a repeated group are named ``module.1.DCW``. What the device's own
    length leaves out is left out. Raises NoSunSpecError for a model that is not
    `known`.
    """
    definition = _definition(model.number)
    found = [_register(point, model.address, "") for point in definition["points"]]
    if repeats := definition.get("repeats"):
        first, length = repeats["offset"], repeats["length"]
        for index in range((model.length + _HEADER - first) // length):
            start = model.address + first + index * length
            prefix = f"{repeats['name']}.{index + 1}."
            found += [_register(point, start, prefix) for point in repeats["points"]]
    return {register.name: register for register in found if register.end <= model.end}


def of_models(
    models: Iterable[Model], wanted: Iterable[int]
) -> tuple[Model, dict[str, Register]]:
    """Return the first model whose number is in ``wanted``, and its points.

    Raises NoSunSpecError when there is none.
    """
    listed, numbers = list(models), frozenset(wanted)
    for model in listed:
        if model.number in numbers:
            return model, points(model)
    there = ", ".join(str(model.number) for model in listed)
    raise NoSunSpecError(
        f"none of the SunSpec models {', '.join(map(str, sorted(numbers)))} is here, "
        f"only {there or 'none at all'}"
    )


@cache
def _definition(number: int) -> Mapping[str, Any]:
    file = _FOLDER / f"{number}.json"
    if not file.is_file():
        raise NoSunSpecError(f"SunSpec model {number} is not known here")
    definition: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
    return definition


_ACCUMULATORS: Final = frozenset({"acc16", "acc32", "acc64"})
_NO_VALUE: Final[Mapping[str, tuple[Encoding, int | None]]] = {
    "int16": (Encoding.INT16, -0x8000),
    "sunssf": (Encoding.INT16, -0x8000),
    "uint16": (Encoding.UINT16, 0xFFFF),
    "count": (Encoding.UINT16, 0xFFFF),
    "enum16": (Encoding.UINT16, 0xFFFF),
    "bitfield16": (Encoding.UINT16, 0xFFFF),
    "acc16": (Encoding.UINT16, 0),
    "int32": (Encoding.INT32, -0x8000_0000),
    "uint32": (Encoding.UINT32, 0xFFFF_FFFF),
    "bitfield32": (Encoding.UINT32, 0xFFFF_FFFF),
    "acc32": (Encoding.UINT32, 0),
    "uint64": (Encoding.UINT64, 0xFFFF_FFFF_FFFF_FFFF),
    "acc64": (Encoding.UINT64, 0),
    "float32": (Encoding.FLOAT32, None),
    "string": (Encoding.TEXT, None),
}
"""How a type is read, and the number that says it is not implemented."""


def _register(point: Mapping[str, Any], start: int, prefix: str) -> Register:
    encoding, nothing = _NO_VALUE[point["type"]]
    if point["type"] in _ACCUMULATORS and point.get("mandatory"):
        nothing = None  # a counter that must be there may well stand at 0
    return Register(
        name=prefix + point["name"],
        address=start + point["offset"],
        table=Table.HOLDING,
        encoding=encoding,
        length=point["size"],
        scale=Fraction(1),
        scale_register=point.get("sf"),
        unit=point.get("units"),
        missing=frozenset() if nothing is None else frozenset({nothing}),
        static=point.get("static", False),
    )
