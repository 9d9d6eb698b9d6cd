"""PLAN as the dashboard and the action show it: with names and sizes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, Final

from homeassistant.util import dt as dt_util

from cem_core.model import Message, Plan, Reason, Relaxation
from cem_core.model.message import Value, renamed
from cem_core.model.message_json import message_from_json, message_to_json
from cem_core.model.render import Renderer
from cem_core.model.units import kw
from cem_core.model.wish import Wish
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.language import home_clock, renderer
from optimizer.moved import Move, largest, moved

type Json = dict[str, Any]

_MOST_MOVES: Final = 5


def with_names(home: Home, plan: Plan, limit_names: Mapping[str, Message]) -> Plan:
    """Return the plan with its ids in messages as what people say for them."""
    names = _names(home, limit_names)
    return replace(
        plan,
        reasons=tuple(
            replace(reason, message=renamed(reason.message, names))
            for reason in plan.reasons
        ),
        relaxed=tuple(
            replace(entry, message=renamed(entry.message, names))
            for entry in plan.relaxed
        ),
    )


def as_wished(plan: Plan, document: Json, wishes: Sequence[Wish]) -> Plan:
    """Return the plan with the wish as the reason of what is done because of it."""
    kept = [
        (wish, message_from_json(said))
        for wish, said in zip(wishes, document.get("wishes", ()), strict=True)
        if said["kept"]
    ]

    def because(reason: Reason) -> Message:
        for wish, message in kept:
            meant = wish.device_id == reason.device_id and reason.start < wish.until
            if meant and reason.end > wish.start:
                return message
        return reason.message

    return replace(
        plan,
        reasons=tuple(replace(each, message=because(each)) for each in plan.reasons),
    )


def _names(
    home: Home, limit_names: Mapping[str, Message]
) -> Mapping[str, Mapping[str, Value]]:
    devices = {d.device_id: d.model.name for d in home.devices.values()}
    return {"limit": limit_names, "device": devices}


def show_alternative(
    home: Home, document: Json, limit_names: Mapping[str, Message]
) -> Json:
    """Return the worker's answer to a wish with names, in Home Assistant's language."""
    return _shown(home, document, limit_names, ("moved", "relaxed"))


def show_limit_cost(
    home: Home, document: Json, limit_names: Mapping[str, Message]
) -> Json:
    """Return the worker's word on what limits cost with names, in the same way."""
    return _shown(home, document, limit_names, ("moved", "missed"))


def _shown(
    home: Home,
    document: Json,
    limit_names: Mapping[str, Message],
    parts: Iterable[str],
) -> Json:
    names, say = _names(home, limit_names), renderer(home.hass)

    def shown(entry: Json) -> Json:
        message = renamed(message_from_json(entry), names)
        return entry | {"text": say.text(message), **message_to_json(message)}

    return shown(document) | {
        name: [shown(entry) for entry in document[name]] for name in parts
    }


def show_wishes(home: Home, document: Json, wishes: Sequence[Wish]) -> list[Json]:
    """Return the wishes that a plan was made with, and whether they are kept."""
    names, say = _names(home, {}), renderer(home.hass, home_clock)
    shown = []
    for wish, said in zip(wishes, document.get("wishes", ()), strict=True):
        message = renamed(message_from_json(said), names)
        shown.append(
            wish.shown()
            | {"kept": said["kept"], "text": say.text(message)}
            | message_to_json(message)
        )
    return shown


def show_moves(home: Home, old: Json | None, new: Json) -> list[Json]:
    """Return in short what moved most from one shown plan to the next."""
    if old is None:
        return []
    names, say = _names(home, {}), renderer(home.hass)

    def shown(move: Move) -> Json:
        message = renamed(move.message, names)
        return {
            "device": move.device,
            "start": move.start.isoformat(),
            "end": move.end.isoformat(),
            "energy_kwh": round(move.energy_kwh, 2),
            "text": say.text(message),
            **message_to_json(message),
        }

    return [shown(move) for move in largest(moved(old, new), _MOST_MOVES)]


def show_plan(
    home: Home,
    plan: Plan,
    document: Json | None = None,
    prices_known_until: datetime | None = None,
) -> Json:
    """Return the plan in the worker's document, or in that form one by rules.

    Import prices after ``prices_known_until`` are expected ones; None: all known.
    Its texts are in Home Assistant's language, with times of day alone: it is
    shown until there is a new one.
    """
    say = renderer(home.hass, home_clock)
    shown = _by_rules(home, plan) if document is None else document
    return shown | {
        "devices": _as_they_are(home, shown["devices"]),
        "created_at": plan.created_at.isoformat(),
        "prices_known_until": None
        if prices_known_until is None
        else dt_util.as_local(prices_known_until).isoformat(),
        "names": {d.device_id: d.model.name for d in home.devices.values()},
        "battery_capacity_kwh": {
            d.device_id: d.data["capacity"]
            for d in home.devices.values()
            if d.kind is Kind.BATTERY
        },
        "reasons": [_reason(reason, say) for reason in plan.reasons],
        "relaxed": [_relaxation(entry, say) for entry in plan.relaxed],
    }


def _as_they_are(home: Home, devices: Json) -> Json:
    """Return devices as the kind that they have here: S2 may plan one as another."""
    return {
        name: device | {"kind": home.devices[name].kind.value}
        if name in home.devices
        else device
        for name, device in devices.items()
    }


def _reason(reason: Reason, say: Renderer) -> Json:
    return {
        "device": reason.device_id,
        "start": dt_util.as_local(reason.start).isoformat(),
        "end": dt_util.as_local(reason.end).isoformat(),
        "text": say.text(reason.message),
        **message_to_json(reason.message),
        "saving": reason.saving,
        "limited_by": reason.limited_by,
    }


def _relaxation(entry: Relaxation, say: Renderer) -> Json:
    return {
        "constraint": entry.constraint,
        "by": entry.by,
        "unit": entry.unit,
        "text": say.text(entry.message),
        **message_to_json(entry.message),
    }


def _by_rules(home: Home, plan: Plan) -> Json:
    edges = [dt_util.as_local(edge).isoformat() for edge in plan.edges]
    lengths = [end - begin for begin, end in pairwise(plan.edges)]
    return {
        "status": plan.status.value,
        "currency": plan.currency,
        "cost": dict(plan.cost),
        "times": edges[:-1],
        "minutes": [length / timedelta(minutes=1) for length in lengths],
        "grid": {"import_kw": [], "export_kw": []},
        "prices": {"import": [], "export": []},
        "load_kw": [],
        "limits": [],
        "devices": {
            device_id: {
                "kind": home.devices[device_id].kind.value,
                "power_kw": [kw(step.power_w) for step in device.steps],
                "action": [step.action.value for step in device.steps],
                "balance": [
                    step.balance.value if step.balance else None
                    for step in device.steps
                ],
            }
            for device_id, device in plan.devices.items()
        },
    }
