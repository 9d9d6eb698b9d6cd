"""The twelve bytes of a COSEM date-time (IEC 62056-6-2, "date and time formats")."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

LENGTH: Final = 12

_UNKNOWN_DEVIATION: Final = -0x8000
_MOST_MINUTES: Final = 14 * 60
_UNKNOWN_STATUS: Final = 0xFF
_INVALID: Final = 0x01
_UNSET: Final = 0xFF
_MOST_HUNDREDTHS: Final = 99


@dataclass(frozen=True, slots=True)
class CosemTime:
    """What a meter's clock said: the local text, and the time where it is known."""

    text: str
    utc: datetime | None


def read(raw: bytes) -> CosemTime | None:
    """Return the time in ``raw``, or None when it is none that exists.

    A clock that calls itself invalid, does not tell its distance to UTC or names
    no whole date gives no time in UTC: none is invented.
    """
    if len(raw) != LENGTH:
        return None
    year, month, day = int.from_bytes(raw[:2]), raw[2], raw[3]
    hour, minute, second, hundredths = raw[5:9]
    if hundredths not in range(_MOST_HUNDREDTHS + 1) and hundredths != _UNSET:
        return None
    if second == _UNSET:
        second = 0  # a minute is a time
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
        # Local time + deviation = UTC; the deviation includes daylight saving.
        deviation = int.from_bytes(raw[9:11], signed=True)
        known = abs(deviation) <= _MOST_MINUTES
        utc = local + timedelta(minutes=deviation) if known else None
    except ValueError, OverflowError:
        return None
    status = raw[11]
    if not known and deviation != _UNKNOWN_DEVIATION:
        return None
    if status != _UNKNOWN_STATUS and status & _INVALID:
        utc = None
    return CosemTime(local.replace(tzinfo=None).isoformat(), utc)
