"""Why a device does what it does, for the person who asks."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from cem_core.model import (
    Action,
    Balance,
    Cause,
    Message,
    Owner,
    Plan,
    PlanStep,
    Protection,
    Scope,
    Setpoint,
)
from custom_components.cem.causes import in_words
from custom_components.cem.const import Charging, Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.limit_names import ceiling, turned_down, turned_up
from custom_components.cem.view import planned, stands_ready

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_MESSAGES: Final[Mapping[Cause, Message]] = {
    Cause.PLAN: Message.of("follows_plan"),
    Cause.BALANCE: Message.of("balances"),
    Cause.LIMIT: Message.of("keeps_limit"),
    Cause.GIVE_BACK: Message.of("gets_power_back"),
    Cause.NO_PLAN: Message.of("no_plan_yet"),
    Cause.METER_SILENT: Message.of("only_what_fits"),
    Cause.SHED: Message.of("turned_down_before_limit"),
    Cause.UNAVAILABLE: Message.of("does_not_answer"),
    Cause.PERSON: Message.of("left_to_person"),
    Cause.NOT_CONNECTED: Message.of("no_car"),
    Cause.HANDED_BACK: Message.of("left_to_itself"),
    Cause.FROST: Message.of("heats_against_frost"),
    Cause.HOT_CYCLE: Message.of("heats_against_germs"),
    Cause.ASKED: Message.of("as_asked_once"),
    Cause.TEST: Message.of("being_tested"),
    Cause.NOT_OBEYING: Message.of("ordered_harder"),
}
_POSTPONED: Final = {
    Protection.FROST: Message.of("frost_protection_lowered"),
    Protection.HOT_CYCLE: Message.of("hot_cycle_postponed"),
}
_RUNS: Final = (Action.RUN, Action.CHARGE, Action.DISCHARGE)


def reason_for(home: Home, device: ControlledDevice) -> Message:
    """Return the reason that the plan or the fast loop gives."""
    if not device.available:
        return Message.of("device_silent", device=device.model.name)
    if device.problem is not None:
        return Message.of("device_refused", cause=in_words(device.problem))
    order = home.snapshot.setpoints.get(device.device_id)
    if device.owner is Owner.PERSON and (
        order is None or device.ceiling.leaves_alone(order)
    ):
        return _left_to_a_person(device)
    if order is None:
        return _planned_reason(home, device)
    if (limited := _of_limit(home, order)) is None:
        return _of_cause(home, device, order)
    state = home.snapshot.states[device.device_id]
    postponed = None if state.protection is None else _POSTPONED[state.protection]
    return limited if postponed is None else limited.then(postponed)


def _left_to_a_person(device: ControlledDevice) -> Message:
    if device.person_until is None:
        return _MESSAGES[Cause.PERSON]
    return Message.of("left_to_person_until", end_time=device.person_until)


def _of_limit(home: Home, order: Setpoint) -> Message | None:
    for limit in (*home.snapshot.limits, *home.settings.beside_totals):
        if limit.limit_id == order.limit_id:
            if stands_ready(home, order):
                return ceiling(limit, order)
            said = turned_up(limit, order) or turned_down(limit)
            # What is at the connection is not known: the least that keeps the limit.
            unseen = home.snapshot.meter_silent and limit.scope is Scope.CONNECTION
            return _MESSAGES[Cause.METER_SILENT].then(said) if unseen else said
    return None


def _of_cause(home: Home, device: ControlledDevice, order: Setpoint) -> Message:
    if order.cause is Cause.HANDED_BACK and home.mode is Mode.OBSERVE:
        return Message.of("only_observes")
    advised = order.cause is Cause.HANDED_BACK and home.mode is Mode.ADVISE
    if order.cause in (Cause.PLAN, Cause.BALANCE) or advised:
        return _planned_reason(home, device)
    if order.cause is Cause.HANDED_BACK and not device.control:
        return Message.of("control_is_off")
    if order.cause is Cause.POWER_CUT:
        return _after_power_cut(home, device)
    if order.cause is Cause.NO_PLAN and device.kind is Kind.APPLIANCE:
        # A plan has no run that has begun, or that nobody has made ready.
        return _without_run(device) or _MESSAGES[Cause.NO_PLAN]
    return _MESSAGES[order.cause]


def _after_power_cut(home: Home, device: ControlledDevice) -> Message:
    free_at = home.power_cuts.free_at(device.device_id)
    if free_at is None:
        return Message.of("rises_after_power_cut")
    return Message.of("waits_after_power_cut", end_time=free_at)


def _planned_reason(home: Home, device: ControlledDevice) -> Message:
    """Return the plan's own reason, else what can be told from its steps."""
    if home.plan is None:
        return _MESSAGES[Cause.NO_PLAN]
    reason = reason_at(home.plan, device, dt_util.utcnow())
    if reason is None:
        reason = _OTHERWISE[device.kind](home.plan, device, planned(home, device))
    less = _counted_on(device)
    return reason if less is None else reason.then(less)


