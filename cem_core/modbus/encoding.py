"""Registers' words -> numbers and texts, and back.

A Modbus word has 16 bits, its high byte first. How several make one value is the
maker's choice: mostly the high word first.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
import math
import struct
from typing import Final


class Encoding(StrEnum):
    """How the words of a register are to be read."""

    INT16 = "int16"
    UINT16 = "uint16"
    INT32 = "int32"
    UINT32 = "uint32"
    INT64 = "int64"
    UINT64 = "uint64"
    FLOAT32 = "float32"
    FLOAT64 = "float64"
    TEXT = "text"

    @property
    def words(self) -> int | None:
        """How many words it takes; None: the register says."""
        return None if self is Encoding.TEXT else struct.calcsize(_CODES[self]) // 2

    @property
    def whole(self) -> bool:
        """Whether it holds whole numbers."""
        return self in _CODES and _CODES[self] not in ">f>d"


_CODES: Final = {
    Encoding.INT16: ">h",
    Encoding.UINT16: ">H",
    Encoding.INT32: ">i",
    Encoding.UINT32: ">I",
    Encoding.INT64: ">q",
    Encoding.UINT64: ">Q",
    Encoding.FLOAT32: ">f",
    Encoding.FLOAT64: ">d",
}


def decode(
    words: Sequence[int], encoding: Encoding, *, low_word_first: bool = False
) -> Fraction | str | None:
    """Return the value exactly as the words say it, or None: they say no number."""
    ordered = reversed(words) if low_word_first else words
    data = b"".join(word.to_bytes(2) for word in ordered)
    if encoding is Encoding.TEXT:
        return data.partition(b"\0")[0].decode("ascii", "replace").strip()
    (number,) = struct.unpack(_CODES[encoding], data)
    return Fraction(number) if math.isfinite(number) else None


def nearer_to_zero(value: Fraction, encoding: Encoding) -> Fraction:
    """Return the number that ``encoding`` holds next to ``value`` and not beyond it.

    Raises ValueError for what is out of its range.
    """
    if encoding.whole:
        return Fraction(int(value))
    data = _packed(value, encoding)
    if abs(_unpacked(data, encoding)) > abs(value):
        data = (int.from_bytes(data) - 1).to_bytes(len(data))
    return _unpacked(data, encoding)


def _packed(value: Fraction, encoding: Encoding) -> bytes:
    number = int(value) if encoding.whole else float(value)
    try:
        return struct.pack(_CODES[encoding], number)
    except (struct.error, OverflowError) as error:
        raise ValueError(f"{float(value):g} does not fit {encoding}") from error


def _unpacked(data: bytes, encoding: Encoding) -> Fraction:
    (number,) = struct.unpack(_CODES[encoding], data)
    return Fraction(number)


def encode(
    value: Fraction | str,
    encoding: Encoding,
    *,
    length: int,
    low_word_first: bool = False,
) -> list[int]:
    """Return ``length`` words that say ``value``.

    Raises ValueError for what does not fit: a number out of range, a fraction where
    whole numbers are held, a text that is too long or not ASCII.
    """
    if isinstance(value, str):
        data = value.encode("ascii").ljust(2 * length, b"\0")
        if len(data) > 2 * length:
            raise ValueError(f"{value!r} is longer than {2 * length} characters")
    else:
        if encoding.whole and value.denominator != 1:
            raise ValueError(f"{float(value):g} is no whole number")
        data = _packed(value, encoding)
    words = [
        int.from_bytes(data[place : place + 2]) for place in range(0, len(data), 2)
    ]
    return words[::-1] if low_word_first else words
