"""Why a device does what it does, in a sentence for the person who asks."""

from collections.abc import Mapping
from typing import Final

from homeassistant.util import dt as dt_util

from cem_core.model import Action, Cause, Owner, Setpoint
from custom_components.cem.const import Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home

_SENTENCES: Final[Mapping[Cause, str]] = {
    Cause.PLAN: "Follows the plan.",
    Cause.BALANCE: "Balances: keeps the grid connection near zero.",
    Cause.LIMIT: "Turned down to keep a power limit.",
    Cause.GIVE_BACK: "Gets its power back step by step after a limit.",
    Cause.NO_PLAN: "There is no plan: simple rules serve.",
    Cause.METER_SILENT: "The meter is silent: only what certainly fits is allowed.",
    Cause.PERSON: "Left to the person who changed it.",
    Cause.NOT_CONNECTED: "No car is plugged in.",
    Cause.UNAVAILABLE: "The device does not answer.",
    Cause.HANDED_BACK: "Left to its own normal mode.",
}

_DOING: Final[Mapping[Action, str]] = {
    Action.BALANCE: "balancing, as the grid connection needs it",
    Action.HOLD: "waiting",
    Action.CHARGE: "charging",
    Action.DISCHARGE: "discharging",
    Action.RUN: "running",
    Action.CURTAIL: "producing less",
    Action.OFF: "off",
}


def reason_for(home: Home, device: ControlledDevice) -> str:
    """Return the reason that the plan or the fast loop gives."""
    if device.problem is not None:
        return f"The device refused: {device.problem}."
    order = home.snapshot.setpoints.get(device.device_id)
    if device.owner is Owner.PERSON and (order is None or device.is_within(order)):
        return _SENTENCES[Cause.PERSON]
    if order is None:
        return _planned_reason(home, device) or _SENTENCES[Cause.PLAN]
    return _of_limit(home, order) or _of_cause(home, device, order)


def _of_limit(home: Home, order: Setpoint) -> str | None:
    for limit in home.snapshot.limits:
        if limit.limit_id == order.limit_id:
            return (
                f"Turned down to keep {limit.limit_w} W "
                f"({limit.direction.value}, {limit.scope.value}), "
                f"ordered by {limit.issuer}."
            )
    return None


def _of_cause(home: Home, device: ControlledDevice, order: Setpoint) -> str:
    if order.cause is Cause.HANDED_BACK and home.mode is Mode.OBSERVE:
        return "The CEM only observes."
    advised = order.cause is Cause.HANDED_BACK and home.mode is Mode.ADVISE
    if order.cause in (Cause.PLAN, Cause.BALANCE) or advised:
        return _planned_reason(home, device) or _doing(order)
    return _SENTENCES[order.cause]


def _planned_reason(home: Home, device: ControlledDevice) -> str | None:
    if home.plan is None:
        return _SENTENCES[Cause.NO_PLAN]
    now = dt_util.utcnow()
    for reason in home.plan.reasons:
        if reason.device_id == device.device_id and reason.start <= now < reason.end:
            return reason.text
    return None


def _doing(order: Setpoint) -> str:
    text = _DOING[order.action]
    if order.power_w is not None and order.power_w != 0:
        return f"Planned: {text} at {abs(order.power_w)} W."
    return f"Planned: {text}."
