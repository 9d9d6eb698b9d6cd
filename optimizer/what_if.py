"""A wish that a plan does not have: what of it bounds which device's power."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from cem_core.model import Message
from cem_core.model.what_if import What
from optimizer.assemble import Parts
from optimizer.components import appliance, ev_charger, programme
from optimizer.components.forced import ANY_KW, Forced
from optimizer.course import drawn
from optimizer.document import InputError, Problem
from optimizer.fields import described
from optimizer.home import (
    AnyDevice,
    Appliance,
    Battery,
    EvCharger,
    Home,
    Programme,
    Solar,
)
from optimizer.horizon import Horizon
from optimizer.outcome import Outcome
from optimizer.series import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """The wish. `start` is for a car (as fast as it can) and an appliance (its run).

    `depart` is for a car that leaves at `start`.
    """

    device: str = described("id of the device")
    what: What = described("what is asked of it")
    start: datetime | None = described("from; absent: the plan's start", None)
    end: datetime | None = described("until; absent: the plan's end", None)
    power_kw: float | None = described(
        "for force: into the device, below 0 out of it", None
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Bounds:
    """Bounds of one device's power by step; ANY_KW where there are none."""

    at_least_kw: Numbers
    at_most_kw: Numbers

    def between(self, steps: range, least_kw: float, most_kw: float) -> None:
        """Bound ``steps``."""
        self.at_least_kw[steps.start : steps.stop] = least_kw
        self.at_most_kw[steps.start : steps.stop] = most_kw


def forced(found: Mapping[str, Bounds], parts: Parts) -> Parts:
    """Return ``parts`` with the devices that are named bounded."""
    devices = [
        Forced(
            component=device,
            at_least_kw=found[device.name].at_least_kw,
            at_most_kw=found[device.name].at_most_kw,
        )
        if device.name in found
        else device
        for device in parts.devices
    ]
    return replace(parts, devices=devices)


def refuse(text: str, field: str = "device") -> InputError:
    """Return the refusal of a wish."""
    return InputError([Problem(text, f"what_if.{field}")])


def device_of(wish: WhatIf, home: Home) -> AnyDevice:
    """Return the device that is meant. Raises `InputError`."""
    for device in home.devices:
        if device.id == wish.device:
            return device
    known = ", ".join(device.id for device in home.devices) or "none"
    raise refuse(f"no device {wish.device}; there are: {known}")


def bounds(wish: WhatIf, plan: Outcome, longer: int) -> Bounds:
    """Return what the wish bounds. Raises `InputError` where it cannot be.

    A car that is to start gets ``longer`` steps more than it needs at full power.
    """
    device, horizon = device_of(wish, plan.home), plan.horizon
    found = Bounds(
        at_least_kw=np.full(horizon.steps, -ANY_KW),
        at_most_kw=np.full(horizon.steps, ANY_KW),
    )
    steps = horizon.touching(wish.start, wish.end)
    if not steps:
        first, last = horizon.local(horizon.start), horizon.local(horizon.end)
        raise refuse(
            f"no step of the plan, {first.isoformat()} to {last.isoformat()}", "start"
        )
    match wish.what:
        case What.START:
            _start(wish, device, plan, found, longer)
        case What.FORCE:
            power_kw = _possible_kw(wish, device, plan, steps)
            found.between(steps, power_kw, power_kw)
        case What.FORBID:
            if isinstance(device, Solar) and not device.curtailable:
                raise refuse(f"{device.id} cannot be curtailed")
            found.between(steps, _idle_kw(device), _idle_kw(device))
        case What.FORBID_CHARGE:
            _check_store(device)
            found.between(steps, -ANY_KW, _idle_kw(device))
        case What.FORBID_DISCHARGE:
            _check_store(device)
            found.between(steps, _idle_kw(device), ANY_KW)
        case What.DEPART:
            pass  # it changes the home: see `leaving`
    return found


