"""wmbusmeters: what it publishes of each telegram of a wireless or wired M-Bus meter.

Source: the README of github.com/wmbusmeters/wmbusmeters (release 3.0.0, 2026-06) for
the frame of a message, its drivers for the names of the values.
"""

from typing import Final

from cem_core.meter.json_forms.fields import Document, aware_time, leaves, number, text
from cem_core.model import RawValue, SubmeterKind
from cem_core.model.slow_reading import SlowQuantity, SlowReading

_KINDS: Final = {
    "gas": SubmeterKind.GAS,
    "water": SubmeterKind.WATER,
    "cold water": SubmeterKind.WATER,
    "warm water": SubmeterKind.WATER,
    "hot water": SubmeterKind.WATER,
    "heat": SubmeterKind.HEAT,
    "heat volume at inlet": SubmeterKind.HEAT,
    "heat/cooling load": SubmeterKind.HEAT,
    "cooling load volume at outlet": SubmeterKind.COOLING,
    "cooling load volume at inlet": SubmeterKind.COOLING,
    "electricity": SubmeterKind.ELECTRICITY,
}
_THOUSAND: Final = 1000.0
# Drivers name the same thing differently; the first that is there counts.
_NAMES: Final = (
    (SlowQuantity.ENERGY, "total_energy_consumption_kwh", _THOUSAND),
    (SlowQuantity.ENERGY, "total_kwh", _THOUSAND),
    (SlowQuantity.ENERGY, "total_heating_kwh", _THOUSAND),
    (SlowQuantity.ENERGY, "total_heat_energy_kwh", _THOUSAND),
    (SlowQuantity.EXPORT_ENERGY, "total_energy_production_kwh", _THOUSAND),
    (SlowQuantity.VOLUME, "total_m3", 1.0),
    (SlowQuantity.VOLUME, "total_volume_m3", 1.0),
    (SlowQuantity.VOLUME, "total_water_m3", 1.0),
    (SlowQuantity.VOLUME, "volume_m3", 1.0),
    (SlowQuantity.POWER, "current_power_consumption_kw", _THOUSAND),
    (SlowQuantity.POWER, "power_kw", _THOUSAND),
    (SlowQuantity.POWER, "current_kw", _THOUSAND),
    (SlowQuantity.FLOW, "volume_flow_m3h", 1.0),
    (SlowQuantity.FLOW, "flow_m3h", 1.0),
    (SlowQuantity.FLOW_TEMPERATURE, "flow_temperature_c", 1.0),
    (SlowQuantity.FLOW_TEMPERATURE, "supply_temperature_c", 1.0),
    (SlowQuantity.FLOW_TEMPERATURE, "forward_c", 1.0),
    (SlowQuantity.RETURN_TEMPERATURE, "return_temperature_c", 1.0),
    (SlowQuantity.RETURN_TEMPERATURE, "return_c", 1.0),
)
_NO_COMPLAINT: Final = ("", "OK")
# With a water or gas meter the temperature of the medium is called the same.
_OF_HEAT: Final = (SlowQuantity.FLOW_TEMPERATURE, SlowQuantity.RETURN_TEMPERATURE)


def read(document: Document) -> SlowReading:
    """Return the reading in one message; ValueError says what is wrong."""
    said = leaves(document)
    if (meter_id := text(said, "id")) is None or "media" not in said:
        raise ValueError("no message of wmbusmeters: id or media is missing")
    kind = _KINDS.get(str(said["media"]).lower(), SubmeterKind.UNKNOWN)
    values: dict[SlowQuantity, float] = {}
    for quantity, name, factor in _NAMES:
        if quantity in values or (quantity in _OF_HEAT and not _has_heat(kind)):
            continue
        if (value := number(said, name)) is not None:
            values[quantity] = value * factor
    complaints = text(said, "status") or text(said, "current_status") or ""
    return SlowReading(
        kind=kind,
        meter_id=meter_id,
        timestamp=aware_time(said, "timestamp"),
        values=values,
        status=() if complaints in _NO_COMPLAINT else tuple(complaints.split()),
        raw=tuple(RawValue(code=name, value=value) for name, value in said.items()),
    )


def _has_heat(kind: SubmeterKind) -> bool:
    return kind in (SubmeterKind.HEAT, SubmeterKind.COOLING)
