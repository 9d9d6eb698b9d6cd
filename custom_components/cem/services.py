"""Actions: order a limit, end one's own, get the plan, plan anew, charge, ask."""

from datetime import timedelta
import json
from typing import Final
from uuid import uuid4

from homeassistant.auth.models import User
from homeassistant.core import (
    Context,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
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
from cem_core.model.role import Right
from custom_components.cem import wishes
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.calls import device_named, home_of, refuse
from custom_components.cem.car_needs import departs, next_at
from custom_components.cem.car_wish import CarWish
from custom_components.cem.const import AUTOMATION, DOMAIN, Charging, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.events import limit_json
from custom_components.cem.home import Home
from custom_components.cem.notice_services import (
    SHED_NOW,
    SNOOZE_NOTICES,
    async_shed_now,
    async_snooze_notices,
)
from custom_components.cem.obedience import CannotTestError
from custom_components.cem.person_services import CHOOSE_MESSAGES, async_choose_messages
from custom_components.cem.profile_services import (
    BOOST_SCHEMA,
    SET_PROFILE_SCHEMA,
    async_boost_device,
    async_choose_profile,
)
from custom_components.cem.roles import Action, async_require
from custom_components.cem.view import ready_at
from custom_components.cem.what_if import WHAT_IF, async_what_if

_MOST_W: Final = 10_000_000
_LONGEST_ID: Final = 64
_LONGEST: Final = timedelta(days=3660)
_PRIORITIES: Final = {each.name.lower(): each for each in Priority}
_ENTRY: Final = {probatio.Optional("config_entry_id"): cv.string}
ORDER_LIMIT: Final = ActionSchema(
    {
        **_ENTRY,
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
END_LIMIT: Final = ActionSchema({**_ENTRY, probatio.Required("limit_id"): cv.string})
HOME_ONLY: Final = ActionSchema(_ENTRY)
CHARGE: Final = ActionSchema(
    {
        **_ENTRY,
        probatio.Required("device"): cv.string,
        probatio.Required("when"): probatio.Coerce(Charging),
    }
)
SET_DEPARTURE: Final = ActionSchema(
    {
        **_ENTRY,
        probatio.Required("device"): cv.string,
        probatio.Exclusive("departure", "departure"): cv.datetime,
        probatio.Exclusive("departure_time", "departure"): cv.time,
        probatio.Optional("energy_kwh"): probatio.All(
            probatio.Coerce(float), probatio.Range(min=0, max=1000)
        ),
        probatio.Optional("priority", default=0): probatio.All(
            probatio.Coerce(int), probatio.Range(min=-10, max=10)
        ),
    }
)
GET_EVIDENCE: Final = ActionSchema(
    {
        **_ENTRY,
        probatio.Optional("start"): cv.datetime,
        probatio.Optional("end"): cv.datetime,
    }
)
ONE_DEVICE: Final = ActionSchema({**_ENTRY, probatio.Required("device"): cv.string})


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions."""
    table = (
        ("order_limit", _order_limit, ORDER_LIMIT, SupportsResponse.OPTIONAL),
        ("end_limit", _end_limit, END_LIMIT, SupportsResponse.OPTIONAL),
        ("get_plan", _get_plan, HOME_ONLY, SupportsResponse.ONLY),
        ("get_evidence", _get_evidence, GET_EVIDENCE, SupportsResponse.ONLY),
        ("replan", needs(Right.WISH, _replan), HOME_ONLY, SupportsResponse.OPTIONAL),
        ("charge", needs(Right.WISH, _charge), CHARGE, SupportsResponse.NONE),
        (
            "set_departure",
            needs(Right.WISH, _set_departure),
            SET_DEPARTURE,
            SupportsResponse.OPTIONAL,
        ),
        (
            "forget_learned",
            needs(Right.INSTALL, _forget_learned),
            ONE_DEVICE,
            SupportsResponse.NONE,
        ),
        (
            "test_device",
            needs(Right.INSTALL, _test_device),
            ONE_DEVICE,
            SupportsResponse.OPTIONAL,
        ),
        (
            "shed_now",
            needs(Right.WISH, async_shed_now),
            SHED_NOW,
            SupportsResponse.OPTIONAL,
        ),
        (
            "snooze_notices",
            needs(Right.WISH, async_snooze_notices),
            SNOOZE_NOTICES,
            SupportsResponse.NONE,
        ),
        (
            "choose_messages",
            needs(Right.WISH, async_choose_messages),
            CHOOSE_MESSAGES,
            SupportsResponse.NONE,
        ),
        ("what_if", async_what_if, WHAT_IF, SupportsResponse.ONLY),
        (
            "set_profile",
            needs(Right.WISH, async_choose_profile),
            SET_PROFILE_SCHEMA,
            SupportsResponse.NONE,
        ),
        (
            "boost",
            needs(Right.WISH, async_boost_device),
            BOOST_SCHEMA,
            SupportsResponse.OPTIONAL,
        ),
    )
    for name, action, schema, response in table:
        hass.services.async_register(
            DOMAIN, name, action, schema=schema, supports_response=response
        )


def needs[T](right: Right, action: Action[T]) -> Action[T]:
    """Return ``action`` for those alone who have ``right`` in the home it names."""

    async def checked(call: ServiceCall) -> T:
        home = home_of(call.hass, call.data.get("config_entry_id"))
        await async_require(home, call.context, right)
        return await action(call)

    return checked


class NotAllowedError(Unauthorized):
    """Who asks may not order limits here."""

    def __init__(self, context: Context) -> None:
        """Say so in the user's own language."""
        super().__init__(context=context)
        self.translation_domain = DOMAIN
        self.translation_key = "not_allowed"
        self.generate_message = True


async def _user(hass: HomeAssistant, call: ServiceCall) -> User | None:
    if call.context.user_id is None:
        return None
    return await hass.auth.async_get_user(call.context.user_id)


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


async def _order_limit(call: ServiceCall) -> ServiceResponse:
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


async def _end_limit(call: ServiceCall) -> ServiceResponse:
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


async def _get_plan(call: ServiceCall) -> ServiceResponse:
    """Return the plan as it is."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    if home.plan_document is None:
        raise refuse("no_plan")
    return home.plan_document


async def _get_evidence(call: ServiceCall) -> ServiceResponse:
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


async def _replan(call: ServiceCall) -> ServiceResponse:
    """Plan now and tell how it went."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    await home.replan_now()
    if home.plan is None:
        raise refuse("no_plan")
    created = home.plan.created_at.isoformat()
    return {"status": home.plan.status.value, "created_at": created}


async def _charge(call: ServiceCall) -> None:
    """Charge now, as planned, or not tonight."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    device = _charger(home, call.data["device"])
    await wishes.async_set_charging(home, device, call.data["when"])


async def _set_departure(call: ServiceCall) -> ServiceResponse:
    """Take when the car leaves and what it needs; tell when it will be ready."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    device = _charger(home, call.data["device"])
    if device.connected is not True:
        raise refuse("no_car", device=device.model.name)
    now = dt_util.utcnow()
    departs_at = call.data.get("departure")
    if departs_at is not None:
        departs_at = dt_util.as_utc(departs_at)
    elif "departure_time" in call.data:
        departs_at = next_at(call.data["departure_time"], after=now)
    if departs_at is not None and departs_at <= now:
        raise refuse("time_passed", time=dt_util.as_local(departs_at).isoformat())
    energy_kwh: float | None = call.data.get("energy_kwh")
    session_wh = None
    if energy_kwh is not None:
        session_wh = device.session.energy_wh + energy_kwh * 1000
    wish = CarWish(
        departs_at=departs_at,
        session_wh=session_wh,
        priority=call.data["priority"],
    )
    await wishes.async_set_departure(home, device, wish)
    if call.return_response:
        await home.replan_now()
    ready, leaves = ready_at(home, device), departs(device, after=now)
    return {
        "departure": leaves.isoformat(),
        "ready_at": None if ready is None else ready.isoformat(),
        "in_time": None if ready is None else ready <= leaves,
    }


async def _forget_learned(call: ServiceCall) -> None:
    """Learn a device anew from now on, from its start values."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    await wishes.async_forget_learned(home, _device(home, call.data["device"]))


async def _test_device(call: ServiceCall) -> ServiceResponse:
    """Send a small order and tell how long it took to be followed."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    device = _device(home, call.data["device"])
    try:
        followed = await home.obedience.async_test(device)
    except CannotTestError as error:
        raise refuse(str(error), device=device.model.name) from error
    slow = device.model.slow or followed is None
    return {
        "followed": followed is not None,
        "after_s": None if followed is None else followed.after_s,
        "ordered_w": None if followed is None else followed.ordered_w,
        "reaction_s": device.reaction.seconds,
        "keeps_operator_limits": not slow,
    }


def _device(home: Home, named: str) -> ControlledDevice:
    device = device_named(home, named)
    if device is None:
        raise refuse("no_device", device=named)
    return device


def _charger(home: Home, named: str) -> ControlledDevice:
    """Return the charger that is named by its plan id or its registry id."""
    device = device_named(home, named)
    if device is None or device.kind is not Kind.EV_CHARGER:
        raise refuse("no_charger", device=named)
    return device
