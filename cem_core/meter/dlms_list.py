"""Which object is which in the list that a meter pushes (IEC 62056-6-2).

Some meters say a code before every value, some describe the list in its first
element, some only keep an order. For the last kind the order is a fact about
the maker's meters, told apart by length and by the types of the elements:

- Kaifa, Kamstrup, Aidon: the lists that the Norwegian NVE published (hanporten).
- Iskraemeco in Slovenia, Croatia and Switzerland, Landis+Gyr E360: as in
  node-dsmr-parser (ISC) and amsreader, which had them from users' meters.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from cem_core.meter import axdr, cosem_time
from cem_core.meter.axdr import Node

_CODE_BYTES: Final = 6
_NOW: Final = 255  # value group F: the present value
_HIGHEST_MEDIUM: Final = 15
_VALUE_ATTRIBUTE: Final = 2
_SCALER_ATTRIBUTE: Final = 3
_REGISTERS: Final = (3, 4)  # classes whose third attribute is scaler and unit
_FEWEST_DESCRIPTOR_ITEMS: Final = 4  # a restriction and columns may follow
_PUSH_SETUP: Final = "0-6:25.9.0"
_FEWEST_OF_TWELVE: Final = 8

VERSION: Final = "1-1:0.2.129"
UNLABELLED_ID: Final = "#id"


@dataclass(frozen=True, slots=True)
class Entry:
    """One object; ``scale`` is (power of ten, DLMS unit) where the meter says it.

    ``code`` is ``#`` and the place in the list where nobody says what it is.
    """

    code: str
    node: Node
    scale: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Listing:
    """The objects of one list, and the maker whose scales hold where none is said."""

    entries: tuple[Entry, ...]
    maker: str


def listing(data: Node) -> Listing:
    """Return the objects in ``data``, the body of a data notification."""
    items = data.items or (data,)
    if (order := _order(items)) is not None:
        return _ordered(*order, items)
    described = _described(items)
    entries = tuple(_coded(items) if described is None else described)
    return Listing(entries, _maker(entries))


def shortened(items: tuple[Node, ...]) -> Listing | None:
    """Return the objects of a list that ends before its announced length, or None.

    Iskraemeco's meters announce twelve elements and send the first eight or nine.
    """
    short = (
        len(items) in range(_FEWEST_OF_TWELVE, len(_ISKRA_TWELVE))
        and code_of(items[0]) == _PUSH_SETUP
    )
    return _ordered("Iskra", _ISKRA_TWELVE, items) if short else None


def _ordered(maker: str, codes: tuple[str, ...], items: tuple[Node, ...]) -> Listing:
    entries = tuple(
        Entry(f"#{place}" if code == "#" else code, node)
        for place, (code, node) in enumerate(zip(codes, items, strict=False), 1)
    )
    return Listing(entries, maker)


def code_of(node: Node) -> str | None:
    """Return the OBIS code that ``node`` is, or None."""
    raw = node.value
    if not isinstance(raw, bytes) or node.tag != axdr.OCTET_STRING:
        return None
    if len(raw) != _CODE_BYTES or raw[0] > _HIGHEST_MEDIUM:
        return None
    a, b, c, d, e, f = raw
    return f"{a}-{b}:{c}.{d}.{e}" + ("" if f == _NOW else f"*{f}")


def _maker(entries: tuple[Entry, ...]) -> str:
    for entry in entries:
        text = _text(entry.node)
        if text.startswith("Kamstrup"):
            return "Kamstrup"
        if text.startswith("KFM"):
            return "Kaifa"
        if text.startswith("LGZ"):
            return "Landis+Gyr"
    return ""


def _text(node: Node) -> str:
    if isinstance(node.value, bytes):
        return node.value.decode("latin-1")
    return node.value if isinstance(node.value, str) else ""


def _coded(items: tuple[Node, ...]) -> Iterator[Entry]:
    place = 0
    while place < len(items):
        node = items[place]
        code = code_of(node)
        place += 1
        if code is not None and place < len(items):
            scale = _scale(items[place + 1]) if place + 1 < len(items) else None
            yield Entry(code, items[place], scale)
            place += 1 if scale is None else 2
        elif node.items:
            yield from _coded(node.items)
        elif place == 1 and len(text := _text(node)) > 1 and text.isprintable():
            yield Entry(VERSION, node)
        elif isinstance(node.value, bytes) and cosem_time.read(node.value) is not None:
            yield Entry(_CLOCK, node)
        elif node.value is not None:
            yield Entry(f"#{place}", node)


def _scale(node: Node) -> tuple[int, int] | None:
    match node.items:
        case (Node(value=int(power)), Node(tag=axdr.ENUM, value=int(unit))):
            return power, unit
    return None


def _described(items: tuple[Node, ...]) -> Iterator[Entry] | None:
    """Read a list whose first element says what the elements are.

    A description is (class, code, attribute, index). The first describes the
    description itself, or is left out.
    """
    descriptions = [_description(node) for node in items[0].items]
    if not descriptions or None in descriptions:
        return None
    values = items if len(descriptions) == len(items) else items[1:]
    if len(values) != len(descriptions):
        return None
    pairs = [(d, v) for d, v in zip(descriptions, values, strict=True) if d is not None]
    scales = {
        code: _scale(value)
        for (kind, code, attribute), value in pairs
        if kind in _REGISTERS and attribute == _SCALER_ATTRIBUTE
    }
    return (
        Entry(code, value, scales.get(code))
        for (kind, code, attribute), value in pairs
        if value is not items[0]
        and (attribute == _VALUE_ATTRIBUTE or kind not in _REGISTERS)
    )


def _description(node: Node) -> tuple[int, str, int] | None:
    if len(node.items) < _FEWEST_DESCRIPTOR_ITEMS:
        return None
    kind, code, attribute = node.items[0].value, code_of(node.items[1]), node.items[2]
    if code is None or type(kind) is not int or type(attribute.value) is not int:
        return None
    return kind, code, attribute.value


def _phases(*quantities: int) -> tuple[str, ...]:
    return tuple(
        f"1-0:{phase + quantity}.7.0"
        for quantity in quantities
        for phase in (20, 40, 60)
    )


def _energies(*quantities: int) -> tuple[str, ...]:
    return tuple(f"1-0:{c}.8.{tariff}" for c in quantities for tariff in (0, 1, 2))


_POWERS: Final = ("1-0:1.7.0", "1-0:2.7.0", "1-0:3.7.0", "1-0:4.7.0")
_TOTALS: Final = ("1-0:1.8.0", "1-0:2.8.0", "1-0:3.8.0", "1-0:4.8.0")
_CLOCK: Final = "0-0:1.0.0"
_NAME: Final = "0-0:42.0.0"
_U: Final = _phases(12)
_I: Final = _phases(11)
_KAIFA: Final = (VERSION, "0-0:96.1.0", "0-0:96.1.7", *_POWERS)
_KAIFA_1: Final = (*_KAIFA, _I[0], _U[0])
_KAIFA_3: Final = (*_KAIFA, *_I, *_U)
_ISKRA_IDS: Final = (_NAME, "0-0:96.1.2")
_ISKRA_LONG: Final = ("#", "#", "#", *_energies(1, 2))
_ISKRA_TWELVE: Final = (
    *(_PUSH_SETUP, UNLABELLED_ID, "#", "#", *_TOTALS),
    *(*_POWERS[:2], "#", "#"),
)
_LANDIS: Final = (*_U, *_I, *_POWERS[:2], *_TOTALS[:2])

_ORDERS: Final = (
    ("Kaifa", ("1-0:1.7.0",)),
    ("Kaifa", _KAIFA_1),
    ("Kaifa", _KAIFA_3),
    ("Kaifa", (*_KAIFA_1, _CLOCK, *_TOTALS)),
    ("Kaifa", (*_KAIFA_3, _CLOCK, *_TOTALS)),
    ("Iskra", (*_ISKRA_IDS, *_POWERS, *_U, *_I, *_phases(1, 2))),
    (
        "Iskra",
        (
            *(_NAME, "0-0:96.1.3", "0-0:96.3.10", "0-0:96.14.0"),
            *_energies(1, 2),
            *_TOTALS[2:],
        ),
    ),
    ("Iskra", (*_ISKRA_IDS, *_U, *_I, *_POWERS)),
    ("Iskra", (*_ISKRA_IDS, *_POWERS, _U[0], _I[0], *_phases(1)[:1], *_phases(2)[:1])),
    (
        "Iskra",
        (
            *(_NAME, "0-0:96.1.3"),
            *(f"1-0:{c}.8.{tariff}" for c in (1, 2, 3, 4) for tariff in (1, 2)),
        ),
    ),
    ("Iskra", (*_ISKRA_IDS, *_POWERS, _U[0], "1-0:2.8.1", "1-0:2.8.2")),
    ("Iskra", (_NAME, *_POWERS[:2], *_energies(1, 2))),
    ("Iskra", (*_ISKRA_IDS, _U[0], _I[0], *_POWERS)),
    ("Iskra", (_NAME, "#", *_TOTALS[:2])),
    ("Iskra", _ISKRA_TWELVE),
    ("Siemens", _ISKRA_TWELVE[:10]),  # IM350, without the reactive powers
    ("Iskra", (*_ISKRA_LONG, *_POWERS[:2], *_phases(1, 2, 12, 11), *("#",) * 5)),
    (
        "Iskra",
        (
            *_ISKRA_LONG,
            *(f"1-0:{c}.8.0" for c in (5, 6, 7, 8)),
            *(*_POWERS[:2], "1-0:13.7.0"),
            *(*_phases(1, 2, 12, 11), *("#",) * 5),
        ),
    ),
    (
        "Iskra",
        (
            *(*_energies(1, 2), "#", _CLOCK, "1-0:2.7.0", "1-0:1.7.0"),
            *(*_I, _U[0], _U[2]),
        ),
    ),
    ("Landis+Gyr", (*_LANDIS, UNLABELLED_ID)),
    ("Landis+Gyr", (*_LANDIS, "#", "#", "#", UNLABELLED_ID)),
)
_SHORT: Final = frozenset((*_U, *_I))  # 16 bits, but in Kaifa's lists
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    **dict.fromkeys((f"0-0:96.1.{e}" for e in (0, 2, 3, 7)), (bytes, str)),
    UNLABELLED_ID: (bytes, str),
    "0-0:96.3.10": (bool,),
    "0-0:96.14.0": (bytes,),
    _CLOCK: (bytes,),
}
_FIRST: Final = {VERSION: "KFM", _NAME: "ISK", _PUSH_SETUP: _PUSH_SETUP}


def _order(items: tuple[Node, ...]) -> tuple[str, tuple[str, ...]] | None:
    if code_of(items[0]) not in (None, _PUSH_SETUP):
        return None
    for maker, codes in _ORDERS:
        if len(codes) == len(items) and all(
            _may_be(maker, code, node) for code, node in zip(codes, items, strict=True)
        ):
            return maker, codes
    return None


def _may_be(maker: str, code: str, node: Node) -> bool:
    """Tell whether ``node`` is what its place asks for, as far as can be seen."""
    if code in _FIRST:
        return _text(node).startswith(_FIRST[code]) or code_of(node) == code
    if code == "#" or node.value is None:
        return True
    if code in _TYPES:
        return isinstance(node.value, _TYPES[code])
    if maker == "Kaifa":
        return node.tag == axdr.UNSIGNED_32
    return node.number is not None and (node.tag == axdr.UNSIGNED_16) == (
        code in _SHORT
    )
