"""The fixed data structure of old M-Bus meters: two counters (EN 1434-3, 5.6).

``number (4, BCD) | access | status | type and unit (2) | counter (4) | counter (4)``.
"""

from dataclasses import dataclass
from typing import Final

from cem_core.meter.mbus_cursor import Cursor
from cem_core.meter.mbus_records import Record
from cem_core.meter.mbus_units import Meaning

_UNIT: Final = 0x3F
_LIKE_THE_FIRST: Final = 0x3E  # as it was stored
# First and last unit, name, unit, power of ten at the first.
_UNITS: Final = (
    (0x02, 0x0A, "energy", "Wh", 0),
    (0x0B, 0x13, "energy", "J", 3),
    (0x14, 0x1C, "power", "W", 0),
    (0x1D, 0x25, "power", "J/h", 3),
    (0x26, 0x2E, "volume", "m3", -6),
    (0x2F, 0x37, "flow", "m3/h", -6),
    (0x38, 0x38, "temperature", "°C", -3),
    (0x39, 0x39, "heat_cost_units", None, 0),
)
# Sources disagree at which end of the byte these two are: binary, stored at a date.
_UNCERTAIN: Final = 0xC3


@dataclass(frozen=True, slots=True, kw_only=True)
class Fixed:
    """What it says; there is no maker in it. ``medium`` is a device type."""

    number: str
    status: int
    medium: int
    records: tuple[Record, ...]


def read(data: bytes) -> Fixed:
    """Return what ``data`` says; ValueError for what is not certain or cut short."""
    cursor = Cursor(data)
    number = cursor.take(4, "header")[::-1].hex().upper()
    cursor.byte("header")
    status = cursor.byte("header")
    if status & _UNCERTAIN:
        raise ValueError(f"status {status:02X}: binary or stored counters are not read")
    first, second = cursor.take(2, "header")
    octets = cursor.take(4, "first counter"), cursor.take(4, "second counter")
    meanings = _meaning(first), _meaning(second)
    records = [
        Record.of_bcd(meaning, counter)
        for meaning, counter in zip(meanings, octets, strict=True)
        if meaning is not None
    ]
    if second & _UNIT == _LIKE_THE_FIRST and meanings[0] is not None:
        records.append(Record.of_bcd(meanings[0], octets[1], storage=1))
    return Fixed(
        number=number,
        status=status,
        medium=(first >> 6) | (second >> 6) << 2,
        records=tuple(records),
    )


def _meaning(octet: int) -> Meaning | None:
    unit = octet & _UNIT
    for first, last, name, base, exponent in _UNITS:
        if first <= unit <= last:
            return Meaning(name, base, exponent + unit - first)
    return None
