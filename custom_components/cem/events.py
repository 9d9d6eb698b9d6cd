"""What a home announces: type and attributes of its event entities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cem_core.exchange import NOT_FOR_BILLING
from cem_core.limits import NearLimit, Relief
from cem_core.model import Plan, PowerLimit
from custom_components.cem.const import (
    EVENT_LIMIT_ENDED,
    EVENT_LIMIT_ORDERED,
    EVENT_NEAR_LIMIT,
    EVENT_NEAR_LIMIT_CLEARED,
    EVENT_NOT_OBEYING,
    EVENT_PLAN_CHANGED,
    EVENT_POWER_RETURNED,
)


@dataclass(frozen=True, slots=True)
class HomeEvent:
    """One event and what it tells."""

    event_type: str
    attributes: Mapping[str, Any]


type Listener = Callable[[HomeEvent], None]


def near_limit(change: NearLimit) -> HomeEvent:
    """A limit came near, or is no longer."""
    return HomeEvent(
        EVENT_NEAR_LIMIT if change.near else EVENT_NEAR_LIMIT_CLEARED,
        limit_json(change.limit)
        | {
            "level": change.level.word,
            "cause": change.cause.value,
            "power_w": change.power_w,
            "distance_w": change.distance_w,
            "seconds_to_trip": (
                None if change.trip_s is None else round(change.trip_s, 1)
            ),
            "helping": [relief_json(each) for each in change.helping],
        },
    )


def relief_json(relief: Relief) -> dict[str, Any]:
    """Return a device that could be turned down as events and actions show it."""
    return {
        "device_id": relief.device_id,
        "name": relief.name,
        "power_w": relief.power_w,
        "commanded": relief.commanded,
    }


def limit_ordered(limit: PowerLimit) -> HomeEvent:
    """Somebody ordered a limit."""
    return HomeEvent(EVENT_LIMIT_ORDERED, limit_json(limit))


def limit_ended(limit: PowerLimit, cost: Mapping[str, Any]) -> HomeEvent:
    """An ordered limit ended, by its time or by its issuer; ``cost`` is what it cost."""
    return HomeEvent(EVENT_LIMIT_ENDED, {**limit_json(limit), **cost})


def not_obeying(told: Mapping[str, Any]) -> HomeEvent:
    """A device did not do what a limit needed of it; ``told`` says what is done."""
    return HomeEvent(EVENT_NOT_OBEYING, told)


def power_returned(*, sign: str, since: datetime, until: datetime) -> HomeEvent:
    """The power was cut and is back; by ``until`` every device has had its turn."""
    return HomeEvent(
        EVENT_POWER_RETURNED,
        {"sign": sign, "since": since.isoformat(), "until": until.isoformat()},
    )


def plan_changed(plan: Plan, moves: Sequence[Mapping[str, Any]]) -> HomeEvent:
    """There is a new plan; ``moves`` say what is other than in the one before."""
    return HomeEvent(
        EVENT_PLAN_CHANGED,
        {
            "status": plan.status.value,
            "start": plan.start.isoformat(),
            "end": plan.end.isoformat(),
            "cost": round(sum(plan.cost.values()), 4),
            "currency": plan.currency,
            "billing": NOT_FOR_BILLING,
            "moved": list(moves),
        },
    )


def limit_json(limit: PowerLimit) -> dict[str, Any]:
    """Return a limit as events, actions and the dashboard show it."""
    return {
        "limit_id": limit.limit_id,
        "source": limit.source.value,
        "issuer": limit.issuer,
        "direction": limit.direction.value,
        "scope": limit.scope.value,
        "limit_w": limit.limit_w,
        "start": limit.start.isoformat() if limit.start else None,
        "end": limit.end.isoformat() if limit.end else None,
        "phase": limit.phase,
        "priority": limit.priority.name.lower(),
    }
