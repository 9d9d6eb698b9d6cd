"""PLAN as the dashboard and the action show it: with names and sizes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from homeassistant.util import dt as dt_util

from cem_core.model import Message, Plan, Reason, Relaxation
from cem_core.model.message import Value, renamed
from cem_core.model.message_json import message_to_json
from cem_core.model.render import Renderer
from cem_core.model.units import kw
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.language import home_clock, renderer

type Json = dict[str, Any]


def with_names(home: Home, plan: Plan, limit_names: Mapping[str, Message]) -> Plan:
    """Return the plan with its ids in messages as what people say for them."""
    devices = {d.device_id: d.model.name for d in home.devices.values()}
    names: dict[str, Mapping[str, Value]] = {"limit": limit_names, "device": devices}
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


def show_plan(home: Home, plan: Plan, document: Json | None = None) -> Json:
    """Return the plan in the worker's document, or in that form one by rules.

    Its texts are in Home Assistant's language, with times of day alone: it is
    shown until there is a new one.
    """
    say = renderer(home.hass, home_clock)
    shown = _by_rules(home, plan) if document is None else document
    return shown | {
        "created_at": plan.created_at.isoformat(),
        "names": {d.device_id: d.model.name for d in home.devices.values()},
        "battery_capacity_kwh": {
            d.device_id: d.data["capacity"]
            for d in home.devices.values()
            if d.kind is Kind.BATTERY
        },
        "reasons": [_reason(reason, say) for reason in plan.reasons],
        "relaxed": [_relaxation(entry, say) for entry in plan.relaxed],
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
    times = [plan.start + index * plan.step for index in range(plan.steps)]
    return {
        "status": plan.status.value,
        "currency": plan.currency,
        "cost": dict(plan.cost),
        "times": [dt_util.as_local(time).isoformat() for time in times],
        "step_minutes": round(plan.step.total_seconds() / 60),
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
