"""What each device should do before any limit: the plan's word, or the rule's."""

from typing import Final

from cem_core.dispatch.live import Live
from cem_core.model import (
    HEATING,
    Action,
    Balance,
    Cause,
    DeviceKind,
    Owner,
    PlanStep,
    Protection,
)

# A planned mean of at least this share of the least power a device can run at
# runs it at that least power; the plan corrects itself at its next making.
_WORTH_RUNNING: Final = 0.5

# Without a plan: batteries keep the connection near its target, cars charge,
# everything else is left to itself.
_RULE_ACTION: Final = {
    DeviceKind.SOLAR: Action.RUN,
    DeviceKind.BATTERY: Action.BALANCE,
    DeviceKind.EV_CHARGER: Action.CHARGE,
    DeviceKind.HEAT_PUMP: Action.RUN,
    DeviceKind.WATER_HEATER: Action.RUN,
    DeviceKind.APPLIANCE: Action.HOLD,
}


def follow(live: Live, step: PlanStep | None, *, exports: bool) -> None:
    """Set what ``live`` should do; ``balance`` is worked out later.

    A battery that the plan discharges while nothing flows out (not ``exports``)
    covers load up to the planned power: where the load is gone it feeds in nothing.
    """
    kind = live.device.kind
    live.balance, live.covers = Balance.BOTH, False
    if not live.commanded:
        _leave_alone(live)
        return
    if live.protection is not None:
        _protect(live, live.protection)
        return
    if live.state is not None and live.state.test_w is not None:
        live.desired_w, live.cause = live.state.test_w, Cause.TEST
        live.action = _test_action(live)
        return
    if kind is DeviceKind.EV_CHARGER and not _connected(live):
        live.action, live.desired_w = Action.OFF, 0
        live.cause = Cause.NOT_CONNECTED
        return
    if step is None:
        live.action = _RULE_ACTION[kind]
        live.cause = Cause.NO_PLAN
        live.desired_w = (
            live.device.rated_power_w if kind is DeviceKind.EV_CHARGER else None
        )
        return
    live.action, live.cause = step.action, Cause.PLAN
    if step.balance is not None:
        live.balance = step.balance
    live.desired_w = _planned_w(live, step)
    if step.action is Action.DISCHARGE and not exports:
        live.balance, live.covers = Balance.COVER, True


def _protect(live: Live, protection: Protection) -> None:
    """Let it heat: against frost as it does by itself, for hot water at full power."""
    live.action = Action.RUN
    if protection is Protection.FROST:
        live.desired_w, live.cause = None, Cause.FROST
        return
    live.cause = Cause.HOT_CYCLE
    # A heat pump heats its water by a programme of its own, and the rooms in between.
    water_only = live.device.kind is DeviceKind.WATER_HEATER
    live.desired_w = live.device.rated_power_w if water_only else None


def _leave_alone(live: Live) -> None:
    state = live.state
    live.action, live.desired_w = Action.HOLD, None
    if state is not None and state.enabled and state.owner is Owner.PERSON:
        live.cause = Cause.PERSON
    else:
        live.cause = Cause.HANDED_BACK


def _test_action(live: Live) -> Action:
    if live.solar:
        return Action.CURTAIL
    if not live.desired_w:
        return Action.OFF
    if live.device.kind not in {DeviceKind.BATTERY, DeviceKind.EV_CHARGER}:
        return Action.RUN
    return Action.CHARGE if live.desired_w > 0 else Action.DISCHARGE


def _connected(live: Live) -> bool:
    # Not to know is to assume a car: an order to an empty plug does nothing.
    return live.state is None or live.state.connected is not False


def _planned_w(live: Live, step: PlanStep) -> int | None:
    kind, action = live.device.kind, step.action
    if kind is DeviceKind.SOLAR:
        return _within(live, step) if action in {Action.CURTAIL, Action.OFF} else None
    if kind is DeviceKind.APPLIANCE:
        return _run_w(live, step)
    if action in {Action.HOLD, Action.OFF}:
        return 0
    if action is Action.BALANCE and kind in HEATING:
        return None
    planned_w = step.power_w if step.order_w is None else step.order_w
    least_w = live.device.min_power_w
    if _WORTH_RUNNING * least_w <= planned_w < least_w:
        return least_w
    return live.rounded(planned_w)


def _run_w(live: Live, step: PlanStep) -> int | None:
    if step.action is Action.RUN:
        return _within(live, step)
    return 0 if step.order_w == 0 else None  # a pause of its run, or left alone


def _within(live: Live, step: PlanStep) -> int:
    # A plan may be older than the last change of the device's rated power.
    return min(max(step.power_w, 0), live.device.rated_power_w)
