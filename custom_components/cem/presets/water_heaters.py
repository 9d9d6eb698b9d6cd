"""Water heaters that take a set temperature."""

from typing import Final

from custom_components.cem.const import Kind
from custom_components.cem.presets.preset import Find, Preset, by_key, ending

_CORE: Final = "homeassistant/components/"
_KEEPS: Final = "keeps the last temperature"


def _preset(integration: str, find: Find, **entities: Find) -> Preset:
    return Preset(
        integration=integration,
        kind=Kind.WATER_HEATER,
        method="water_heater",
        entities={"water_heater": find, **entities},
        needs=("water_heater",),
        fallback=_KEEPS,
        source=_CORE + integration,
    )


def _of_class(key: str, unique_id: str = ".*") -> Find:
    """Find the one entity that a class of that name makes."""
    return Find(domain="water_heater", unique_id=unique_id, key=key)


PRESETS: Final = (
    _preset(
        "my_pv",
        _of_class("MyPVWaterHeater"),
        power=ending("sensor", "power_elwa2"),
    ),
    _preset("bsblan", _of_class("BSBLANWaterHeater")),
    _preset(
        "melcloud",
        _of_class("AtwWaterHeater"),
        water_temperature=by_key("sensor", "tank_temperature"),
    ),
    _preset("osoenergy", _of_class("OSOEnergyWaterHeater")),
    _preset("vicare", by_key("water_heater", "domestic_hot_water")),
)
