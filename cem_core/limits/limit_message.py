"""A limit as a message: JSON text in, a limit or the end of one out.

Everything is checked here, once; what does not fit is refused with a sentence that
says what, and changes nothing.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
import json
from typing import Any, Final, NoReturn

from cem_core.model import (
    Basis,
    Direction,
    LimitSource,
    Message,
    PowerLimit,
    Priority,
    Scope,
)

LONGEST_MESSAGE: Final = 4096  # characters
LONGEST_REASON: Final = 200
_LONGEST_NAME: Final = 64
_MOST_W: Final = 10_000_000
_LONGEST_S: Final = 366 * 86_400
_KNOWN: Final = (
    "action",
    "id",
    "issuer",
    "direction",
    "scope",
    "basis",
    "phase",
    "limit_w",
    "start",
    "end",
    "duration",
    "priority",
    "reason",
)


class LimitMessageError(ValueError):
    """A message that is refused; ``about`` is its id, where it has one."""

    def __init__(self, refusal: str, about: str | None = None) -> None:
        """Say why."""
        super().__init__(refusal)
        self.about = about


@dataclass(frozen=True, slots=True)
class Ordering:
    """A limit, and whether its end was given as a time of day."""

    limit: PowerLimit
    by_clock: bool


@dataclass(frozen=True, slots=True)
class Ending:
    """The wish to end a limit."""

    limit_id: str
    issuer: str


def read_limit_message(
    text: str,
    *,
    now: datetime,
    source: LimitSource,
    most: Priority,
    retained: bool,
) -> Ordering | Ending:
    """Return what ``text`` orders or ends.

    ``most`` is the priority of a message that names none, and the highest that one
    may name. A ``retained`` message is seen again after each restart: a duration
    would begin anew then. Raises `LimitMessageError`.
    """
    fields = _fields(text)
    try:
        about = _name(fields, "id")
    except ValueError as error:
        raise LimitMessageError(str(error)) from error
    try:
        return _read(fields, about, now, source, most, retained=retained)
    except (ValueError, OverflowError) as error:
        raise LimitMessageError(str(error), about) from error


def _fields(text: str) -> Mapping[str, Any]:
    if len(text) > LONGEST_MESSAGE:
        raise LimitMessageError(
            f"{len(text)} characters are more than the {LONGEST_MESSAGE} allowed"
        )
    try:
        found = json.loads(
            text, parse_constant=_no_number, object_pairs_hook=_no_duplicates
        )
    except LimitMessageError:
        raise
    except (ValueError, RecursionError) as error:
        raise LimitMessageError(f"it is no JSON: {error}") from error
    if not isinstance(found, dict):
        raise LimitMessageError("it has to be a JSON object")
    if unknown := sorted(found.keys() - set(_KNOWN)):
        raise LimitMessageError(
            f"unknown: {', '.join(unknown)[:_LONGEST_NAME]}; "
            f"known are {', '.join(_KNOWN)}"
        )
    return {name: value for name, value in found.items() if value is not None}


def _read(
    fields: Mapping[str, Any],
    about: str,
    now: datetime,
    source: LimitSource,
    most: Priority,
    *,
    retained: bool,
) -> Ordering | Ending:
    limit_id, issuer = f"{source}_{about}", _name(fields, "issuer")
    if _one_of(fields, "action", ("order", "end"), default="order") == "end":
        if surplus := sorted(fields.keys() - {"action", "id", "issuer"}):
            raise ValueError(f"an end takes no {', '.join(surplus)}")
        return Ending(limit_id, issuer)
    reason = fields.get("reason")
    start, end = _times(fields, now, retained=retained)
    limit = PowerLimit(
        limit_id=limit_id,
        source=source,
        issuer=issuer,
        direction=Direction(_one_of(fields, "direction", tuple(Direction))),
        scope=Scope(_one_of(fields, "scope", tuple(Scope))),
        basis=Basis(_one_of(fields, "basis", tuple(Basis), default="consumption")),
        limit_w=_limit_w(fields),
        start=start,
        end=end,
        phase=_phase(fields),
        priority=_priority(fields, most),
        reason=None if reason is None else _said(reason),
    )
    return Ordering(limit, by_clock="end" in fields)


def _no_number(constant: str) -> NoReturn:
    raise LimitMessageError(f"{constant} is no number")


def _no_duplicates(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise LimitMessageError("a name is there twice")
    return found


def _name(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not 0 < len(value) <= _LONGEST_NAME:
        raise ValueError(f"{name} has to be a text of 1 to {_LONGEST_NAME} characters")
    if not value.isprintable():
        raise ValueError(f"{name} has characters that cannot be printed")
    return value


def _one_of(
    fields: Mapping[str, Any],
    name: str,
    known: Sequence[str],
    *,
    default: str | None = None,
) -> str:
    value = fields.get(name, default)
    if value not in known:
        raise ValueError(f"{name} has to be {' or '.join(known)}")
    return str(value)


def _limit_w(fields: Mapping[str, Any]) -> int:
    return int(_number(fields, "limit_w", lambda x: 0 <= x <= _MOST_W, "W"))


def _number(
    fields: Mapping[str, Any], name: str, fits: Callable[[float], bool], unit: str
) -> float:
    value = fields.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(  # noqa: TRY004 - it is the message that is wrong
            f"{name} has to be a number of {unit}"
        )
    if not fits(value):
        raise ValueError(f"{name} is out of range")
    return value


def _phase(fields: Mapping[str, Any]) -> int | None:
    if "phase" not in fields:
        return None
    return int(_number(fields, "phase", lambda x: x in {1, 2, 3}, "the phase"))


def _priority(fields: Mapping[str, Any], most: Priority) -> Priority:
    known = tuple(each.name.lower() for each in Priority)
    named = _one_of(fields, "priority", known, default=most.name.lower())
    priority = Priority[named.upper()]
    if priority > most:
        raise ValueError(f"this source may order as {most.name.lower()} at most")
    return priority


def _times(
    fields: Mapping[str, Any], now: datetime, *, retained: bool
) -> tuple[datetime, datetime | None]:
    start, end = _time(fields, "start"), _time(fields, "end")
    begins = now if start is None else max(start, now)
    if "duration" in fields:
        if end is not None:
            raise ValueError("it has an end or a duration, not both")
        if retained:
            raise ValueError("a retained message needs an end instead of a duration")
        duration_s = _number(fields, "duration", lambda x: 0 < x <= _LONGEST_S, "s")
        end = begins + timedelta(seconds=duration_s)
    if end is not None and end <= now:
        raise ValueError(f"its end, {end.isoformat()}, has passed")
    return begins, end


def _time(fields: Mapping[str, Any], name: str) -> datetime | None:
    value = fields.get(name)
    if value is None:
        return None
    try:
        time = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{name} has to be a time in ISO 8601") from error
    if time.tzinfo is None:
        raise ValueError(f"{name} has no offset from UTC")
    return time


def _said(reason: object) -> Message:
    if not isinstance(reason, str) or not 0 < len(reason) <= LONGEST_REASON:
        raise ValueError(f"reason has to be a text of 1 to {LONGEST_REASON} characters")
    return Message.of("issuer_says", text=reason)
