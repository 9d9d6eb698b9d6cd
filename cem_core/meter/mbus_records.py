"""The data records of an M-Bus answer (EN 13757-3, 6): how many, of what, since when.

DIF says how a value is written and for which moment, VIF what it is.
"""

from dataclasses import dataclass
from enum import StrEnum
import math
import struct
from typing import Final, Self

from cem_core.meter import mbus_time, mbus_units
from cem_core.meter.mbus_cursor import Cursor
from cem_core.meter.mbus_units import Meaning

MOST_RECORDS: Final = 200

_EXTENDED: Final = 0x80
_MOST_EXTENSIONS: Final = 10
_FILLER: Final = 0x2F
_MAKERS_DATA: Final = 0x0F
_MORE_FOLLOWS: Final = 0x1F
_SPECIAL: Final = 0x0F
_INTEGER_BYTES: Final = {1: 1, 2: 2, 3: 3, 4: 4, 6: 6, 7: 8}
_BCD_BYTES: Final = {9: 1, 0xA: 2, 0xB: 3, 0xC: 4, 0xE: 6}
_NOTHING: Final = (0, 8)  # no data; a selection for readout
_REAL: Final = 5
_VARIABLE: Final = 0xD
_MINUS: Final = 0xF  # as first digit of a BCD number


class Moment(StrEnum):
    """What of a period a value is (EN 13757-3, 6.3, function field)."""

    INSTANT = "instant"
    MAXIMUM = "max"
    MINIMUM = "min"
    ERROR = "error"


_MOMENTS: Final = tuple(Moment)


@dataclass(frozen=True, slots=True)
class Record:
    """One value; ``value`` is text where it is no number, or none that is valid."""

    meaning: Meaning
    value: int | float | str
    moment: Moment = Moment.INSTANT
    storage: int = 0
    tariff: int = 0
    subunit: int = 0

    @classmethod
    def of_bcd(cls, meaning: Meaning, octets: bytes, *, storage: int = 0) -> Self:
        """Return a counter of decimal digits, the lowest two first."""
        return cls(meaning, _number(_bcd(octets), meaning), storage=storage)

    @property
    def is_quantity(self) -> bool:
        """Whether it is a number of the meter itself, at one moment."""
        return (
            self.moment is Moment.INSTANT
            and not self.subunit
            and not isinstance(self.value, str)
        )

    @property
    def code(self) -> str:
        """Its name with what tells it from others: ``volume.max.storage1``."""
        parts = [self.meaning.name, *self.meaning.manners]
        if self.moment is not Moment.INSTANT:
            parts.append(self.moment)
        numbers = {
            "storage": self.storage,
            "tariff": self.tariff,
            "subunit": self.subunit,
        }
        parts += [f"{what}{number}" for what, number in numbers.items() if number]
        return ".".join(parts)


@dataclass(frozen=True, slots=True)
class Records:
    """What one answer holds; ``more``: another answer goes on."""

    records: tuple[Record, ...]
    more: bool = False


def read(data: bytes) -> Records:
    """Return the records in ``data``; ValueError says what is wrong and where."""
    cursor = Cursor(data)
    records: list[Record] = []
    while cursor.left:
        dif = cursor.byte("data information")
        if dif == _FILLER:
            continue
        if dif in (_MAKERS_DATA, _MORE_FOLLOWS):
            return Records(tuple(records), dif == _MORE_FOLLOWS)
        if dif & _SPECIAL == _SPECIAL:
            raise ValueError(f"{dif:02X} at byte {cursor.at - 1} begins no record")
        if len(records) == MOST_RECORDS:
            raise ValueError(f"more than {MOST_RECORDS} records")
        if (record := _record(cursor, dif)) is not None:
            records.append(record)
    return Records(tuple(records))


