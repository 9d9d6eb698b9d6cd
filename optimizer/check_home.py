"""What two fields of HOME.yaml say together: checks beyond a field's own bounds."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from cem_core.model import Direction, Scope
from optimizer.check_connection import check_connections
from optimizer.check_device import device_problems
from optimizer.check_flexibility import check_flexibility
from optimizer.check_tariff import check_tariff
from optimizer.document import Problem
from optimizer.home import AnyDevice, Basis, Battery, Home, Inverter, Limit, Solar, Tier
from optimizer.home_tariff import MeteredPhases

_MINUTES_A_DAY = 24 * 60
_PHASES = 3


def check(home: Home, lines: Mapping[str, int | None]) -> list[Problem]:
    """Return what does not fit together in ``home``.

    ``lines`` are those of the fields that were given.
    """
    return [
        Problem(text, where, _line(where, lines))
        for where, text in (
            *_home(home),
            *_tiers(home.tiers),
            *check_tariff(home.tariff, home.step_tiers),
            *check_connections(home),
            *check_flexibility(home),
            *_limits(home, lines),
            *_devices(home),
            *_inverters(home),
            *_phases(home),
        )
    ]


def _line(where: str, lines: Mapping[str, int | None]) -> int | None:
    """Return the line of a field, of its record's id where it was left out."""
    record = where.rpartition(".")[0]
    return lines[where] if where in lines else lines.get(f"{record}.id")


def _home(home: Home) -> Iterator[tuple[str, str]]:
    try:
        ZoneInfo(home.time_zone)
    except ZoneInfoNotFoundError, ValueError, OSError:
        text = f"{home.time_zone!r} is no IANA time zone, as Europe/Brussels is"
        yield "time_zone", text
    if _MINUTES_A_DAY % home.step_minutes:
        yield "step_minutes", f"{home.step_minutes} does not divide a day"


def _tiers(tiers: Sequence[Tier]) -> Iterator[tuple[str, str]]:
    last = len(tiers) - 1
    for place, tier in enumerate(tiers):
        where, minutes = f"tiers[{place}]", tier.step_minutes
        if _MINUTES_A_DAY % minutes:
            yield f"{where}.step_minutes", f"{minutes} does not divide a day"
        if tier.until_minutes is None and place < last:
            yield f"{where}.until_minutes", "is needed: only the last tier has no end"
        if tier.until_minutes is not None and place == last:
            text = "the last tier goes on to the end; leave it out, or say steps"
            yield f"{where}.until_minutes", text
    for place, (one, other) in enumerate(pairwise(tiers), start=1):
        where = f"tiers[{place}]"
        if other.step_minutes % one.step_minutes:
            text = f"must be a multiple of {one.step_minutes}, the step before"
            yield f"{where}.step_minutes", text
        begin, end = one.until_minutes, other.until_minutes
        if begin is not None and end is not None and end <= begin:
            yield f"{where}.until_minutes", f"must be above {begin}"


def _limits(home: Home, lines: Mapping[str, int | None]) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    known = {device.id for device in home.devices}
    for place, limit in enumerate(home.limits):
        where = f"limits[{place}]"
        if limit.id in seen:
            yield f"{where}.id", f"{limit.id!r} names another limit already"
        seen.add(limit.id)
        if limit.start and limit.end and limit.end <= limit.start:
            yield f"{where}.end", "must be after start"
        for name, text in _limit(limit):
            yield f"{where}.{name}", text
        for spot, name in enumerate(limit.devices):
            if name not in known:
                text = f"{name!r} is no device of this home"
                yield f"{where}.devices[{spot}]", text
        if limit.preset is None:
            for name in ("direction", "scope", "limit_kw"):
                if f"{where}.{name}" not in lines:
                    yield f"{where}.{name}", "missing; without a preset it is needed"


def _limit(limit: Limit) -> Iterator[tuple[str, str]]:
    drawn = (limit.direction, limit.scope) == (Direction.IMPORT, Scope.CONTROLLABLE)
    if limit.devices and (limit.preset is not None or limit.scope is Scope.CONNECTION):
        yield "devices", "are for a limit on controllable devices without a preset"
    text = "is about the import of controllable devices; leave direction and scope out"
    if limit.preset is not None and not drawn:
        yield "preset", f"{limit.preset} {text}"
    if limit.basis is Basis.GRID_DRAW and limit.preset is None and not drawn:
        yield "basis", f"{limit.basis} {text.partition(';')[0]} alone"


def _devices(home: Home) -> Iterator[tuple[str, str]]:
    seen: set[str] = set()
    for place, device in enumerate(home.devices):
        where = f"devices[{place}]"
        if device.id in seen:
            yield f"{where}.id", f"{device.id!r} names another device already"
        seen.add(device.id)
        for name, text in device_problems(device, home.longest_step_minutes):
            yield f"{where}.{name}", text


def _inverters(home: Home) -> Iterator[tuple[str, str]]:
    devices = {device.id: device for device in home.devices}
    taken: set[str] = set()
    known = [inverter.id for inverter in home.inverters]
    for place, inverter in enumerate(home.inverters):
        if inverter.id in known[:place]:
            text = f"{inverter.id!r} names another inverter already"
            yield f"inverters[{place}].id", text
        for spot, name in enumerate(inverter.devices):
            where = f"inverters[{place}].devices[{spot}]"
            device = devices.get(name)
            if not isinstance(device, Solar | Battery):
                yield where, f"{name!r} is no solar or battery of this home"
            elif name in taken:
                yield where, f"{name!r} is behind an inverter already"
            elif isinstance(device, Solar) and not device.curtailable:
                text = f"{name!r} has to be curtailable: the inverter clips it"
                yield where, text
            taken.add(name)
        if inverter.lossy and _metered_apart(home):
            text = "losses cannot be billed where parts of the home have own meters"
            yield f"inverters[{place}]", f"{inverter.id!r}: {text}"
        yield from _together(inverter, devices, f"inverters[{place}].devices")


def _metered_apart(home: Home) -> bool:
    phases_apart = home.tariff.metered_phases is not MeteredPhases.SUMMED
    return bool(home.sub_connections) or phases_apart


def _together(
    inverter: Inverter, devices: Mapping[str, AnyDevice], where: str
) -> Iterator[tuple[str, str]]:
    """Say what does not fit behind one inverter: to the home it is one device."""
    shared = [devices[name] for name in inverter.devices if name in devices]
    if not inverter.devices:
        yield where, "must name at least one device"
    if sum(isinstance(device, Battery) for device in shared) > 1:
        yield where, "has more than one battery; give them as one"
    if len({device.controllable for device in shared}) > 1:
        yield where, "must all be controllable or none of them: it is one device"
    if len({frozenset(device.phases) for device in shared}) > 1:
        yield where, "must all have the inverter's phases"


def _phases(home: Home) -> Iterator[tuple[str, str]]:
    phases = home.grid.phases
    if phases is not None and len(phases.load_series) not in {0, _PHASES}:
        yield "grid.phases.load_series", "must name a column for each of three phases"
    for place, device in enumerate(home.devices):
        if len(set(device.phases)) < len(device.phases):
            yield f"devices[{place}].phases", "names a phase twice"
