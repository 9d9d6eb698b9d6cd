"""What two fields of one device say together."""

from collections.abc import Iterator
from itertools import pairwise

from optimizer.home_devices import (
    AnyDevice,
    Appliance,
    Battery,
    EvCharger,
    HeatPump,
    PowerRange,
    Session,
    Solar,
)

type Found = Iterator[tuple[str, str]]


def device_problems(device: AnyDevice, step_minutes: int) -> Found:
    """Return the fields of ``device`` that do not fit, and why."""
    match device:
        case Battery():
            yield from _battery(device, step_minutes)
        case EvCharger():
            yield from _ev_charger(device)
        case Appliance():
            yield from _appliance(device)
        case HeatPump():
            yield from _heat_pump(device, step_minutes)
        case Solar():
            return


def _battery(battery: Battery, step_minutes: int) -> Found:
    for name in (
        "min_energy_kwh",
        "initial_energy_kwh",
        "final_energy_kwh",
        "reserve_kwh",
    ):
        energy_kwh = getattr(battery, name)
        if energy_kwh is not None and energy_kwh > battery.capacity_kwh:
            text = f"{energy_kwh:g} is more than capacity_kwh, {battery.capacity_kwh:g}"
            yield name, text
    if battery.self_discharge_per_hour * step_minutes > 60:  # noqa: PLR2004 - an hour
        text = f"loses more than everything within a step of {step_minutes} minutes"
        yield "self_discharge_per_hour", text


def _ev_charger(charger: EvCharger) -> Found:
    if charger.min_power_kw > charger.max_power_kw:
        yield "min_power_kw", f"is more than max_power_kw, {charger.max_power_kw:g}"
    yield from _ranges(charger.power_ranges, charger.min_power_kw, charger.max_power_kw)
    if not charger.bidirectional:
        for name in ("discharge_limit_kw", "discharge_efficiency"):
            if getattr(charger, name) is not None:
                yield name, "needs bidirectional: true"
    yield from _vehicle(charger)
    for place, session in enumerate(charger.sessions):
        for name, text in _session(session, bidirectional=charger.bidirectional):
            yield f"sessions[{place}].{name}", text
    for place, (earlier, later) in enumerate(pairwise(charger.sessions), start=1):
        if later.arrive < earlier.depart:
            text = "is before the departure of the session above it"
            yield f"sessions[{place}].arrive", text


def _vehicle(charger: EvCharger) -> Found:
    vehicle = charger.vehicle
    for place, session in enumerate(charger.sessions):
        if vehicle is None and session.trip_kwh:
            yield f"sessions[{place}].trip_kwh", "needs vehicle"
        for name in ("min_energy_kwh", "max_energy_kwh"):
            if vehicle is not None and getattr(session, name):
                text = "is the vehicle's where there is one; leave it out"
                yield f"sessions[{place}].{name}", text
    if vehicle is None:
        return
    for name in ("min_energy_kwh", "initial_energy_kwh"):
        if getattr(vehicle, name) > vehicle.capacity_kwh:
            text = f"is more than capacity_kwh, {vehicle.capacity_kwh:g}"
            yield f"vehicle.{name}", text
    if vehicle.initial_energy_kwh < vehicle.min_energy_kwh:
        text = f"is less than min_energy_kwh, {vehicle.min_energy_kwh:g}"
        yield "vehicle.initial_energy_kwh", text


def _session(session: Session, *, bidirectional: bool) -> Found:
    if session.depart <= session.arrive:
        yield "depart", "must be after arrive"
    most_kwh = session.max_energy_kwh
    if most_kwh is not None and session.energy_kwh > most_kwh:
        yield "energy_kwh", f"is more than max_energy_kwh, {most_kwh:g}"
    if session.min_energy_kwh < 0 and not bidirectional:
        yield "min_energy_kwh", "below 0 needs a bidirectional charger"
    ready_by = session.ready_by
    if ready_by is not None and not session.arrive < ready_by <= session.depart:
        yield "ready_by", "must lie within the stay"
    if session.late_price_per_kwh and ready_by is None:
        yield "late_price_per_kwh", "needs ready_by"


def _ranges(ranges: tuple[PowerRange, ...], least_kw: float, most_kw: float) -> Found:
    for place, part in enumerate(ranges):
        where = f"power_ranges[{place}]"
        if part.max_kw < part.min_kw:
            yield f"{where}.max_kw", f"is less than min_kw, {part.min_kw:g}"
        if part.min_kw < least_kw or part.max_kw > most_kw:
            text = f"is not within min_power_kw, {least_kw:g}, and max_power_kw, "
            yield where, f"{text}{most_kw:g}"
    for place, (lower, higher) in enumerate(pairwise(ranges), start=1):
        if higher.min_kw < lower.max_kw:
            text = "is below the range above it; give them in order, apart"
            yield f"power_ranges[{place}].min_kw", text


def _appliance(appliance: Appliance) -> Found:
    if not appliance.profile_kw:
        yield "profile_kw", "must hold at least one power"
    if appliance.latest_end <= appliance.earliest_start:
        yield "latest_end", "must be after earliest_start"


def _heat_pump(heat_pump: HeatPump, step_minutes: int) -> Found:
    thermal = heat_pump.thermal
    constant_h = thermal.resistance_k_per_kw * thermal.capacitance_kwh_per_k
    if constant_h * 60 < step_minutes:  # the explicit step would swing and grow
        text = (
            f"with resistance_k_per_kw it loses its heat within {constant_h:.2g} h,"
            f" less than a step of {step_minutes} minutes"
        )
        yield "thermal.capacitance_kwh_per_k", text
