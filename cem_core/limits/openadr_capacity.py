"""OpenADR 3's capacity types as limits: pure, the client that fetches them is elsewhere.

Source: OpenADR 3.1.0 Definition, event payload types. A SUBSCRIPTION is what was
subscribed to in advance, a RESERVATION what was granted on top of it, a LIMIT the most
that may flow; what unit the values have is said in the event's payloadDescriptors.
"""

from collections.abc import Mapping
from datetime import datetime
import math
from typing import Final

from cem_core.model import Direction, LimitSource, Message, PowerLimit, Priority, Scope

_W: Final = {"W": 1, "KW": 1000, "MW": 1_000_000}
_MOST_W: Final = 10_000_000


def capacity_limits(
    values: Mapping[str, float],
    *,
    units: str | None,
    issuer: str,
    event_id: str,
    start: datetime,
    end: datetime | None,
) -> tuple[PowerLimit, ...]:
    """Return the limits of one interval of an event; other payload types are none.

    ``values`` are its payloads by type. A reservation counts with the subscription of
    the same interval: alone it does not say what may flow. Raises `ValueError` for a
    unit that is no power (it is never guessed) and for a value that is none.
    """
    found = []
    for direction in Direction:
        prefix = f"{direction.name}_CAPACITY"
        if (limit := values.get(f"{prefix}_LIMIT")) is not None:
            found.append((direction, "limit", limit, Priority.OBLIGATION))
        if (subscribed := values.get(f"{prefix}_SUBSCRIPTION")) is not None:
            granted = values.get(f"{prefix}_RESERVATION", 0)
            total = subscribed + granted
            found.append((direction, "subscription", total, Priority.CONTRACT))
    return tuple(
        PowerLimit(
            limit_id=f"openadr_{event_id}_{direction}_{kind}",
            source=LimitSource.OPENADR,
            issuer=issuer,
            direction=direction,
            scope=Scope.CONNECTION,
            limit_w=_power_w(value, units, event_id),
            start=start,
            end=end,
            priority=priority,
            reason=_reason(kind),
        )
        for direction, kind, value, priority in found
    )


def _power_w(value: float, units: str | None, event_id: str) -> int:
    factor = _W.get((units or "").upper())
    if factor is None:
        raise ValueError(
            f"event {event_id}: units {units} is no power; known are {', '.join(_W)}"
        )
    power_w = value * factor
    if not math.isfinite(power_w) or not 0 <= power_w <= _MOST_W:
        raise ValueError(f"event {event_id}: {value} {units} cannot be a limit")
    return round(power_w)


def _reason(kind: str) -> Message:
    if kind == "limit":
        return Message.of("openadr_limit")
    return Message.of("openadr_subscription")