def leaving(wish: WhatIf, home: Home, horizon: Horizon) -> Home:
    """Return ``home`` with the car leaving when it is wished. Raises `InputError`.

    The stay that is meant is the first that has not ended.
    """
    device, depart = device_of(wish, home), wish.start
    if not isinstance(device, EvCharger):
        raise refuse(f"{device.id} is no charger: nothing leaves", "what")
    if depart is None:
        raise refuse("missing: when the car leaves", "start")
    session = next((s for s in device.sessions if s.depart > horizon.start), None)
    if session is None or depart <= max(session.arrive, horizon.start):
        clock = f"{horizon.local(depart):%H:%M}"
        raise refuse(f"no car at {device.id} that could leave at {clock}", "start")
    sessions = tuple(
        replace(each, depart=depart) if each is session else each
        for each in device.sessions
        if each is session or each.arrive >= depart or each.depart <= session.arrive
    )
    other = replace(device, sessions=sessions)
    devices = tuple(other if each is device else each for each in home.devices)
    return replace(home, devices=devices)


def _idle_kw(device: AnyDevice) -> float:
    """Return what it draws when it does nothing."""
    return device.standby_kw if isinstance(device, Battery) else 0.0


def _check_store(device: AnyDevice) -> None:
    if not isinstance(device, Battery | EvCharger):
        raise refuse(f"{device.id} stores nothing: ask for forbid", "what")


def _possible_kw(wish: WhatIf, device: AnyDevice, plan: Outcome, steps: range) -> float:
    power_kw = wish.power_kw
    if power_kw is None:
        raise refuse("missing: force needs a power", "power_kw")
    if isinstance(device, Solar | Appliance | Programme):
        raise refuse(f"{device.id} has no power to choose", "what")
    least_kw, most_kw = -device.most_feed_kw, device.most_draw_kw
    if not least_kw <= power_kw <= most_kw:
        raise refuse(
            f"{device.id} does {least_kw:g} to {most_kw:g} kW, not {power_kw:g} kW",
            "power_kw",
        )
    if isinstance(device, EvCharger):
        _check_reach(device, power_kw, plan, steps)
    return power_kw


def _check_reach(
    device: EvCharger, power_kw: float, plan: Outcome, steps: range
) -> None:
    most_kw = plan.part(ev_charger.EvCharger, device.id).most_kw
    plugged = plan.block(device.id).power
    for t in steps:
        clock = f"{plan.horizon.local(plan.horizon.time(t)):%H:%M}"
        if power_kw and t not in plugged:
            raise refuse(f"no car at {device.id} at {clock}", "start")
        if power_kw > most_kw[t]:
            raise refuse(
                f"limits and load leave {device.id} {most_kw[t]:.2f} kW at {clock}",
                "power_kw",
            )


def _start(
    wish: WhatIf, device: AnyDevice, plan: Outcome, found: Bounds, longer: int
) -> None:
    match device:
        case Appliance():
            _run_at(wish, device, plan, found)
        case Programme():
            _programme_at(wish, device, plan, found)
        case EvCharger():
            _charge_from(wish, device, plan, found, longer)
        case _:
            text = f"{device.id} does not start once: ask for force or forbid"
            raise refuse(text, "what")


def _programme_at(
    wish: WhatIf, device: Programme, plan: Outcome, found: Bounds
) -> None:
    """Let it begin with that step, and go on from there as it is best."""
    horizon = plan.horizon
    course = plan.part(programme.Programme, device.id).course(horizon)
    firsts = [course.legs[n] for n in course.first]
    begins = [leg.begins for leg in firsts]
    start = horizon.inside(wish.start or horizon.start, horizon.end).start
    if wish.start is None and begins:
        start = max(start, horizon.times.index(min(begins)))
    if device.begun or horizon.time(start) not in begins:
        raise refuse(f"{device.id} cannot start then", "start")
    from_there = (leg for leg in firsts if leg.begins == horizon.time(start))
    least_kw = min(by_step[start] for by_step in drawn(from_there, horizon))
    found.at_most_kw[:start] = 0.0
    found.at_least_kw[start] = least_kw