def _counted_on(device: ControlledDevice) -> Message | None:
    """Say for how much less than it is rated the plan counts on the device."""
    promise = device.promise
    if promise.stuck:
        return Message.of("plan_counts_on_nothing")
    if promise.takes_w is not None:
        return Message.of("plan_counts_on_taking", able_w=promise.takes_w)
    if promise.gives_w is not None:
        return Message.of("plan_counts_on_giving", able_w=promise.gives_w)
    return None


def reason_at(plan: Plan, device: ControlledDevice, at: datetime) -> Message | None:
    """Return why the plan has the device do what it does at ``at``."""
    reason = next(plan.reasons_for(device.device_id, at), None)
    return None if reason is None else reason.message


def _battery(plan: Plan, device: ControlledDevice, step: PlanStep | None) -> Message:
    if step is not None and step.action is Action.BALANCE:
        match step.balance:
            case Balance.COVER:
                return Message.of("covers_load")
            case Balance.STORE:
                return Message.of("stores_surplus")
            case _:
                return _MESSAGES[Cause.BALANCE]
    if step is None and device.state_of_charge is None:
        return Message.of("battery_not_planned")
    start = next_run(plan, device)
    if start is None:
        return Message.of("battery_rests", end_time=plan.end)
    until = Message.of("battery_rests_until", start_time=start)
    return _with_what_comes(until, plan, device, start)


def _ev_charger(plan: Plan, device: ControlledDevice, step: PlanStep | None) -> Message:
    if device.connected is not True:
        return _MESSAGES[Cause.NOT_CONNECTED]
    if device.charging is Charging.NOT_TONIGHT:
        return Message.of("car_not_tonight")
    if device.energy_wanted_kwh <= 0:
        return Message.of("car_has_enough")
    if step is not None and step.action is Action.BALANCE:
        return Message.of("car_charges_on_surplus")
    start = next_run(plan, device)
    if start is None:
        return Message.of("car_waits", end_time=plan.end)
    until = Message.of("car_waits_until", start_time=start)
    return _with_what_comes(until, plan, device, start)


def _heat_pump(plan: Plan, device: ControlledDevice, step: PlanStep | None) -> Message:
    if step is not None and step.action is Action.RUN:
        return Message.of("heats_as_planned")
    start = next_run(plan, device)
    if start is None:
        return Message.of("heat_pump_off", end_time=plan.end)
    until = Message.of("heat_pump_off_until", start_time=start)
    return _with_what_comes(until, plan, device, start)


def _water_heater(
    plan: Plan, device: ControlledDevice, step: PlanStep | None
) -> Message:
    if step is not None and step.action is Action.RUN:
        return Message.of("water_heats_as_planned")
    start = next_run(plan, device)
    if start is None:
        return Message.of("water_heater_off", end_time=plan.end)
    until = Message.of("water_heater_off_until", start_time=start)
    return _with_what_comes(until, plan, device, start)


def _with_what_comes(
    until: Message, plan: Plan, device: ControlledDevice, start: datetime
) -> Message:
    """Say also what the plan says of the next run."""
    why = reason_at(plan, device, start)
    return until if why is None else until.then(why)


def _appliance(plan: Plan, device: ControlledDevice, step: PlanStep | None) -> Message:
    del step
    if (said := _without_run(device)) is not None:
        return said
    start = next_run(plan, device)
    if start is None:
        return Message.of("appliance_does_not_fit", end_time=plan.end)
    return Message.of("appliance_starts", start_time=start)


def _without_run(device: ControlledDevice) -> Message | None:
    """Return why there is no run to plan, None: there is one."""
    if device.running:
        return Message.of("appliance_never_interrupted")
    if device.connected is False:
        return Message.of("appliance_not_ready")
    return None


def _solar(plan: Plan, device: ControlledDevice, step: PlanStep | None) -> Message:
    del plan, step
    if not device.controllable:
        return Message.of("solar_not_curtailed")
    return Message.of("solar_produces")


def next_run(plan: Plan, device: ControlledDevice) -> datetime | None:
    """Return when the plan next has the device draw or give power."""
    course = plan.devices.get(device.device_id)
    if course is None:
        return None
    now = dt_util.utcnow()
    for start, step in zip(plan.edges, course.steps, strict=False):
        if start > now and step.action in _RUNS and step.power_w != 0:
            return start
    return None


type Otherwise = Callable[[Plan, ControlledDevice, PlanStep | None], Message]

_OTHERWISE: Final[Mapping[Kind, Otherwise]] = {
    Kind.BATTERY: _battery,
    Kind.EV_CHARGER: _ev_charger,
    Kind.HEAT_PUMP: _heat_pump,
    Kind.WATER_HEATER: _water_heater,
    Kind.APPLIANCE: _appliance,
    Kind.SOLAR: _solar,
}
