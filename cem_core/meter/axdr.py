"""A-XDR data of COSEM objects (IEC 61334-6; types: IEC 62056-6-2, "Data types").

A value keeps its tag, because lists without codes are told apart by it.
"""

from dataclasses import dataclass
import struct
from typing import Final

type Value = bool | int | float | bytes | str | tuple[Node, ...] | None

ARRAY: Final = 1
STRUCTURE: Final = 2
BOOLEAN: Final = 3
UNSIGNED_32: Final = 6
OCTET_STRING: Final = 9
UNSIGNED_16: Final = 18
ENUM: Final = 22

_BIT_STRING: Final = 4
_TEXTS: Final = {10: "latin-1", 12: "utf-8"}
_SIZES: Final = {  # tag -> bytes of a value without a length of its own
    0: 0,
    3: 1,
    5: 4,
    6: 4,
    13: 1,
    15: 1,
    16: 2,
    17: 1,
    18: 2,
    20: 8,
    21: 8,
    22: 1,
    23: 4,
    24: 8,
    25: 12,
    26: 5,
    27: 4,
}
_SIGNED: Final = frozenset((5, 15, 16, 20))
_SINGLE: Final = 4
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


def length(data: bytes | bytearray, at: int) -> tuple[int, int]:
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
    if tag == OCTET_STRING or tag in _TEXTS:
        return _string(tag, data, at)
    if tag == _BIT_STRING:
        return _bits(data, at)
    if (size := _SIZES.get(tag)) is None:
        raise ValueError(f"{tag:02X} is no data type")
    return Node(tag, _fixed(tag, _take(data, at, size))), at + size


def _fixed(tag: int, raw: bytes) -> Value:
    match tag:
        case 0:
            return None
        case 3:
            return raw != b"\0"
        case 23 | 24:
            (number,) = struct.unpack(">f" if len(raw) == _SINGLE else ">d", raw)
            return float(number)
        case 25 | 26 | 27:
            return raw
        case _:
            return int.from_bytes(raw, signed=tag in _SIGNED)


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


def _take(data: bytes | bytearray, at: int, size: int) -> bytes:
    if at + size > len(data):
        raise TruncatedError
    return bytes(data[at : at + size])