def _run_at(wish: WhatIf, device: Appliance, plan: Outcome, found: Bounds) -> None:
    horizon = plan.horizon
    part = plan.part(appliance.Appliance, device.id)
    starts = part.starts(horizon)
    start = horizon.inside(wish.start or horizon.start, horizon.end).start
    if wish.start is None:
        start = max(start, starts.start)
    if start not in starts:
        text = f"{device.id} cannot start then"
        if starts:
            first, last = (
                horizon.local(horizon.time(t)) for t in (starts[0], starts[-1])
            )
            text += f", only from {first:%H:%M} to {last:%H:%M}"
        raise refuse(text, "start")
    profile_kw = np.zeros(horizon.steps)
    run = part.run(horizon, start)
    profile_kw[run.start : run.stop] = part.profile_kw(horizon, start)
    found.at_least_kw[:] = found.at_most_kw[:] = profile_kw


def _charge_from(
    wish: WhatIf, device: EvCharger, plan: Outcome, found: Bounds, longer: int
) -> None:
    horizon = plan.horizon
    begin = wish.start or horizon.start
    session = next((s for s in device.sessions if s.depart > begin), None)
    stay = range(0)
    if session is not None:
        stay = horizon.inside(session.arrive, session.depart)
    if session is None or not stay:
        clock = f"{horizon.local(begin):%H:%M}"
        raise refuse(f"no car at {device.id} at {clock} or later", "start")
    first = max(stay.start, horizon.touching(begin, None).start)
    found.between(range(stay.start, first), 0.0, 0.0)
    most_kw = np.minimum(
        plan.part(ev_charger.EvCharger, device.id).most_kw, device.max_power_kw
    )
    most_kwh = device.efficiency * horizon.hours * most_kw
    stored = np.cumsum(most_kwh[first : stay.stop])
    enough = int(np.searchsorted(stored, session.energy_kwh - 1e-9)) + 1
    last = min(first + enough + longer, stay.stop)
    found.between(range(last, stay.stop), 0.0, 0.0)


def message_of(wish: WhatIf, horizon: Horizon) -> Message:
    """Return the wish as what a person asked for."""
    start = horizon.local(wish.start or horizon.start)
    end = horizon.local(wish.end or horizon.end)
    if wish.what in {What.START, What.DEPART}:
        return (
            Message.of("wish_start", device=wish.device, start_time=start)
            if wish.what is What.START
            else Message.of("wish_depart", device=wish.device, start_time=start)
        )
    if wish.what is What.FORCE:
        return Message.of(
            "wish_force",
            device=wish.device,
            power_kw=0.0 if wish.power_kw is None else wish.power_kw,
            start_time=start,
            end_time=end,
        )
    if wish.what is What.FORBID and wish.start is None and wish.end is None:
        return Message.of("wish_never", device=wish.device)
    if wish.what is What.FORBID_CHARGE:
        return Message.of(
            "wish_forbid_charge", device=wish.device, start_time=start, end_time=end
        )
    if wish.what is What.FORBID_DISCHARGE:
        return Message.of(
            "wish_forbid_discharge", device=wish.device, start_time=start, end_time=end
        )
    return Message.of("wish_forbid", device=wish.device, start_time=start, end_time=end)


def wish_from_text(text: str, home: Home, horizon: Horizon) -> WhatIf:
    """Return what DEVICE=now|HH:MM|never asks for. Raises `InputError`.

    A car or an appliance starts then; a heat pump does not run before, a battery
    gives nothing before.
    """
    name, _, when = text.rpartition("=")
    device = device_of(WhatIf(device=name, what=What.FORBID), home)
    if when == "never":
        return WhatIf(device=name, what=What.FORBID)
    begins = isinstance(device, Appliance | EvCharger | Programme)
    if when == "now":
        if not begins:
            raise refuse(f"{name} does not start once: say HH:MM or never", "start")
        return WhatIf(device=name, what=What.START)
    time = _next(when, horizon)
    if begins:
        return WhatIf(device=name, what=What.START, start=time)
    what = What.FORBID_DISCHARGE if isinstance(device, Battery) else What.FORBID
    return WhatIf(device=name, what=what, end=time)


def _next(clock: str, horizon: Horizon) -> datetime:
    try:
        asked = datetime.strptime(clock, "%H:%M")  # noqa: DTZ007 - a time of day
    except ValueError as error:
        text = f"{clock!r} is neither now nor never nor a time as 13:00"
        raise refuse(text, "start") from error
    start = horizon.local(horizon.start)
    time = start.replace(hour=asked.hour, minute=asked.minute, second=0, microsecond=0)
    return time if time >= start else time + timedelta(days=1)
