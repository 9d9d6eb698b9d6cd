"""What two fields of one device say together."""

from collections.abc import Iterator
from itertools import pairwise
from math import inf
from typing import Final

from optimizer.home import (
    AnyDevice,
    Appliance,
    Battery,
    CopCurve,
    EvCharger,
    FlexibleLoad,
    Generator,
    HeatPump,
    LossPart,
    Programme,
    Runs,
    Session,
    Solar,
    Storage,
    Tank,
    Thermal,
    WaterHeater,
)

_HOUR_MINUTES: Final = 60

type Found = Iterator[tuple[str, str]]


def device_problems(device: AnyDevice, step_minutes: int) -> Found:
    """Return the fields of ``device`` that do not fit, and why."""
    if isinstance(device, Runs | EvCharger):
        yield from _ranged(device)
    match device:
        case Battery():
            yield from _battery(device, step_minutes)
        case EvCharger():
            yield from _ev_charger(device)
        case Appliance() | Programme():
            yield from _run(device)
        case HeatPump():
            yield from _heat_pump(device, step_minutes)
        case WaterHeater():
            yield from _in("tank", _tank(device.tank, step_minutes))
        case Storage():
            yield from _storage(device, step_minutes)
        case FlexibleLoad():
            yield from _flexible_load(device)
        case Solar() | Generator():
            return


def _in(record: str, found: Found) -> Found:
    for name, text in found:
        yield f"{record}.{name}", text


def _battery(battery: Battery, step_minutes: int) -> Found:
    for name, runs in (("charging", battery.charging), ("giving", battery.giving)):
        if runs is not None:
            yield from _in(name, _ranged(runs))
    yield from _targets(battery)
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
    for way in ("charge", "discharge"):
        losses: tuple[LossPart, ...] = getattr(battery, f"{way}_losses")
        yield from _losses(losses, way, getattr(battery, f"{way}_limit_kw"))
    if battery.self_discharge_per_hour * step_minutes > _HOUR_MINUTES:
        text = f"loses more than everything within a step of {step_minutes} minutes"
        yield "self_discharge_per_hour", text


def _losses(losses: tuple[LossPart, ...], way: str, limit_kw: float) -> Found:
    for place, (lower, upper) in enumerate(pairwise(losses), start=1):
        where = f"{way}_losses[{place}]"
        if upper.up_to_kw <= lower.up_to_kw:
            yield f"{where}.up_to_kw", "must rise from part to part"
        if upper.efficiency > lower.efficiency:
            yield f"{where}.efficiency", "must not rise from part to part"
    if losses and losses[-1].up_to_kw < limit_kw:
        text = f"ends below {way}_limit_kw, {limit_kw:g}"
        yield f"{way}_losses[{len(losses) - 1}].up_to_kw", text


def _ev_charger(charger: EvCharger) -> Found:
    if not charger.bidirectional:
        for name in ("discharge_limit_kw", "discharge_efficiency"):
            if getattr(charger, name) is not None:
                yield name, "needs bidirectional: true"
    yield from _vehicle(charger)
    for place, session in enumerate(charger.sessions):
        for name, text in _session(session, bidirectional=charger.bidirectional):
            yield f"sessions[{place}].{name}", text
        most_kw, least_kw = session.max_power_kw, charger.ranges[0][0]
        if most_kw is not None and most_kw < least_kw:
            text = f"is less than the charger's least power, {least_kw:g}"
            yield f"sessions[{place}].max_power_kw", text
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
    wished_kwh = session.preferred_energy_kwh
    if session.late_price_per_kwh and ready_by is None and wished_kwh is None:
        yield "late_price_per_kwh", "needs ready_by or preferred_energy_kwh"
    if wished_kwh is not None and not session.late_price_per_kwh:
        yield "preferred_energy_kwh", "needs late_price_per_kwh"
    if wished_kwh is not None and most_kwh is not None and wished_kwh > most_kwh:
        yield "preferred_energy_kwh", f"is more than max_energy_kwh, {most_kwh:g}"


def _ranged(device: Runs | EvCharger) -> Found:
    ranges, most_kw = device.power_ranges, device.max_power_kw
    least_kw = device.min_power_kw
    if least_kw > most_kw:
        yield "min_power_kw", f"is more than max_power_kw, {most_kw:g}"
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


def _run(device: Appliance | Programme) -> Found:
    if device.latest_end <= device.earliest_start:
        yield "latest_end", "must be after earliest_start"
    match device:
        case Appliance():
            yield from _appliance(device)
        case Programme():
            yield from _programme(device)


def _appliance(appliance: Appliance) -> Found:
    if not appliance.profile_kw:
        yield "profile_kw", "must hold at least one power"
    yield from _windows(appliance, "preferred")
    if appliance.outside_price_per_kwh and not appliance.preferred:
        yield "outside_price_per_kwh", "needs preferred windows"


