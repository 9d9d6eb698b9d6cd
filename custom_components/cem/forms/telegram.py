"""A telegram as the set-up shows it before the meter is accepted."""

from collections.abc import Iterable, Mapping
from typing import Final

from homeassistant.util import dt as dt_util

from cem_core.meter.line_judge import NAMES
from cem_core.model import PhaseReading, Reading, Submeter
from custom_components.cem.meters.preview import Preview

_NOTHING: Final = "-"
_MARKUP: Final = str.maketrans({char: f"\\{char}" for char in "\\`*_[]<>|~#"})


def described(found: Preview) -> dict[str, str]:
    """Return what stands in the rows of the table; a dash where the meter is mute."""
    reading = found.reading or Reading(format="")
    when = None
    if reading.timestamp is not None:
        when = f"{dt_util.as_local(reading.timestamp):%Y-%m-%d %H:%M:%S}"
    return {
        "format": _format(reading),
        "meter_id": _text(reading.meter_id),
        "time": _text(when),
        "import_power": _number(reading.import_power_w, "W"),
        "export_power": _number(reading.export_power_w, "W"),
        "phases": _joined(_phase(phase) for phase in reading.phases),
        "import_energy": _energies(reading.import_energy_wh),
        "export_energy": _energies(reading.export_energy_wh),
        "submeters": _joined(_submeter(each) for each in reading.submeters),
        "values": str(len(reading.raw)),
        "damaged": str(found.damaged),
    }


def _format(reading: Reading) -> str:
    name = NAMES.get(reading.format, reading.format)
    return _text(f"{name} {reading.version or ''}".strip())


def _text(said: str | None) -> str:
    """Return ``said`` as plain text: a meter is not to write the form."""
    return said.translate(_MARKUP) if said else _NOTHING


def _number(value: float | None, unit: str) -> str:
    return _NOTHING if value is None else f"{value:.10g} {unit}"


def _joined(parts: Iterable[str]) -> str:
    return "; ".join(part for part in parts if part) or _NOTHING


def _phase(phase: PhaseReading) -> str:
    net_w = None
    if phase.import_power_w is not None or phase.export_power_w is not None:
        net_w = (phase.import_power_w or 0) - (phase.export_power_w or 0)
    values = ((phase.voltage_v, "V"), (phase.current_a, "A"), (net_w, "W"))
    said = (_number(value, unit) for value, unit in values if value is not None)
    return f"L{phase.phase} {', '.join(said)}"


def _energies(registers: Mapping[str, int]) -> str:
    return _joined(
        f"{wh / 1000:.3f} kWh" if name == "total" else f"{name}: {wh / 1000:.3f} kWh"
        for name, wh in sorted(registers.items(), key=lambda item: item[0] != "total")
    )


def _submeter(meter: Submeter) -> str:
    value = _text(f"{_number(meter.value, meter.unit or '').strip()}")
    return f"{meter.channel}: {value} ({_text(meter.meter_id)})"
