"""What each device should do before any limit: the plan's word, or the rule's."""

from collections.abc import Sequence
from typing import Final

from cem_core.dispatch.live import Live
from cem_core.dispatch.planned import Planned
from cem_core.model import (
    Action,
    Balance,
    Cause,
    DeviceKind,
    HeatUse,
    Owner,
    PlanStep,
    Protection,
)

# A third of a step is worth setting a thermostat for.
_WORTH_A_USE: Final = 1 / 3

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


def follow(live: Live, planned: Planned | None, *, exports: bool) -> None:
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
        live.action = _ordered_action(live)
        return
    if kind is DeviceKind.EV_CHARGER and not _connected(live):
        live.action, live.desired_w = Action.OFF, 0
        live.cause = Cause.NOT_CONNECTED
        return
    if live.state is not None and live.state.asked_w is not None:
        live.desired_w, live.cause = live.state.asked_w, Cause.ASKED
        live.action = _ordered_action(live)
        live.use = HeatUse.WATER if live.device.heats_water else None
        return
    if planned is None:
        live.action, live.cause = _RULE_ACTION[kind], Cause.NO_PLAN
        car = kind is DeviceKind.EV_CHARGER
        live.desired_w = live.device.rated_power_w if car else None
        return
    _take(live, planned, exports=exports)


def _take(live: Live, planned: Planned, *, exports: bool) -> None:
    """Take on a step of the plan."""
    step, order_w = planned.step, planned.order_w
    live.action, live.cause, live.desired_w = step.action, Cause.PLAN, order_w
    if step.balance is not None:
        live.balance = step.balance
    if live.device.heats_water:
        live.use = _use(live, step, planned.coming)
    if live.battery:
        if step.action is Action.DISCHARGE and not exports:
            live.balance, live.covers = Balance.COVER, True
    elif order_w and order_w < 0 and not live.may_give:
        live.action, live.desired_w = Action.HOLD, 0


def _protect(live: Live, protection: Protection) -> None:
    """Let it heat: against frost as it does by itself, for hot water at full power."""
    live.action = Action.RUN
    if protection is Protection.FROST:
        live.desired_w, live.cause = None, Cause.FROST
        return
    live.cause = Cause.HOT_CYCLE
    # A heat pump whose tank nobody sets heats it by a programme of its own, and the
    # rooms in between.
    device = live.device
    set_by_us = device.kind is DeviceKind.WATER_HEATER or device.heats_water
    live.desired_w = device.rated_power_w if set_by_us else None
    live.use = HeatUse.WATER if device.heats_water else None


def _use(live: Live, step: PlanStep, coming: Sequence[PlanStep]) -> HeatUse | None:
    """Return what a heat pump with a tank heats in a step: one, both or neither.

    At one price a plan takes turns as it happens; what was begun goes on over such
    turns, and the heat pump itself heats one after the other.
    """
    if step.hot_water_w is None:
        return None
    use = _heats(step, step.hot_water_w, live)
    if live.used and step.power_w > 0:
        for later in coming:
            use |= live.used & _heats(later, later.hot_water_w or 0, live)
    return use


def _heats(step: PlanStep, hot_water_w: int, live: Live) -> HeatUse:
    """Return what a step is for.

    Little heat for a tank is what its own thermostat asks for at its lowest
    temperature: to set it higher for that would fill it at any price.
    """
    use, worth_w = HeatUse(0), _WORTH_A_USE * live.device.rated_power_w
    if hot_water_w >= worth_w:
        use |= HeatUse.WATER
    room_w = step.power_w - hot_water_w
    if room_w >= worth_w or room_w > hot_water_w:
        use |= HeatUse.ROOM
    return use


def _leave_alone(live: Live) -> None:
    state = live.state
    live.action, live.desired_w = Action.HOLD, None
    if state is not None and state.enabled and state.owner is Owner.PERSON:
        live.cause = Cause.PERSON
    else:
        live.cause = Cause.HANDED_BACK


def _ordered_action(live: Live) -> Action:
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