def _record(cursor: Cursor, dif: int) -> Record | None:
    storage, tariff, subunit = (dif >> 6) & 1, 0, 0
    extended, count = bool(dif & _EXTENDED), 0
    while extended:
        if count == _MOST_EXTENSIONS:
            raise ValueError(
                f"more than {_MOST_EXTENSIONS} extensions of a data information"
            )
        dife = cursor.byte("extension of the data information")
        storage |= (dife & 0x0F) << (1 + 4 * count)
        tariff |= ((dife >> 4) & 0x03) << (2 * count)
        subunit |= ((dife >> 6) & 1) << count
        extended, count = bool(dife & _EXTENDED), count + 1
    meaning = mbus_units.read(cursor)
    form = dif & 0x0F
    if form in _NOTHING:
        return None
    value = _value(cursor, form, meaning)
    return Record(meaning, value, _MOMENTS[(dif >> 4) & 3], storage, tariff, subunit)


def _value(cursor: Cursor, form: int, meaning: Meaning) -> int | float | str:
    what = f"value of {meaning.name}"
    if form == _VARIABLE:
        return _variable(cursor, meaning)
    if form == _REAL:
        (real,) = struct.unpack("<f", cursor.take(4, what))
        return _scaled(real, meaning) if math.isfinite(real) else "not a number"
    if (size := _BCD_BYTES.get(form)) is not None:
        return _number(_bcd(cursor.take(size, what)), meaning)
    octets = cursor.take(_INTEGER_BYTES[form], what)
    if meaning.name in (mbus_units.DATE, mbus_units.TIME):
        return mbus_time.text(octets)
    return _number(_integer(octets), meaning)


def _integer(octets: bytes) -> int | str:
    """Return a signed number; its least one stands for none (type B)."""
    value = int.from_bytes(octets, "little", signed=True)
    return _as_text(octets) if value == -1 << (8 * len(octets) - 1) else value


def _bcd(octets: bytes) -> int | str:
    """Return a number of decimal digits; a leading F is a minus (type A)."""
    digits = octets[::-1].hex()
    sign, digits = (-1, digits[1:]) if int(digits[0], 16) == _MINUS else (1, digits)
    return sign * int(digits) if digits.isdecimal() else _as_text(octets)


def _as_text(octets: bytes) -> str:
    return octets[::-1].hex().upper()


def _number(value: int | str, meaning: Meaning) -> int | float | str:
    return value if isinstance(value, str) else _scaled(value, meaning)


def _scaled(value: float, meaning: Meaning) -> int | float | str:
    """Return ``value`` in its unit; a whole number stays one.

    A negative power divides: 0.1 has no exact form, and so would be a little off.
    """
    exponent = meaning.exponent
    if not exponent:
        return value
    if exponent > 0:
        return value * int(10**exponent)
    return value / int(10**-exponent)


# EN 13757-3, table 5: what the first byte of a value of variable length says.
_MOST_LETTERS: Final = 0xBF
_BCD_PLUS: Final = range(0xC0, 0xCA)
_BCD_MINUS: Final = range(0xD0, 0xDA)
_BINARY: Final = range(0xE0, 0xF0)
_LONG_BINARY: Final = {
    0xF0: 16,
    0xF1: 20,
    0xF2: 24,
    0xF3: 28,
    0xF4: 32,
    0xF5: 48,
    0xF6: 64,
}
_INTEGER_UP_TO: Final = 8


def _variable(cursor: Cursor, meaning: Meaning) -> int | float | str:
    what = f"value of {meaning.name}"
    said = cursor.byte(what)
    if said <= _MOST_LETTERS:
        return cursor.letters(said, what)
    if said in _BCD_PLUS or said in _BCD_MINUS:
        octets = cursor.take(said & 0x0F, what)
        value = _bcd(octets or b"\0")
        if said in _BCD_MINUS and isinstance(value, int):
            value = -value
        return _number(value, meaning)
    size = said & 0x0F if said in _BINARY else _LONG_BINARY.get(said)
    if size is None:
        raise ValueError(f"{said:02X} is no length of a value")
    octets = cursor.take(size, what)
    if 0 < size <= _INTEGER_UP_TO:
        return _number(_integer(octets), meaning)
    return _as_text(octets)