def _programme(programme: Programme) -> Found:
    if not programme.sections:
        yield "sections", "must hold at least one section"
    for place, section in enumerate(programme.sections):
        name = f"sections[{place}].options"
        if not section.options:
            yield name, "must hold at least one option"
        for number, option in enumerate(section.options):
            if not option.profile_kw:
                text = "must hold at least one power"
                yield f"{name}[{number}].profile_kw", text


def _heat_pump(heat_pump: HeatPump, step_minutes: int) -> Found:
    d = heat_pump
    only_cools = d.cooling_series is not None and not d.heats
    if not only_cools and (d.cop_series is None) == (d.cop_curve is None):
        yield "cop_series", "give either this or cop_curve"
    if d.cop_curve is not None:
        yield from _curve(d.cop_curve)
    yield from _in("thermal", _thermal(d.thermal, step_minutes))
    if d.cooling_series is not None and d.thermal.buffer is not None:
        yield "cooling_series", "cold does not pass a buffer; leave one of them out"
    if d.hot_water is not None:
        yield from _in("hot_water", _tank(d.hot_water, step_minutes))
        if only_cools and d.water_cop_series is None:
            yield "water_cop_series", "is needed where there is no COP of heating"
    elif d.water_cop_series is not None:
        yield "water_cop_series", "needs hot_water"


def _curve(curve: CopCurve) -> Found:
    if not curve.heating_curve:
        yield "cop_curve.heating_curve", "must hold at least one point"
    for place, (colder, warmer) in enumerate(pairwise(curve.heating_curve), start=1):
        if warmer.outdoor_c <= colder.outdoor_c:
            text = "must rise from point to point"
            yield f"cop_curve.heating_curve[{place}].outdoor_c", text


def _thermal(thermal: Thermal, step_minutes: int) -> Found:
    # The explicit step swings and grows where it is longer than a time constant.
    per_k = 1 / thermal.resistance_k_per_kw
    floor, buffer = thermal.floor, thermal.buffer
    if buffer is not None:
        loss_kw_per_k = buffer.loss_kw_per_k
        found = _slow(buffer.capacitance_kwh_per_k, loss_kw_per_k, step_minutes)
        yield from (("buffer.volume_l", text) for _, text in found)
        if buffer.min_c > buffer.max_c:
            yield "buffer.min_c", f"is more than max_c, {buffer.max_c:g}"
    if floor is not None:
        per_k += 1 / floor.resistance_k_per_kw
        loss_kw_per_k = 1 / floor.resistance_k_per_kw
        found = _slow(floor.capacitance_kwh_per_k, loss_kw_per_k, step_minutes)
        yield from _in("floor", found)
    yield from _slow(thermal.capacitance_kwh_per_k, per_k, step_minutes)


def _slow(
    capacitance_kwh_per_k: float, loss_kw_per_k: float, step_minutes: int
) -> Found:
    constant_h = capacitance_kwh_per_k / loss_kw_per_k if loss_kw_per_k else inf
    if constant_h * 60 < step_minutes:
        text = (
            f"with its resistance it loses its heat within {constant_h:.2g} h,"
            f" less than a step of {step_minutes} minutes"
        )
        yield "capacitance_kwh_per_k", text


def _tank(tank: Tank, step_minutes: int) -> Found:
    if tank.min_c > tank.max_c:
        yield "min_c", f"is more than max_c, {tank.max_c:g}"
    found = _slow(tank.capacitance_kwh_per_k, tank.loss_kw_per_k, step_minutes)
    yield from (("volume_l", text) for _, text in found)
    cycle = tank.legionella
    if cycle is not None and cycle.temperature_c > tank.max_c:
        yield "legionella.temperature_c", f"is more than max_c, {tank.max_c:g}"


def _storage(storage: Storage, step_minutes: int) -> Found:
    for place, source in enumerate(storage.sources):
        yield from _in(f"sources[{place}]", _ranged(source))
    yield from _targets(storage)
    for name in ("min_energy_kwh", "initial_energy_kwh"):
        if getattr(storage, name) > storage.capacity_kwh:
            text = f"is more than capacity_kwh, {storage.capacity_kwh:g}"
            yield name, text
    if storage.loss_per_hour * step_minutes > _HOUR_MINUTES:
        text = f"loses more than everything within a step of {step_minutes} minutes"
        yield "loss_per_hour", text


def _targets(store: Storage | Battery) -> Found:
    for place, target in enumerate(store.targets):
        if target.end <= target.start:
            yield f"targets[{place}].end", "must be after start"
        if target.energy_kwh > store.capacity_kwh:
            text = f"is more than capacity_kwh, {store.capacity_kwh:g}"
            yield f"targets[{place}].energy_kwh", text


def _flexible_load(load: FlexibleLoad) -> Found:
    if not load.windows:
        yield "windows", "must hold at least one window"
    yield from _windows(load, "windows")
    yield from _windows(load, "preferred")
    if load.outside_price_per_kwh and not load.preferred:
        yield "outside_price_per_kwh", "needs preferred windows"


def _windows(device: FlexibleLoad | Appliance, name: str) -> Found:
    for place, window in enumerate(getattr(device, name)):
        if window.end <= window.start:
            yield f"{name}[{place}].end", "must be after start"
