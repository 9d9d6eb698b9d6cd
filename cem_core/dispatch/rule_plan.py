"""The plan without a solver: what dispatch does by rule, written down as a plan.

It promises no saving. It is there so that a home without a solver has
something to show and appliances still get a start.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from cem_core.model import (
    Action,
    Balance,
    Device,
    DeviceKind,
    DevicePlan,
    DeviceState,
    Message,
    Plan,
    PlanStatus,
    PlanStep,
    Reason,
)

_STEP: Final = timedelta(minutes=15)
_STEPS: Final = 96

type Run = tuple[datetime, datetime]  # from, until


def rule_plan(
    *,
    now: datetime,
    devices: Sequence[Device],
    states: Mapping[str, DeviceState],
    earliest_starts: Mapping[str, datetime] | None = None,
    run_times: Mapping[str, timedelta] | None = None,
    step: timedelta = _STEP,
    steps: int = _STEPS,
    currency: str = "EUR",
) -> Plan:
    """Return the plan that follows from the rules alone.

    Appliances run from their ``earliest_starts`` for their ``run_times``
    (one step where that is not known); one without an earliest start waits.
    """
    start = now - (now - datetime.min.replace(tzinfo=now.tzinfo)) % step
    starts = earliest_starts or {}
    lengths = run_times or {}
    times = tuple(start + index * step for index in range(steps))
    end = start + steps * step
    plans: dict[str, DevicePlan] = {}
    reasons: list[Reason] = []
    for device in devices:
        device_id = device.device_id
        run_start = starts.get(device_id)
        block = start, end
        if device.kind is DeviceKind.APPLIANCE and run_start is not None:
            run = run_start, run_start + lengths.get(device_id, step)
            plans[device_id] = _appliance(device, times, step, run)
            block = max(start, run[0]), run[1]
        else:
            action = _step(device, states.get(device_id))
            plans[device_id] = DevicePlan(steps=(action,) * steps)
        acts = any(s.action is not Action.HOLD for s in plans[device_id].steps)
        if acts and block[0] < block[1]:
            reasons.append(_reason(device, block))
    return Plan(
        created_at=now,
        edges=(*times, end),
        status=PlanStatus.RULE,
        devices=plans,
        currency=currency,
        reasons=tuple(reasons),
    )


def _reason(device: Device, block: Run) -> Reason:
    return Reason(
        device_id=device.device_id,
        start=block[0],
        end=block[1],
        message=_message(device),
    )


def _message(device: Device) -> Message:
    match device.kind:
        case DeviceKind.SOLAR:
            return Message.of("rule_solar", device=device.name)
        case DeviceKind.BATTERY:
            return Message.of("rule_battery", device=device.name)
        case DeviceKind.EV_CHARGER:
            return Message.of("rule_ev_charger", device=device.name)
        case DeviceKind.HEAT_PUMP:
            return Message.of("rule_heat_pump", device=device.name)
        case DeviceKind.WATER_HEATER:
            return Message.of("rule_water_heater", device=device.name)
        case DeviceKind.APPLIANCE:
            return Message.of("rule_appliance", device=device.name)


def _step(device: Device, state: DeviceState | None) -> PlanStep:
    match device.kind:
        case DeviceKind.BATTERY:
            return PlanStep(action=Action.BALANCE, power_w=0, balance=Balance.BOTH)
        case DeviceKind.EV_CHARGER:
            # A session is not invented: with no car the step is empty.
            absent = state is not None and state.connected is False
            power_w = 0 if absent else device.rated_power_w
            action = Action.OFF if absent else Action.CHARGE
            return PlanStep(action=action, power_w=power_w)
        case DeviceKind.SOLAR | DeviceKind.HEAT_PUMP | DeviceKind.WATER_HEATER:
            return PlanStep(action=Action.RUN, power_w=0)
        case DeviceKind.APPLIANCE:
            return PlanStep(action=Action.HOLD, power_w=0)


def _appliance(
    device: Device, times: Sequence[datetime], step: timedelta, run: Run
) -> DevicePlan:
    running = PlanStep(action=Action.RUN, power_w=device.rated_power_w)
    waiting = PlanStep(action=Action.HOLD, power_w=0)
    run_start, run_end = run
    return DevicePlan(
        run_start=run_start,
        steps=tuple(
            running if run_start < time + step and time < run_end else waiting
            for time in times
        ),
    )
