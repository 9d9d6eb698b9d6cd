"""PLAN as the dashboard and the action show it: with names and sizes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from homeassistant.util import dt as dt_util

from cem_core.model import Plan
from cem_core.model.units import kw
from custom_components.cem.const import Kind
from custom_components.cem.home import Home

type Json = dict[str, Any]


def show_plan(
    home: Home, document: Json | None, created_at: datetime, plan: Plan | None = None
) -> Json:
    """Return the worker's document, or a plan by rules in its form."""
    shown = document if document is not None else {}
    if plan is not None:
        shown = _by_rules(home, plan)
    return shown | {
        "created_at": created_at.isoformat(),
        "names": {d.device_id: d.model.name for d in home.devices.values()},
        "battery_capacity_kwh": {
            d.device_id: d.data["capacity"]
            for d in home.devices.values()
            if d.kind is Kind.BATTERY
        },
    }


def with_limit_ids(document: Json, limit_ids: Mapping[str, str]) -> Json:
    """Return the plan with its limits' own ids, and what each holds back."""
    limits = [
        limit | {"id": limit_ids.get(limit["id"], limit["id"]), "name": limit["id"]}
        for limit in document["limits"]
    ]
    reasons = [
        reason | {"limited_by": _limited_by(reason["text"], limit_ids)}
        for reason in document["reasons"]
    ]
    return document | {"limits": limits, "reasons": reasons}


def _limited_by(text: str, limit_ids: Mapping[str, str]) -> str | None:
    """Return the limit that the optimiser's sentence says holds the device."""
    for name, limit_id in limit_ids.items():
        if f"Limit {name} holds" in text:
            return limit_id
    return None


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
        "relaxed": [],
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
        "reasons": [
            {
                "device": reason.device_id,
                "start": reason.start.isoformat(),
                "end": reason.end.isoformat(),
                "text": reason.text,
                "saving": reason.saving,
            }
            for reason in plan.reasons
        ],
    }
