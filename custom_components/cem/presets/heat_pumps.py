"""Heat pumps that take a room temperature."""

from typing import Final

from custom_components.cem.const import Kind
from custom_components.cem.presets.preset import Find, Preset, by_key

_CORE: Final = "homeassistant/components/"
_KEEPS: Final = "keeps the last temperature"

PRESETS: Final = (
    Preset(
        integration="daikin",
        kind=Kind.HEAT_PUMP,
        method="climate",
        entities={
            "climate": Find(
                domain="climate", unique_id=r"(?!.*-zone).*", key="ClimateEntity"
            ),
            "power": by_key("sensor", "compressor_estimated_power_consumption"),
            "indoor_temperature": by_key("sensor", "inside_temperature"),
            "outdoor_temperature": by_key("sensor", "outside_temperature"),
        },
        needs=("climate",),
        fallback=_KEEPS,
        source=_CORE + "daikin",
    ),
    Preset(
        integration="melcloud",
        kind=Kind.HEAT_PUMP,
        method="climate",
        entities={
            "climate": Find(domain="climate", unique_id=".*", key="ClimateEntity"),
            "indoor_temperature": by_key("sensor", "room_temperature"),
            "outdoor_temperature": by_key("sensor", "outside_temperature"),
        },
        needs=("climate",),
        fallback=_KEEPS,
        source=_CORE + "melcloud",
    ),
    Preset(
        integration="nibe_heatpump",
        kind=Kind.HEAT_PUMP,
        method="climate",
        entities={
            "climate": Find(
                domain="climate", unique_id=r".*-s\d+", key="NibeClimateEntity"
            ),
        },
        needs=("climate",),
        fallback=_KEEPS,
        source=_CORE + "nibe_heatpump",
    ),
    Preset(
        integration="mypyllant",
        kind=Kind.HEAT_PUMP,
        method="climate",
        entities={
            "climate": Find(
                domain="climate", unique_id="mypyllant_.*_climate", key="climate"
            ),
            "indoor_temperature": Find(
                domain="sensor",
                unique_id="mypyllant_.*(?<!desired)_current_temperature",
                key="current_temperature",
            ),
        },
        needs=("climate",),
        fallback=_KEEPS,
        source="github.com/signalkraft/mypyllant-component c8cb4c4",
        core=False,
    ),
)
