"""What two fields of HOME.yaml say together: checks beyond a field's own bounds."""

from collections.abc import Iterator, Mapping
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from optimizer.check_tariff import check_tariff
from optimizer.document import Problem
from optimizer.home import Appliance, Battery, EvCharger, HeatPump, Home, Limit

_MINUTES_A_DAY = 24 * 60


def check(home: Home, lines: Mapping[str, int | None]) -> list[Problem]:
    """Return what does not fit together in ``home``."""
    return [
        Problem(text, where, lines.get(where))
        for where, text in (
            *_home(home),
            *check_tariff(home.tariff, home.step_minutes),
            *_limits(home.limits),
            *_devices(home),
        )
    ]


def _home(home: Home) -> Iterator[tuple[str, str]]:
    try:
        ZoneInfo(home.time_zone)
    except ZoneInfoNotFoundError, ValueError, OSError:
        text = f"{home.time_zone!r} is no IANA time zone, as Europe/Brussels is"
        yield "time_zone", text
    if _MINUTES_A_DAY % home.step_minutes:
        yield "step_minutes", f"{home.step_minutes} does not divide a day"


def _limits(limits: tuple[Limit, ...]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for place, limit in enumerate(limits):
        where = f"limits[{place}]"
        if limit.id in seen:
            yield f"{where}.id", f"{limit.id!r} names another limit already"
        seen.add(limit.id)
        if limit.start and limit.end and limit.end <= limit.start:
            yield f"{where}.end", "must be after start"


def _devices(home: Home) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for place, device in enumerate(home.devices):
        where = f"devices[{place}]"
        if device.id in seen:
            yield f"{where}.id", f"{device.id!r} names another device already"
        seen.add(device.id)
        match device:
            case Battery():
                found = _battery(device)
            case EvCharger():
                found = _ev_charger(device)
            case Appliance():
                found = _appliance(device)
            case HeatPump():
                found = _heat_pump(device, home.step_minutes)
            case _:
                continue
        for name, text in found:
            yield f"{where}.{name}", text


def _battery(battery: Battery) -> Iterator[tuple[str, str]]:
    for name in ("min_energy_kwh", "initial_energy_kwh", "final_energy_kwh"):
        energy_kwh = getattr(battery, name)
        if energy_kwh is not None and energy_kwh > battery.capacity_kwh:
            text = f"{energy_kwh:g} is more than capacity_kwh, {battery.capacity_kwh:g}"
            yield name, text


def _ev_charger(charger: EvCharger) -> Iterator[tuple[str, str]]:
    if charger.min_power_kw > charger.max_power_kw:
        yield "min_power_kw", f"is more than max_power_kw, {charger.max_power_kw:g}"
    for place, session in enumerate(charger.sessions):
        if session.depart <= session.arrive:
            yield f"sessions[{place}].depart", "must be after arrive"
    for place, (earlier, later) in enumerate(pairwise(charger.sessions), start=1):
        if later.arrive < earlier.depart:
            text = "is before the departure of the session above it"
            yield f"sessions[{place}].arrive", text


def _appliance(appliance: Appliance) -> Iterator[tuple[str, str]]:
    if not appliance.profile_kw:
        yield "profile_kw", "must hold at least one power"
    if appliance.latest_end <= appliance.earliest_start:
        yield "latest_end", "must be after earliest_start"


def _heat_pump(heat_pump: HeatPump, step_minutes: int) -> Iterator[tuple[str, str]]:
    thermal = heat_pump.thermal
    constant_h = thermal.resistance_k_per_kw * thermal.capacitance_kwh_per_k
    if constant_h * 60 < step_minutes:  # the explicit step would swing and grow
        text = (
            f"with resistance_k_per_kw it loses its heat within {constant_h:.2g} h,"
            f" less than a step of {step_minutes} minutes"
        )
        yield "thermal.capacitance_kwh_per_k", text
