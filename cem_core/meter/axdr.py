"""A-XDR data of COSEM objects (IEC 61334-6; types: IEC 62056-6-2, "Data types").

A value keeps its tag, because lists without codes are told apart by it.
"""

from dataclasses import dataclass
import struct
from typing import Final

type Value = None | bool | int | float | bytes | str | tuple[Node, ...]

ARRAY: Final = 1
STRUCTURE: Final = 2
BOOLEAN: Final = 3
UNSIGNED_32: Final = 6
OCTET_STRING: Final = 9
UNSIGNED_16: Final = 18
ENUM: Final = 22
DATE_TIME: Final = 25

_NULL: Final = 0
_BIT_STRING: Final = 4
_TEXTS: Final = {10: "latin-1", 12: "utf-8"}
_INTEGERS: Final = {  # tag -> bytes, signed
    5: (4, True),
    6: (4, False),
    13: (1, False),  # BCD: two decimal digits, kept as the byte it is
    15: (1, True),
    16: (2, True),
    17: (1, False),
    18: (2, False),
    20: (8, True),
    21: (8, False),
    22: (1, False),
}
_FLOATS: Final = {23: ">f", 24: ">d"}
_TIMES: Final = {25: 12, 26: 5, 27: 4}
_LONG: Final = 0x80
_MOST_LENGTH_BYTES: Final = 4
_DEEPEST: Final = 8


class TruncatedError(ValueError):
    """The bytes end inside a value; ``complete`` holds what came before it."""

    def __init__(self, complete: tuple[Node, ...] = ()) -> None:
        """Keep the elements of the outermost list that were whole."""
        super().__init__("the data end inside a value")
        self.complete = complete


@dataclass(frozen=True, slots=True)
class Node:
    """One value and its tag; dates and octet strings are bytes."""

    tag: int
    value: Value

    @property
    def items(self) -> tuple[Node, ...]:
        """The elements of an array or structure, of anything else none."""
        return self.value if isinstance(self.value, tuple) else ()

    @property
    def number(self) -> int | float | None:
        """The number this is, or None. An enumeration is no number."""
        if isinstance(self.value, bool) or self.tag == ENUM:
            return None
        return self.value if isinstance(self.value, int | float) else None


def length(data: bytes, at: int) -> tuple[int, int]:
    """Return the length that stands at ``at`` and the index after it.

    Raises `TruncatedError` at the end of the data, ValueError for a form that no
    meter needs.
    """
    first = _take(data, at, 1)[0]
    at += 1
    if first < _LONG:
        return first, at
    size = first - _LONG
    if not 0 < size <= _MOST_LENGTH_BYTES:
        raise ValueError(f"{first:02X} is no length")
    return int.from_bytes(_take(data, at, size)), at + size


def read(data: bytes, at: int, depth: int = 0) -> tuple[Node, int]:
    """Return the value that starts at ``at`` and the index after it.

    Raises `TruncatedError` when the data end before the value does, ValueError for
    what is no A-XDR.
    """
    tag = _take(data, at, 1)[0]
    at += 1
    if tag in (ARRAY, STRUCTURE):
        return _list(tag, data, at, depth)
    if (form := _INTEGERS.get(tag)) is not None:
        size, signed = form
        value = int.from_bytes(_take(data, at, size), signed=signed)
        return Node(tag, value), at + size
    if tag == _NULL:
        return Node(tag, None), at
    if tag == OCTET_STRING or tag in _TEXTS:
        return _string(tag, data, at)
    if tag == BOOLEAN:
        return Node(tag, _take(data, at, 1) != b"\0"), at + 1
    if tag in _TIMES:
        return Node(tag, _take(data, at, _TIMES[tag])), at + _TIMES[tag]
    if tag == _BIT_STRING:
        return _bits(data, at)
    if tag in _FLOATS:
        size = struct.calcsize(_FLOATS[tag])
        (number,) = struct.unpack(_FLOATS[tag], _take(data, at, size))
        return Node(tag, float(number)), at + size
    raise ValueError(f"{tag:02X} is no data type")


def _list(tag: int, data: bytes, at: int, depth: int) -> tuple[Node, int]:
    if depth == _DEEPEST:
        raise ValueError(f"lists more than {_DEEPEST} deep")
    count, at = length(data, at)
    if count > len(data) - at:  # an element has a byte at least
        raise TruncatedError
    nodes: list[Node] = []
    for _ in range(count):
        try:
            node, at = read(data, at, depth + 1)
        except TruncatedError as error:
            raise TruncatedError(tuple(nodes)) from error
        nodes.append(node)
    return Node(tag, tuple(nodes)), at


def _string(tag: int, data: bytes, at: int) -> tuple[Node, int]:
    size, at = length(data, at)
    raw = _take(data, at, size)
    if tag == OCTET_STRING:
        return Node(tag, raw), at + size
    try:
        return Node(tag, raw.decode(_TEXTS[tag])), at + size
    except UnicodeDecodeError as error:
        raise ValueError(f"{raw.hex()} is no text") from error


def _bits(data: bytes, at: int) -> tuple[Node, int]:
    count, at = length(data, at)
    size = (count + 7) // 8
    bits = "".join(f"{byte:08b}" for byte in _take(data, at, size))
    return Node(_BIT_STRING, bits[:count]), at + size


def _take(data: bytes, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise TruncatedError
    return bytes(data[at : at + size])
