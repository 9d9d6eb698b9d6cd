"""What is shown of a home: the same for entities and the dashboard."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from cem_core.devices.reaction import LEAST_CHANGE_W
from cem_core.model import Action, PlanStatus, PlanStep, Setpoint
from custom_components.cem.const import Kind, Mode
from custom_components.cem.controlled import ControlledDevice

if TYPE_CHECKING:
    from custom_components.cem.home import Home

# An inverter that produces less of its ceiling than this is not held back by it.
_NEAR_CEILING: Final = 0.8


def distance_w(home: Home) -> int | None:
    """Return the power that is left below the nearest limit in force."""
    distances = [
        limit.limit_w - home.snapshot.powers_w[side]
        for side, limit in home.snapshot.in_force.strictest.items()
        if side in home.snapshot.powers_w
    ]
    return min(distances, default=None)


def planned(home: Home, device: ControlledDevice) -> PlanStep | None:
    """Return what the plan has the device do now."""
    if home.plan is None:
        return None
    return home.plan.step_for(device.device_id, dt_util.utcnow())


def next_step(
    home: Home, device: ControlledDevice, now: datetime
) -> tuple[datetime, PlanStep] | None:
    """Return when the plan has the device do something else, and what; None: never."""
    plan = home.plan
    planned_for = plan.devices.get(device.device_id) if plan else None
    if plan is None or planned_for is None:
        return None
    doing = plan.step_for(device.device_id, now)
    for start, step in zip(plan.edges, planned_for.steps, strict=False):
        if start > now and (doing is None or step.action is not doing.action):
            return start, step
    return None


def obeyed(home: Home, device: ControlledDevice) -> bool | None:
    """Tell whether the device does what it is ordered; None: no order, or too early."""
    if device.device_id in home.snapshot.insisted:
        return False
    ordered_w, shown_w = device.ordered_w, device.shown_w
    order = home.snapshot.setpoints.get(device.device_id)
    if order is None or order.power_w is None or ordered_w is None or shown_w is None:
        return None
    may_draw_less = device.kind not in {Kind.BATTERY, Kind.APPLIANCE}
    off_w = shown_w - ordered_w if may_draw_less else abs(shown_w - ordered_w)
    return True if off_w <= LEAST_CHANGE_W else None


def ready_at(home: Home, device: ControlledDevice) -> datetime | None:
    """Return when the car that is plugged in is charged, None: not known.

    It is the end of the last step in which the plan charges it before it leaves.
    Without a plan, or for a car that it does not know yet, the queue says it.
    """
    by_plan, site_w = _planned_ready_at(home, device), home.settings.site_w
    if by_plan is not None or site_w is None or device.connected is not True:
        return by_plan
    states = home.snapshot.states
    return home.ready_times.of(device, home.devices, states, site_w)


def _planned_ready_at(home: Home, device: ControlledDevice) -> datetime | None:
    planned_for = home.plan.devices.get(device.device_id) if home.plan else None
    by_rule = home.plan is not None and home.plan.status is PlanStatus.RULE
    if by_rule and home.settings.site_w is not None:
        return None  # it promises nothing: the queue knows more
    if home.plan is None or planned_for is None or device.connected is not True:
        return None
    now, ready, energy_wh = dt_util.utcnow(), None, 0
    for end, step in zip(home.plan.edges[1:], planned_for.steps, strict=False):
        if end <= now:
            continue
        if step.energy_wh is not None and step.energy_wh < energy_wh:
            break  # it has left
        energy_wh = step.energy_wh or energy_wh
        if step.power_w > 0:
            ready = end
    return ready


def stands_ready(home: Home, order: Setpoint) -> bool:
    """Tell whether an inverter's ceiling only stands ready: the sun is far below it."""
    state = home.snapshot.states.get(order.device_id)
    if order.action is not Action.CURTAIL or state is None or state.power_w is None:
        return False
    ceiling_w = order.power_w
    return ceiling_w is not None and state.power_w < _NEAR_CEILING * ceiling_w


def limited_by(home: Home, device: ControlledDevice) -> str | None:
    """Return the limit that holds the device back, at once or by the plan."""
    order = home.snapshot.setpoints.get(device.device_id)
    if order is not None and order.limit_id is not None:
        return None if stands_ready(home, order) else order.limit_id
    if home.plan is None:
        return None
    by_plan = {
        reason.limited_by
        for reason in home.plan.reasons_for(device.device_id, dt_util.utcnow())
    }
    held = (limit.limit_id for limit in home.snapshot.limits)
    return next((limit_id for limit_id in held if limit_id in by_plan), None)


def action_of(home: Home, device: ControlledDevice) -> str | None:
    """Return what the device is told to do, or advised; observing: nothing."""
    order = home.snapshot.setpoints.get(device.device_id)
    if home.mode is Mode.ADVISE and (order is None or order.limit_id is None):
        step = planned(home, device)
        return step.action.value if step else None
    if order is None or (home.mode is Mode.OBSERVE and order.power_w is None):
        return None
    return order.action.value


def setpoint_w(home: Home, device: ControlledDevice) -> int | None:
    """Return the power the device is told, or advised; None: its own choice."""
    order = home.snapshot.setpoints.get(device.device_id)
    if home.mode is Mode.ADVISE and (order is None or order.limit_id is None):
        step = planned(home, device)
        # What balancing takes is known only when it is done: no number before.
        balances = step is not None and step.action is Action.BALANCE
        return step.power_w if step and not balances else None
    return None if order is None else order.power_w
