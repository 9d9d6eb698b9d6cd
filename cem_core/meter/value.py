"""The text between two brackets -> number, time or text."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
import re
from typing import Final

from cem_core.model import RawValue

# Some Belgian meters leave out the star before the unit; the units are named
# here so that `0012W` is a number and `4B38` stays the text it is.
_NUMBER: Final = re.compile(
    r"(-?[0-9]{1,12}(?:\.[0-9]{1,9})?)"
    r"(?:\*([A-Za-z][A-Za-z0-9]{0,7})"
    r"|([kK]?(?:Wh?|VA(?:r|rh)?|varh?)|[AVs]|Hz|[mM]3|[GM]J))?"
)

# The DST letter makes local time unambiguous: DSMR 5.0.2 P1, 6.4 (tag TST).
_AHEAD_OF_UTC: Final = {"S": timedelta(hours=2), "W": timedelta(hours=1)}
# Every part of the date "not specified", and a clock that never ran.
_UNDEFINED: Final = ("632525252525", "000000000000")
_CENTURY: Final = 2000
_METERS_BEGIN: Final = 70  # YY from here on is 19YY: a clock that was never set
_TIMESTAMP_LENGTH: Final = 13


def is_timestamp(text: str) -> bool:
    """Tell whether ``text`` has the form YYMMDDhhmmssX."""
    return (
        len(text) == _TIMESTAMP_LENGTH
        and text[-1] in _AHEAD_OF_UTC
        and text[:-1].isdecimal()
    )


@lru_cache(maxsize=256)  # logs and peak histories repeat in every telegram
def timestamp(text: str) -> datetime | None:
    """Return the time in UTC, or None where the meter says it has none.

    Raises ValueError for what is not a time.
    """
    if not is_timestamp(text):
        raise ValueError(f"{text!r} is no time")
    if text.startswith(_UNDEFINED):
        return None
    year, month, day, hour, minute, second = (
        int(text[i : i + 2]) for i in range(0, 12, 2)
    )
    year += _CENTURY if year < _METERS_BEGIN else _CENTURY - 100
    try:
        local = datetime(year, month, day, hour, minute, second, tzinfo=UTC)
    except ValueError as error:
        raise ValueError(f"{text!r} is no time: {error}") from error
    return local - _AHEAD_OF_UTC[text[-1]]


def clock(text: str) -> datetime | None:
    """Return the time in UTC, or None without the letter: it may be one of two.

    Raises ValueError for what is not a time.
    """
    if len(text) == _TIMESTAMP_LENGTH - 1 and timestamp(f"{text}W") is not None:
        return None
    return timestamp(text)


@lru_cache(maxsize=256)  # asked for what a line holds, and for what that means
def number(text: str) -> tuple[int | float, str | None] | None:
    """Return the number and unit in ``text``, or None when it is no number."""
    if (found := _NUMBER.fullmatch(text)) is None:
        return None
    digits, starred, bare = found.groups()
    return (float(digits) if "." in digits else int(digits)), starred or bare


def decoded(text: str) -> str:
    """Return the readable text that ``text`` is the hexadecimal form of.

    What is not hexadecimal, or not readable once decoded, stays as it is.
    """
    try:
        plain = bytes.fromhex(text).decode("utf-8")
    except ValueError:
        return text
    return plain if plain.isprintable() and plain.strip() else text


def raw_values(code: str, groups: Sequence[str], *, as_text: bool) -> list[RawValue]:
    """Return every bracket of an object; a time goes with the value after it.

    Raises ValueError for a time that does not exist.
    """
    values: list[RawValue] = []
    waiting: str | None = None  # a time, as it stands there
    when: datetime | None = None
    for text in groups:
        if is_timestamp(text):
            if waiting is not None:
                values.append(RawValue(code, waiting, None, when))
            waiting, when = text, timestamp(text)
            continue
        if waiting is not None and when is None:
            values.append(RawValue(code, waiting))  # an undefined time stays visible
        read = None if as_text else number(text)
        value, unit = (text, None) if read is None else read
        values.append(RawValue(code, value, unit, when))
        waiting = when = None
    if waiting is not None:
        values.append(RawValue(code, waiting, None, when))
    return values
