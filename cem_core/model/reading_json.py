"""Reading -> the JSON object of `cem decode` (its contract)."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from cem_core.model.reading import RawValue, Reading

type Json = dict[str, Any]

_WHO = ("format", "source", "version", "meter_id")
_PLAIN = (
    "import_power_w",
    "export_power_w",
    "reactive_import_power_var",
    "reactive_export_power_var",
    "tariff",
    "demand_w",
    "limiter_threshold_w",
    "fuse_threshold_a",
    "breaker",
    "subscribed_power_va",
    "limit_warning",
    "frequency_hz",
    "power_factor",
    "message",
)
_PHASE = ("phase", "voltage_v", "current_a", "import_power_w", "export_power_w")
_SUBMETER = ("channel", "kind", "meter_id", "value", "unit", "valve")


def reading_to_json(reading: Reading) -> Json:
    """Return ``reading`` as JSON: what the meter did not say is absent."""
    document = _known(reading, _WHO) | _time("timestamp", reading.timestamp)
    document |= _known(reading, _PLAIN)
    document |= _filled("phases", [_known(p, _PHASE) for p in reading.phases])
    document |= _filled("import_energy_wh", dict(reading.import_energy_wh))
    document |= _filled("export_energy_wh", dict(reading.export_energy_wh))
    if (peak := reading.month_peak) is not None:
        document["month_peak_w"] = peak.power_w
        document |= _time("month_peak_at", peak.at)
    document |= _filled(
        "peak_history",
        [_time("at", p.at) | {"power_w": p.power_w} for p in reading.peak_history],
    )
    if (failures := reading.power_failures) is not None:
        document["power_failures"] = _known(failures, ("short", "long")) | {
            "log": [
                _time("end", f.end) | {"duration_s": f.duration_s} for f in failures.log
            ]
        }
    document |= _filled("voltage_sags", _by_phase(reading.voltage_sags))
    document |= _filled("voltage_swells", _by_phase(reading.voltage_swells))
    document |= _filled(
        "submeters",
        [
            _known(s, _SUBMETER) | _time("timestamp", s.timestamp)
            for s in reading.submeters
        ],
    )
    document |= _filled("quality", dict(reading.quality))
    document["raw"] = _raw(reading.raw)
    return document


def _known(thing: object, fields: Iterable[str]) -> Json:
    """Return the ``fields`` of ``thing`` that are known; 0 is a known value."""
    values = {field: getattr(thing, field) for field in fields}
    return {field: value for field, value in values.items() if value is not None}


def _filled(field: str, value: list[Json] | Json) -> Json:
    return {field: value} if value else {}


def _time(field: str, time: datetime | None) -> Json:
    return {} if time is None else {field: time.astimezone(UTC).isoformat()}


def _by_phase(counts: Mapping[int, int]) -> Json:
    return {str(phase): count for phase, count in counts.items()}


def _raw(values: Iterable[RawValue]) -> Json:
    """Return each object under its code; a list where the code has several."""
    objects: dict[str, list[Json]] = {}
    for value in values:
        objects.setdefault(value.code, []).append(
            {"value": value.value, "unit": value.unit}
            | _time("timestamp", value.timestamp)
        )
    return {code: o[0] if len(o) == 1 else o for code, o in objects.items()}
