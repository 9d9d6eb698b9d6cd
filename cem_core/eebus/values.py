"""SPINE's numbers and times: `ScaledNumber` and ISO 8601 durations.

Source: SPINE 1.3.0 resource specification, CommonDataTypes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
import math
import re
from typing import Any, Final, TypeIs

from cem_core.eebus.error import EebusError

_LARGEST_SCALE: Final = 12
_LARGEST: Final = 1e18
_DIGITS: Final = 4
_DURATION: Final = re.compile(
    r"P(?:(?P<days>\d{1,6})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?"
    r"(?:(?P<seconds>\d{1,9}(?:\.\d{1,9})?)S)?)?"
)


def number(tree: object) -> float:
    """Return the value of a scaled number, finite. Raises `EebusError`."""
    if not isinstance(tree, Mapping):
        raise EebusError(f"{tree!r} is no scaled number")
    digits, scale = tree.get("number"), tree.get("scale", 0)
    if not _is_number(digits) or not _is_whole(scale) or abs(scale) > _LARGEST_SCALE:
        raise EebusError(f"number {digits!r} with scale {scale!r} is no scaled number")
    if abs(digits) > _LARGEST or math.isnan(digits):
        raise EebusError(f"number {str(digits)[:20]} is too large")
    # A division by a power of ten is rounded once, a product with a tenth twice.
    return float(digits * 10**scale if scale >= 0 else digits / 10**-scale)


def _is_number(value: object) -> TypeIs[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_whole(value: object) -> TypeIs[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def scaled(value: float) -> dict[str, int]:
    """Return ``value`` as a scaled number, to a ten-thousandth."""
    digits, scale = round(value * 10**_DIGITS), -_DIGITS
    while scale < 0 and digits % 10 == 0:
        digits, scale = digits // 10, scale + 1
    return {"number": digits, "scale": scale}


def seconds(text: object) -> float:
    """Return the length of a duration such as ``PT1H30M``. Raises `EebusError`."""
    found = _DURATION.fullmatch(text) if isinstance(text, str) else None
    if found is None or not any(found.groups()):
        raise EebusError(f"{text!r} is no duration")
    given = {name: float(value) for name, value in found.groupdict("0").items()}
    hours = given["days"] * 24 + given["hours"]
    return hours * 3600 + given["minutes"] * 60 + given["seconds"]


def seconds_until(text: object, now: datetime) -> float:
    """Return how long until a time that is a duration or an absolute time."""
    if isinstance(text, str) and not text.startswith("P"):
        try:
            time = datetime.fromisoformat(text)
        except ValueError as error:
            raise EebusError(f"{text!r} is no time") from error
        if time.tzinfo is None:
            time = time.replace(tzinfo=UTC)
        return (time - now).total_seconds()
    return seconds(text)


def duration(length_s: float) -> str:
    """Return a length of time, in whole seconds, as SPINE writes it."""
    minutes, rest = divmod(max(round(length_s), 0), 60)
    hours, minutes = divmod(minutes, 60)
    parts = (f"{hours}H" * (hours > 0), f"{minutes}M" * (minutes > 0))
    text = "".join(parts) + f"{rest}S" * (rest > 0)
    return f"PT{text or '0S'}"


def timestamp(now: datetime) -> str:
    """Return ``now`` as SPINE writes it."""
    return f"{now.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def items(tree: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
    """Return the list ``name`` of ``tree``; where there is none, nothing."""
    found = tree.get(name, [])
    if found == {}:  # an empty list looks like an empty object
        return []
    if not isinstance(found, list) or not all(isinstance(x, dict) for x in found):
        raise EebusError(f"{name} is not a list")
    return found
