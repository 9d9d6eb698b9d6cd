"""Dates and times of M-Bus meters (EN 13757-3, annex A: types F, G, I and J).

They are local and name no offset: text, so that nobody takes them for UTC.
"""

from datetime import date, datetime, time
from typing import Final

_INVALID: Final = 0x80
_CENTURY_FROM: Final = 81  # years 81 to 99 without a century are 1981 to 1999
_INVALID_TEXT: Final = "invalid"


def text(octets: bytes) -> str:
    """Return ``octets`` as ISO 8601 without offset, or "invalid".

    Raises ValueError for another number of bytes than these types have.
    """
    size = len(octets)
    try:
        match size:
            case 2:
                return _date(octets).isoformat()
            case 3:
                return _time(octets[2], octets[1], octets[0]).isoformat()
            case 4 if not octets[0] & _INVALID:
                day = _date(octets[2:], (octets[1] >> 5) & 0x03)
                return _local(day, _time(octets[1], octets[0]))
            case 6 if not octets[1] & _INVALID:
                day = _date(octets[3:5])
                return _local(day, _time(octets[2], octets[1], octets[0]))
            case 4 | 6:
                return _INVALID_TEXT
    except ValueError:
        return _INVALID_TEXT  # a clock that was never set says 00 or FF
    raise ValueError(f"a date or time of {len(octets)} bytes")


def _date(octets: bytes, hundreds: int = 0) -> date:
    year = (octets[0] >> 5) | ((octets[1] >> 4) << 3)
    century = 1900 + 100 * hundreds
    if not hundreds and year < _CENTURY_FROM:
        century = 2000
    return date(century + year, octets[1] & 0x0F, octets[0] & 0x1F)


def _time(hour: int, minute: int, second: int = 0) -> time:
    return time(hour & 0x1F, minute & 0x3F, second & 0x3F)


def _local(day: date, hour: time) -> str:
    return datetime.combine(day, hour).isoformat(timespec="seconds")
