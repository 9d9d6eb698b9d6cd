"""The meter as the dashboard shows it: its registers unmodified, and its line."""

from typing import Any

from cem_core.meter.line_judge import NAMES
from cem_core.model import Quality, Reading
from custom_components.cem.home import Home
from custom_components.cem.marks import energy_quality
from custom_components.cem.meters import OwnMeter

type Json = dict[str, Any]


def meter_json(home: Home) -> Json:
    """Return who the meter is, what it said last and how its line is."""
    now = home.snapshot
    reading, came = now.reading, now.reading_s
    age_s = None if came is None else round(home.hass.loop.time() - came, 1)
    said: Json = {"meter_id": None, "format": None, "measured_at": None}
    if reading is not None:
        said = {
            "meter_id": reading.meter_id,
            "format": NAMES.get(reading.format, reading.format),
            "measured_at": reading.timestamp and reading.timestamp.isoformat(),
        }
    return said | {
        "age_s": age_s,
        "silent": now.meter_silent,
        "source": home.meter.source if home.meter else None,
        "mid_meter": bool(home.entry.options.get("mid_meter", False)),
        "figures": _figures(reading) if reading else [],
        "registers": [
            {
                "code": each.code,
                "value": each.value,
                "unit": each.unit,
                "time": each.timestamp and each.timestamp.isoformat(),
            }
            for each in (reading.raw if reading else ())
        ],
        "line": _line(home),
    }


def _figures(reading: Reading) -> list[Json]:
    """Return the powers and energies that the home uses, each with its mark."""
    powers = (
        ("import_power_w", reading.import_power_w),
        ("export_power_w", reading.export_power_w),
    )
    found = [
        _figure(name, None, value, "W", reading.quality_of(name))
        for name, value in powers
        if value is not None
    ]
    for name, registers in (
        ("import_energy_wh", reading.import_energy_wh),
        ("export_energy_wh", reading.export_energy_wh),
    ):
        for key, energy_wh in registers.items():
            mark = energy_quality(reading, name, key)
            found.append(_figure(name, key, energy_wh, "Wh", mark))
    return found


def _figure(
    name: str, register: str | None, value: int, unit: str, quality: Quality
) -> Json:
    return {
        "figure": name,
        "register": register,
        "value": value,
        "unit": unit,
        "quality": quality.value,
    }


def _line(home: Home) -> Json | None:
    if not isinstance(home.meter, OwnMeter):
        return None
    line = home.meter.line
    return {
        "status": line.status.value,
        "bytes": line.bytes,
        "telegrams": line.telegrams,
        "damaged": sum(line.damaged.values()),
        "data_age_s": None if line.data_age_s is None else round(line.data_age_s, 1),
    }
