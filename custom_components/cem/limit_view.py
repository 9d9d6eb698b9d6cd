"""Limits as entities and the dashboard show them: which holds, who, why, until when."""

from collections.abc import Mapping
from typing import Any

from homeassistant.util import dt as dt_util

from cem_core.limits import Level
from cem_core.limits.near_limit import CONNECTION_IMPORT
from cem_core.model import Direction, Message, PowerLimit, Scope
from cem_core.model.message_json import message_to_json
from custom_components.cem.events import limit_json
from custom_components.cem.home import Home
from custom_components.cem.language import renderer
from custom_components.cem.limit_names import limit_names

type Json = dict[str, Any]


class LimitView:
    """Puts the limits of a home together as they are now."""

    def __init__(self, home: Home) -> None:
        """Look at ``home``."""
        self._home = home
        self._renderer = renderer(home.hass)
        announced = home.store.orders.announced(dt_util.utcnow())
        self._announced = announced
        self._beside = home.settings.beside_totals
        self._names: Mapping[str, Message] = limit_names(
            (*home.snapshot.limits, *announced, *self._beside)
        )

    def totals(self) -> list[Json]:
        """Return the limits on the total: those in force and those that wait."""
        found = [x for x in self._home.snapshot.limits if x.phase is None]
        return [self._limit(limit) for limit in found]

    def of_phases(self) -> list[Json]:
        """Return the limits in force on each phase, and those that bound no total."""
        in_force = self._home.snapshot.in_force.per_phase.values()
        return [self._said(limit) for limit in (*in_force, *self._beside)]

    def announced(self) -> list[Json]:
        """Return the orders that start later, the next one first."""
        return [self._said(limit) for limit in self._announced]

    def _limit(self, limit: PowerLimit) -> Json:
        snapshot, side = self._home.snapshot, (limit.direction, limit.scope)
        power_w = snapshot.powers_w.get(side)
        holds = limit in snapshot.in_force
        levels = {near.limit_id: level for near, level in snapshot.near}
        level = levels.get(limit.limit_id, Level.CLEAR)
        cuts = level is not Level.CLEAR and side == CONNECTION_IMPORT
        trip_s = snapshot.trip_s if cuts else None
        return self._said(limit) | {
            "in_force": holds,
            "power_w": power_w,
            "distance_w": None if power_w is None else limit.limit_w - power_w,
            "near": level is not Level.CLEAR,
            "level": level.word,
            "seconds_to_trip": trip_s,
        }

    def _said(self, limit: PowerLimit) -> Json:
        reason = limit.reason
        return limit_json(limit) | {
            "name": self._renderer.text(self._names[limit.limit_id]),
            "reason": None if reason is None else self._renderer.text(reason),
            "reason_message": None if reason is None else message_to_json(reason),
        }


def why(home: Home, direction: Direction, scope: Scope) -> Json:
    """Return who holds a side down and why, and whose limits wait behind it."""
    limit = home.snapshot.in_force.get(direction, scope)
    if limit is None:
        return {}
    reason = limit.reason
    waiting = [
        x.limit_id
        for x in home.snapshot.limits
        if (x.direction, x.scope, x.phase) == (direction, scope, None)
        and x not in home.snapshot.in_force
    ]
    return {
        "limit_id": limit.limit_id,
        "source": limit.source.value,
        "issuer": limit.issuer,
        "priority": limit.priority.name.lower(),
        "reason": None if reason is None else renderer(home.hass).text(reason),
        "waiting": waiting,
    }
