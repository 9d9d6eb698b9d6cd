"""What a value information field says of a value (EN 13757-3, tables 10 to 15).

A table has rows of first code, last code, name, unit, and the power of ten at the
first code, which grows by one with each code.
"""

from dataclasses import dataclass
from typing import Final, NamedTuple

from cem_core.meter.mbus_cursor import Cursor

_EXTENDED: Final = 0x80
_MOST_EXTENSIONS: Final = 10
_PLAIN_TEXT: Final = 0x7C
_MAKERS: Final = 0x7F
_ANY: Final = 0x7E
_FIRST_EXTENSION: Final = 0x7B  # FB with the extension bit
_SECOND_EXTENSION: Final = 0x7D  # FD
_MOST_TEXT: Final = 64


class _Row(NamedTuple):
    first: int
    last: int
    name: str
    unit: str | None
    exponent: int | None = 0


DATE: Final = "date"
TIME: Final = "time"

_PRIMARY: Final = (
    _Row(0x00, 0x07, "energy", "Wh", -3),
    _Row(0x08, 0x0F, "energy", "J", 0),
    _Row(0x10, 0x17, "volume", "m3", -6),
    _Row(0x18, 0x1F, "mass", "kg", -3),
    _Row(0x28, 0x2F, "power", "W", -3),
    _Row(0x30, 0x37, "power", "J/h", 0),
    _Row(0x38, 0x3F, "flow", "m3/h", -6),
    _Row(0x40, 0x47, "flow", "m3/min", -7),
    _Row(0x48, 0x4F, "flow", "m3/s", -9),
    _Row(0x50, 0x57, "mass_flow", "kg/h", -3),
    _Row(0x58, 0x5B, "flow_temperature", "°C", -3),
    _Row(0x5C, 0x5F, "return_temperature", "°C", -3),
    _Row(0x60, 0x63, "temperature_difference", "K", -3),
    _Row(0x64, 0x67, "external_temperature", "°C", -3),
    _Row(0x68, 0x6B, "pressure", "bar", -3),
    _Row(0x6C, 0x6C, DATE, None, None),
    _Row(0x6D, 0x6D, TIME, None, None),
    _Row(0x6E, 0x6E, "heat_cost_units", None),
    _Row(0x78, 0x78, "fabrication_number", None, None),
    _Row(0x79, 0x79, "identification", None, None),
    _Row(0x7A, 0x7A, "bus_address", None, None),
)
_FIRST: Final = (
    _Row(0x00, 0x01, "energy", "Wh", 5),
    _Row(0x02, 0x03, "reactive_energy", "varh", 3),
    _Row(0x04, 0x05, "apparent_energy", "VAh", 3),
    _Row(0x08, 0x09, "energy", "J", 8),
    _Row(0x0C, 0x0F, "energy", "cal", 5),
    _Row(0x10, 0x11, "volume", "m3", 2),
    _Row(0x14, 0x17, "reactive_power", "var", 0),
    _Row(0x18, 0x19, "mass", "kg", 5),
    _Row(0x1A, 0x1B, "humidity", "%", -1),
    _Row(0x28, 0x29, "power", "W", 5),
    _Row(0x2C, 0x2F, "frequency", "Hz", -3),
    _Row(0x30, 0x31, "power", "J/h", 8),
    _Row(0x34, 0x37, "apparent_power", "VA", 0),
)
_SECOND: Final = (
    _Row(0x08, 0x08, "access_number", None, None),
    _Row(0x09, 0x09, "medium", None, None),
    _Row(0x0A, 0x0A, "manufacturer", None, None),
    _Row(0x0B, 0x0B, "parameter_set", None, None),
    _Row(0x0C, 0x0C, "model", None, None),
    _Row(0x0D, 0x0D, "hardware_version", None, None),
    _Row(0x0E, 0x0E, "firmware_version", None, None),
    _Row(0x0F, 0x0F, "software_version", None, None),
    _Row(0x10, 0x10, "customer_location", None, None),
    _Row(0x11, 0x11, "customer", None, None),
    _Row(0x17, 0x17, "error_flags", None, None),
    _Row(0x18, 0x18, "error_mask", None, None),
    _Row(0x1A, 0x1A, "digital_output", None, None),
    _Row(0x1B, 0x1B, "digital_input", None, None),
    _Row(0x1C, 0x1C, "baud_rate", "Bd"),
    _Row(0x3A, 0x3A, "number", None),
    _Row(0x40, 0x4F, "voltage", "V", -9),
    _Row(0x50, 0x5F, "current", "A", -12),
    _Row(0x60, 0x60, "reset_counter", None),
    _Row(0x61, 0x61, "cumulation_counter", None),
    _Row(0x71, 0x71, "signal_strength", "dBm"),
    _Row(0x74, 0x74, "battery_left", "d"),
)
# Seconds, minutes, hours, days in the two lowest bits.
_DURATIONS: Final = {
    0x20: "on_time",
    0x24: "operating_time",
    0x70: "averaging_time",
    0x74: "actuality_time",
}
_DURATION_UNITS: Final = ("s", "min", "h", "d")
_CORRECTION: Final = range(0x70, 0x78)  # ten to the power of -6 to 1
_TIMES_THOUSAND: Final = 0x7D
_ERRORS: Final = range(0x20)  # what is wrong with the value; 0: nothing
_MANNERS: Final = {  # combinable extensions that make another value of it
    0x22: "per_hour",
    0x39: "start",
    0x3A: "uncorrected",
    0x3B: "forward",
    0x3C: "backward",
    0x3E: "base_conditions",
}


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a value is, and by which power of ten it is multiplied.

    ``exponent`` is None where the value is no quantity. ``manners`` are the
    extensions that change what it is; those that are not known are hexadecimal.
    """

    name: str
    unit: str | None
    exponent: int | None
    manners: tuple[str, ...] = ()


def read(cursor: Cursor) -> Meaning:
    """Return the meaning whose field begins at the cursor, and move behind it.

    Raises ValueError when the data end inside, or it has too many extensions.
    """
    code = cursor.byte("value information")
    extended, code = bool(code & _EXTENDED), code & ~_EXTENDED
    if code == _FIRST_EXTENSION and extended:
        code = cursor.byte("extension of the value information")
        extended, code = bool(code & _EXTENDED), code & ~_EXTENDED
        meaning = _of(_FIRST, code, "FB")
    elif code == _SECOND_EXTENSION and extended:
        code = cursor.byte("extension of the value information")
        extended, code = bool(code & _EXTENDED), code & ~_EXTENDED
        meaning = _of(_SECOND, code, "FD")
    elif code == _PLAIN_TEXT:
        meaning = Meaning(_text(cursor), None, 0)
    elif code in (_ANY, _MAKERS):
        meaning = Meaning("any" if code == _ANY else "makers_own", None, None)
    elif (kind := _DURATIONS.get(code & ~3)) is not None:
        meaning = Meaning(kind, _DURATION_UNITS[code & 3], 0)
    else:
        meaning = _of(_PRIMARY, code, "")
    return _extended(cursor, meaning, makers=code == _MAKERS) if extended else meaning


def _of(table: tuple[_Row, ...], code: int, prefix: str) -> Meaning:
    for first, last, name, unit, exponent in table:
        if first <= code <= last:
            scale = None if exponent is None else exponent + code - first
            return Meaning(name, unit, scale)
    return Meaning(f"vif_{prefix}{code:02X}".lower(), None, 0)


def _text(cursor: Cursor) -> str:
    """Return a name that is said in letters, the last one first."""
    size = cursor.byte("length of the text that names the value")
    if size > _MOST_TEXT:
        raise ValueError(f"a value is named with {size} letters")
    return cursor.letters(size, "text that names the value") or "unnamed"


def _extended(cursor: Cursor, meaning: Meaning, *, makers: bool) -> Meaning:
    manners: list[str] = []
    exponent = meaning.exponent
    for _ in range(_MOST_EXTENSIONS):
        code = cursor.byte("extension of the value information")
        more, code = bool(code & _EXTENDED), code & ~_EXTENDED
        if makers:
            manners.append(f"{code:02x}")
        elif code in _CORRECTION:
            exponent = None if exponent is None else exponent + code - 0x76
        elif code == _TIMES_THOUSAND:
            exponent = None if exponent is None else exponent + 3
        elif code in _ERRORS:
            manners += [f"error{code:02x}"] if code else []
        else:
            manners.append(_MANNERS.get(code, f"{code:02x}"))
            makers = code == _MAKERS
        if not more:
            return Meaning(meaning.name, meaning.unit, exponent, tuple(manners))
    raise ValueError(f"more than {_MOST_EXTENSIONS} extensions of a value information")
