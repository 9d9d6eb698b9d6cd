"""What a home remembers while nobody plays it: its counters, and what is stored in it.

A counter that runs back is another meter to whoever reads it. Orders, faults and the
clock are not kept: devices wake up as after a power cut.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
import math
from typing import Any, Final

from cem_core.simulation.battery import Battery
from cem_core.simulation.building import Building
from cem_core.simulation.car import Car
from cem_core.simulation.home import Home
from cem_core.simulation.registers import ClosedMonth, LongFailure, MonthPeak, Registers

VERSION: Final = 1
_MOST_WH: Final = 1e9  # what a counter of six digits of kWh shows
_COLDEST_C: Final = -50.0
_WARMEST_C: Final = 80.0

type Json = dict[str, Any]


class RecallError(ValueError):
    """What was kept is damaged, or of another home."""


def remembered(home: Home) -> Json:
    """Return what `recall` gives back, as JSON can hold it."""
    found: Json = {
        "version": VERSION,
        "home": [home.setup.name, home.setup.seed],
        "meter": _counted(home.registers),
    }
    if home.battery is not None:
        found["battery_wh"] = home.battery.energy_wh
    if home.charger is not None:
        car = home.charger.car
        found["car"] = {
            "energy_wh": car.energy_wh,
            "departs_at": _text(car.departs_at),
            "held_away_until": _text(car.held_away_until),
        }
    if home.building is not None:
        building = home.building
        found["building"] = {"air_c": building.air_c, "mass_c": building.mass_c}
    return found


def recall(home: Home, kept: object) -> None:
    """Let ``home`` go on with what was ``kept``; raises `RecallError`.

    Time that has passed since is not made up for: the house stood still.
    """
    memory = _mapping(kept, "the whole")
    if memory.get("version") != VERSION:
        raise RecallError(f"version {memory.get('version')!r} is not {VERSION}")
    if memory.get("home") != [home.setup.name, home.setup.seed]:
        raise RecallError(f"kept of another home, {memory.get('home')!r}")
    recalled = [_recalled_meter(home.registers, memory.get("meter"))]
    if home.battery is not None:
        recalled.append(_recalled_battery(home.battery, memory))
    if home.charger is not None:
        recalled.append(_recalled_car(home.charger.car, memory.get("car")))
    if home.building is not None:
        recalled.append(_recalled_building(home.building, memory.get("building")))
    for put_back in recalled:  # all is read before anything changes
        put_back()


def _recalled_battery(
    battery: Battery, memory: Mapping[str, Any]
) -> Callable[[], None]:
    energy_wh = _number(memory, "battery_wh", 0.0, battery.parameters.capacity_wh)

    def put_back() -> None:
        battery.energy_wh = energy_wh

    return put_back


def _recalled_car(car: Car, kept: object) -> Callable[[], None]:
    memory = _mapping(kept, "car")
    energy_wh = _number(memory, "energy_wh", 0.0, car.capacity_wh)
    departs_at = _time(memory, "departs_at")
    held_away_until = _time(memory, "held_away_until")

    def put_back() -> None:
        car.energy_wh = energy_wh
        car.departs_at = departs_at
        car.held_away_until = held_away_until

    return put_back


def _recalled_building(building: Building, kept: object) -> Callable[[], None]:
    memory = _mapping(kept, "building")
    air_c = _number(memory, "air_c", _COLDEST_C, _WARMEST_C)
    mass_c = _number(memory, "mass_c", _COLDEST_C, _WARMEST_C)

    def put_back() -> None:
        building.air_c, building.mass_c = air_c, mass_c

    return put_back


def _counted(meter: Registers) -> Json:
    return {
        "import_wh": {str(key): wh for key, wh in meter.import_wh.items()},
        "export_wh": {str(key): wh for key, wh in meter.export_wh.items()},
        "month_peak": _peak_json(meter.month_peak),
        "history": [
            {"closed_at": _text(month.closed_at), "peak": _peak_json(month.peak)}
            for month in meter.history
        ],
        "quarter_start": _text(meter.quarter_start),
        "quarter_wh": meter.quarter_wh,
        "failures": meter.failures,
        "long_failures": meter.long_failures,
        "failure_log": [
            {"end": _text(failure.end), "duration_s": failure.duration_s}
            for failure in meter.failure_log
        ],
    }


def _recalled_meter(meter: Registers, kept: object) -> Callable[[], None]:
    memory = _mapping(kept, "meter")
    imported = _energies(memory, "import_wh", meter.import_wh)
    exported = _energies(memory, "export_wh", meter.export_wh)
    month_peak = _peak(memory.get("month_peak"))
    history = [
        ClosedMonth(
            closed_at=_known_time(month, "closed_at"), peak=_peak(month.get("peak"))
        )
        for month in _list(memory, "history")
    ]
    quarter_start = _time(memory, "quarter_start")
    quarter_wh = _number(memory, "quarter_wh", 0.0, _MOST_WH)
    failures = round(_number(memory, "failures", 0, _MOST_WH))
    long_failures = round(_number(memory, "long_failures", 0, _MOST_WH))
    log = [
        LongFailure(
            end=_known_time(failure, "end"),
            duration_s=_number(failure, "duration_s", 0.0, _MOST_WH),
        )
        for failure in _list(memory, "failure_log")
    ]

    def put_back() -> None:
        meter.import_wh, meter.export_wh = imported, exported
        meter.month_peak = month_peak
        meter.history.clear()
        meter.history.extend(history)
        meter.quarter_start, meter.quarter_wh = quarter_start, quarter_wh
        meter.failures, meter.long_failures = failures, long_failures
        meter.failure_log.clear()
        meter.failure_log.extend(log)

    return put_back


def _energies(
    memory: Mapping[str, Any], name: str, registers: Mapping[int, float]
) -> dict[int, float]:
    kept = _mapping(memory.get(name), name)
    return {key: _number(kept, str(key), 0.0, _MOST_WH) for key in registers}


def _peak_json(peak: MonthPeak) -> Json:
    return {"power_w": peak.power_w, "at": _text(peak.at)}


def _peak(kept: object) -> MonthPeak:
    memory = _mapping(kept, "a peak")
    return MonthPeak(
        power_w=_number(memory, "power_w", 0.0, _MOST_WH), at=_time(memory, "at")
    )


def _text(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def _time(memory: Mapping[str, Any], name: str) -> datetime | None:
    return None if memory.get(name) is None else _known_time(memory, name)


def _known_time(memory: Mapping[str, Any], name: str) -> datetime:
    try:
        time = datetime.fromisoformat(memory.get(name, ""))
    except (TypeError, ValueError) as error:
        raise RecallError(f"{name} {memory.get(name)!r} is no time") from error
    if time.tzinfo is None:
        raise RecallError(f"{name} {memory[name]!r} has no offset")
    return time


def _number(memory: Mapping[str, Any], name: str, least: float, most: float) -> float:
    value = memory.get(name)
    if not isinstance(value, int | float) or isinstance(value, bool):
        value = math.nan
    if not least <= value <= most:
        told = f"{name} {memory.get(name)!r}"
        raise RecallError(f"{told} is no number from {least:g} to {most:g}")
    return float(value)


def _mapping(kept: object, name: str) -> Mapping[str, Any]:
    if not isinstance(kept, Mapping):
        raise RecallError(f"{name} is no mapping")
    return kept


def _list(memory: Mapping[str, Any], name: str) -> list[Mapping[str, Any]]:
    kept = memory.get(name)
    if not isinstance(kept, list):
        raise RecallError(f"{name} is no list")
    return [_mapping(each, name) for each in kept]
