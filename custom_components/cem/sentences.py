"""Why a device does what it does, in a sentence for the person who asks."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from homeassistant.util import dt as dt_util

from cem_core.model import Action, Balance, Cause, Owner, PlanStep, Setpoint
from custom_components.cem.const import Charging, Kind, Mode
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.limit_names import limit_sentence
from custom_components.cem.view import planned

_SENTENCES: Final[Mapping[Cause, str]] = {
    Cause.PLAN: "Follows the plan.",
    Cause.BALANCE: "Balances: keeps the grid connection near zero.",
    Cause.LIMIT: "Turned down to keep a power limit.",
    Cause.GIVE_BACK: "Gets its power back step by step after a limit.",
    Cause.NO_PLAN: "There is no plan yet: simple rules serve.",
    Cause.METER_SILENT: "The meter is silent: only what certainly fits is allowed.",
    Cause.UNAVAILABLE: "The device does not answer.",
    Cause.PERSON: "Left to the person who changed it.",
    Cause.NOT_CONNECTED: "No car is plugged in.",
    Cause.HANDED_BACK: "Left to its own normal mode.",
}
_RUNS: Final = (Action.RUN, Action.CHARGE, Action.DISCHARGE)
_DAY: Final = timedelta(days=1)


def reason_for(home: Home, device: ControlledDevice) -> str:
    """Return the reason that the plan or the fast loop gives."""
    if not device.available:
        return f"{device.model.name} does not answer."
    if device.problem is not None:
        return f"The device refused: {device.problem}."
    order = home.snapshot.setpoints.get(device.device_id)
    if device.owner is Owner.PERSON and (
        order is None or device.ceiling.leaves_alone(order)
    ):
        return _left_to_a_person(device)
    if order is None:
        return _planned_reason(home, device)
    return _of_limit(home, order) or _of_cause(home, device, order)


def _left_to_a_person(device: ControlledDevice) -> str:
    if device.person_until is None:
        return _SENTENCES[Cause.PERSON]
    until = clock(device.person_until)
    return f"Left to the person who changed it, until {until}."


def _of_limit(home: Home, order: Setpoint) -> str | None:
    for limit in home.snapshot.limits:
        if limit.limit_id == order.limit_id:
            return limit_sentence(limit, clock(limit.end) if limit.end else None)
    return None


def _of_cause(home: Home, device: ControlledDevice, order: Setpoint) -> str:
    if order.cause is Cause.HANDED_BACK and home.mode is Mode.OBSERVE:
        return "The CEM only observes."
    advised = order.cause is Cause.HANDED_BACK and home.mode is Mode.ADVISE
    if order.cause in (Cause.PLAN, Cause.BALANCE) or advised:
        return _planned_reason(home, device)
    if order.cause is Cause.HANDED_BACK and not device.control:
        return "Its control is switched off: left to its own normal mode."
    return _SENTENCES[order.cause]


def _planned_reason(home: Home, device: ControlledDevice) -> str:
    """Return the plan's own sentence, else what can be told from its steps."""
    if home.plan is None:
        return _SENTENCES[Cause.NO_PLAN]
    now = dt_util.utcnow()
    for reason in home.plan.reasons:
        if reason.device_id == device.device_id and reason.start <= now < reason.end:
            return reason.text
    return _OTHERWISE[device.kind](home, device, planned(home, device))


def _battery(home: Home, device: ControlledDevice, step: PlanStep | None) -> str:
    if step is not None and step.action is Action.BALANCE:
        match step.balance:
            case Balance.COVER:
                return "Covers what the house draws, so that nothing is bought."
            case Balance.STORE:
                return "Stores surplus, so that nothing is sold."
            case _:
                return _SENTENCES[Cause.BALANCE]
    if step is None and device.state_of_charge is None:
        return "Not planned: its state of charge is not known."
    return _until_the_next_run(home, device, "Rests")


def _ev_charger(home: Home, device: ControlledDevice, step: PlanStep | None) -> str:
    if device.connected is not True:
        return _SENTENCES[Cause.NOT_CONNECTED]
    if device.charging is Charging.NOT_TONIGHT:
        return "Not tonight, as was wished: the car is not charged."
    if device.energy_wanted_kwh <= 0:
        return "The car has what it needs."
    if step is not None and step.action is Action.BALANCE:
        return "Charges on surplus alone: a kWh sold brings less."
    return _until_the_next_run(home, device, "Waits")


def _heat_pump(home: Home, device: ControlledDevice, step: PlanStep | None) -> str:
    if step is not None and step.action is Action.RUN:
        return "Heats as planned."
    return _until_the_next_run(home, device, "Off")


def _appliance(home: Home, device: ControlledDevice, step: PlanStep | None) -> str:
    del step
    if device.running:
        return "Runs; a run is never interrupted."
    if device.connected is False:
        return "Waits until it is filled and ready."
    start = next_run(home, device)
    if start is not None:
        return f"Starts at {clock(start)}."
    return f"No run fits before {_end(home)}."


def _solar(home: Home, device: ControlledDevice, step: PlanStep | None) -> str:
    del home, step
    if not device.controllable:
        return "Produces all it can; it is not curtailed."
    return "Produces all it can."


def _until_the_next_run(home: Home, device: ControlledDevice, doing: str) -> str:
    """Say until when, and why: what the plan says of the next run."""
    start = next_run(home, device)
    if start is None:
        return f"{doing}: nothing is planned before {_end(home)}."
    why = next(
        (
            f" {reason.text}"
            for reason in (home.plan.reasons if home.plan else ())
            if reason.device_id == device.device_id
            and reason.start <= start < reason.end
        ),
        "",
    )
    return f"{doing} until {clock(start)}, the next planned run.{why}"


def next_run(home: Home, device: ControlledDevice) -> datetime | None:
    """Return when the plan next has the device draw or give power."""
    plan = home.plan
    course = plan.devices.get(device.device_id) if plan else None
    if plan is None or course is None:
        return None
    now = dt_util.utcnow()
    for place, step in enumerate(course.steps):
        start = plan.start + place * plan.step
        if start > now and step.action in _RUNS and step.power_w != 0:
            return start
    return None


def _end(home: Home) -> str:
    return clock(home.plan.end) if home.plan else "then"


def clock(time: datetime) -> str:
    """Return ``time`` as a clock in the home shows it, a later day by its name."""
    local, today = dt_util.as_local(time), dt_util.now().date()
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.date() == today + _DAY:
        return f"{local:%H:%M} tomorrow"
    return f"{local:%H:%M} on {local:%-d %B}"


type Otherwise = Callable[[Home, ControlledDevice, PlanStep | None], str]

_OTHERWISE: Final[Mapping[Kind, Otherwise]] = {
    Kind.BATTERY: _battery,
    Kind.EV_CHARGER: _ev_charger,
    Kind.HEAT_PUMP: _heat_pump,
    Kind.APPLIANCE: _appliance,
    Kind.SOLAR: _solar,
}
