"""Actions: order a limit, end one's own, get what proves that limits were kept."""

from datetime import timedelta
import json
from typing import Final
from uuid import uuid4

from homeassistant.auth.models import User
from homeassistant.core import Context, HomeAssistant, ServiceCall, ServiceResponse
from homeassistant.exceptions import Unauthorized
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio

from cem_core.evidence import EvidenceError
from cem_core.limits import LimitError
from cem_core.limits.limit_message import LONGEST_REASON
from cem_core.model import (
    Basis,
    Direction,
    LimitSource,
    Message,
    PowerLimit,
    Priority,
    Scope,
)
from cem_core.model.limit import DRAW
from custom_components.cem import wishes
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.calls import HOME, home_of, refuse
from custom_components.cem.const import AUTOMATION, DOMAIN
from custom_components.cem.events import limit_json
from custom_components.cem.home import Home

_MOST_W: Final = 10_000_000
_LONGEST_ID: Final = 64
_LONGEST: Final = timedelta(days=3660)
_PRIORITIES: Final = {each.name.lower(): each for each in Priority}
ORDER_LIMIT: Final = ActionSchema(
    {
        **HOME,
        probatio.Optional("limit_id"): probatio.All(
            cv.string, probatio.Length(min=1, max=_LONGEST_ID)
        ),
        probatio.Required("direction"): probatio.Coerce(Direction),
        probatio.Required("scope"): probatio.Coerce(Scope),
        probatio.Optional("basis", default=Basis.CONSUMPTION): probatio.Coerce(Basis),
        probatio.Required("limit_w"): probatio.All(
            probatio.Coerce(int), probatio.Range(min=0, max=_MOST_W)
        ),
        probatio.Optional("start"): cv.datetime,
        probatio.Exclusive("end", "end"): cv.datetime,
        probatio.Exclusive("duration", "end"): probatio.All(
            cv.positive_time_period, probatio.Range(max=_LONGEST)
        ),
        probatio.Optional("priority", default="obligation"): probatio.In(_PRIORITIES),
        probatio.Optional("reason"): probatio.All(
            cv.string, probatio.Length(min=1, max=LONGEST_REASON)
        ),
    }
)
END_LIMIT: Final = ActionSchema({**HOME, probatio.Required("limit_id"): cv.string})
GET_EVIDENCE: Final = ActionSchema(
    {
        **HOME,
        probatio.Optional("start"): cv.datetime,
        probatio.Optional("end"): cv.datetime,
    }
)


async def async_order_limit(call: ServiceCall) -> ServiceResponse:
    """Order a limit and tell its id."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    issuer, _ = await _issuer(home, call)
    now = dt_util.utcnow()
    start = max(now, dt_util.as_utc(call.data.get("start", now)))
    end = call.data.get("end")
    if end is not None:
        end = dt_util.as_utc(end)
    duration: timedelta | None = call.data.get("duration")
    if duration is not None:
        end = start + duration
    if end is not None and end <= now:
        raise refuse("end_passed", end=dt_util.as_local(end).isoformat())
    if end is not None and end <= start:
        raise refuse(
            "ends_before_start",
            start=dt_util.as_local(start).isoformat(),
            end=dt_util.as_local(end).isoformat(),
        )
    limit_id: str = call.data.get("limit_id", uuid4().hex[:12])
    for held in home.snapshot.limits:
        if held.limit_id == limit_id and held.source is not LimitSource.ORDER:
            raise refuse("limit_id_taken", limit_id=limit_id, source=held.source)
    side, basis = (call.data["direction"], call.data["scope"]), call.data["basis"]
    if basis is Basis.GRID_DRAW and side != DRAW:
        raise refuse("basis_needs_controllable")
    reason = call.data.get("reason")
    limit = PowerLimit(
        limit_id=limit_id,
        source=LimitSource.ORDER,
        issuer=issuer,
        direction=call.data["direction"],
        scope=call.data["scope"],
        limit_w=call.data["limit_w"],
        basis=basis,
        start=start,
        end=end,
        priority=_PRIORITIES[call.data["priority"]],
        reason=None if reason is None else Message.of("issuer_says", text=reason),
    )
    try:
        await wishes.async_order(home, limit, by_clock=_names_times(call))
    except LimitError as error:
        raise refuse("limit_refused", reason=str(error)) from error
    return limit_json(limit)


def _names_times(call: ServiceCall) -> bool:
    """Tell whether a limit was ordered for times of day, not from now for so long."""
    return "start" in call.data or "end" in call.data


async def async_end_limit(call: ServiceCall) -> ServiceResponse:
    """End a limit that the caller ordered."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    issuer, administrator = await _issuer(home, call)
    try:
        limit = await wishes.async_end(
            home, call.data["limit_id"], issuer, administrator=administrator
        )
    except LimitError as error:
        raise refuse("limit_refused", reason=str(error)) from error
    return limit_json(limit)


async def async_get_evidence(call: ServiceCall) -> ServiceResponse:
    """Return what proves that limits were kept."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    user = await _user(call.hass, call)
    if call.context.user_id is not None and (user is None or not user.is_admin):
        raise NotAllowedError(call.context)
    start, end = (
        None if (time := call.data.get(name)) is None else dt_util.as_utc(time)
        for name in ("start", "end")
    )
    try:
        records, heads, faults = await home.evidence.async_read(start, end)
    except (EvidenceError, OSError) as error:
        raise refuse("evidence_unreadable", reason=str(error)) from error
    return {
        "folder": str(home.evidence.folder),
        "entries": [json.loads(record.text()) for record in records],
        "heads": [head.to_json() for head in heads],
        "faults": [{"sequence": f.sequence, "text": f.text} for f in faults],
    }


async def _issuer(home: Home, call: ServiceCall) -> tuple[str, bool]:
    """Return who orders, and whether as an administrator; refuse all others."""
    user = await _user(home.hass, call)
    if user is None:
        if call.context.user_id is not None:
            raise NotAllowedError(call.context)
        return AUTOMATION, False
    if not user.is_admin and user.id not in home.settings.limit_users:
        raise NotAllowedError(call.context)
    return await _unmistakable(home.hass, user), user.is_admin


async def _unmistakable(hass: HomeAssistant, user: User) -> str:
    """Return the user's name, with the id where somebody else goes by it too.

    By this name a source is held to its own limits.
    """
    taken = [AUTOMATION] + [
        other.name or other.id
        for other in await hass.auth.async_get_users()
        if other.id != user.id
    ]
    name = user.name or user.id
    return f"{name} ({user.id})" if name in taken else name


async def _user(hass: HomeAssistant, call: ServiceCall) -> User | None:
    if call.context.user_id is None:
        return None
    return await hass.auth.async_get_user(call.context.user_id)


class NotAllowedError(Unauthorized):
    """Who asks may not order limits here."""

    def __init__(self, context: Context) -> None:
        """Say so in the user's own language."""
        super().__init__(context=context)
        self.translation_domain = DOMAIN
        self.translation_key = "not_allowed"
        self.generate_message = True
