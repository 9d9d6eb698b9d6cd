"""A device that does not do what it is ordered, as the plan may count on it."""

from typing import Any, Final

from cem_core.devices import Promise
from cem_core.model.units import kw
from custom_components.cem.const import Kind

type Json = dict[str, Any]

# Electronics and a pilot signal: a charger that draws no more does not charge.
_NOTHING_W: Final = 100


def promised(kind: Kind, described: Json, promise: Promise) -> Json:
    """Return ``described`` with the power that was measured where it is less."""
    if promise.whole:
        return described
    if kind is Kind.BATTERY and "charge_limit_kw" in described:
        return described | {
            "charge_limit_kw": _least(described["charge_limit_kw"], promise.takes_w),
            "discharge_limit_kw": _least(
                described["discharge_limit_kw"], promise.gives_w
            ),
        }
    if kind is Kind.EV_CHARGER and "max_power_kw" in described:
        return described | _car(described, promise.takes_w)
    return described


def _least(rated_kw: float, promised_w: int | None) -> float:
    return rated_kw if promised_w is None else min(rated_kw, kw(promised_w))


def _car(described: Json, takes_w: int | None) -> Json:
    """Return what changes: nothing to plan, or less power, within what can be set."""
    if takes_w is None:
        return {}
    if takes_w <= _NOTHING_W:
        return {"sessions": []}
    least_kw = described["min_power_kw"]
    most_kw = max(least_kw, min(described["max_power_kw"], kw(takes_w)))
    ranges = [
        part | {"max_kw": min(part["max_kw"], most_kw)}
        for part in described.get("power_ranges", ())
        if part["min_kw"] <= most_kw
    ]
    if not ranges:
        return {"max_power_kw": most_kw}
    return {"max_power_kw": ranges[-1]["max_kw"], "power_ranges": ranges}
