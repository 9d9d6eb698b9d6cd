"""What a home announces: type and attributes of its event entities."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cem_core.limits import NearLimit
from cem_core.model import Plan, PowerLimit
from custom_components.cem.const import (
    EVENT_LIMIT_ENDED,
    EVENT_LIMIT_ORDERED,
    EVENT_NEAR_LIMIT,
    EVENT_NEAR_LIMIT_CLEARED,
    EVENT_NOT_OBEYING,
    EVENT_PLAN_CHANGED,
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
        | {"power_w": change.power_w, "distance_w": change.distance_w},
    )


def limit_ordered(limit: PowerLimit) -> HomeEvent:
    """Somebody ordered a limit."""
    return HomeEvent(EVENT_LIMIT_ORDERED, limit_json(limit))


def limit_ended(limit: PowerLimit) -> HomeEvent:
    """An ordered limit ended, by its time or by its issuer."""
    return HomeEvent(EVENT_LIMIT_ENDED, limit_json(limit))


def not_obeying(told: Mapping[str, Any]) -> HomeEvent:
    """A device did not do what a limit needed of it; ``told`` says what is done."""
    return HomeEvent(EVENT_NOT_OBEYING, told)


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
