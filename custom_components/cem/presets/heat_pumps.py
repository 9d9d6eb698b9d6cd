"""Heat pumps that take a room temperature, and perhaps that of a tank."""

from typing import Final

from custom_components.cem.const import Kind
from custom_components.cem.presets.preset import Find, Preset, by_key

_CORE: Final = "homeassistant/components/"
_KEEPS: Final = "keeps the last temperature"


def _tank(key: str, unique_id: str = ".*") -> Find:
    """Find the water heater that sets the tank of a heat pump."""
    return Find(domain="water_heater", unique_id=unique_id, key=key)


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
        answers={"cools": True},
        fallback=_KEEPS,
        source=_CORE + "daikin",
    ),
    Preset(
        integration="daikin_onecta",
        kind=Kind.HEAT_PUMP,
        method="climate",
        entities={
            "climate": Find(
                domain="climate", unique_id=".*_roomTemperature", key="roomTemperature"
            ),
        },
        needs=("climate",),
        beside={"tank_setpoint": _tank("DaikinWaterTank")},
        fallback=_KEEPS,
        source="jwillemsen/daikin_onecta 01c42b5",
        core=False,
    ),
    Preset(
        integration="melcloud",
        kind=Kind.HEAT_PUMP,
        method="climate",
        entities={
            "climate": Find(
                domain="climate", unique_id=r"(?!.*-\d$).*", key="AtaDeviceClimate"
            ),
            "indoor_temperature": by_key("sensor", "room_temperature"),
            "outdoor_temperature": by_key("sensor", "outside_temperature"),
        },
        needs=("climate",),
        answers={"cools": True},
        fallback=_KEEPS,
        source=_CORE + "melcloud",
    ),
    Preset(
        integration="melcloud",
        kind=Kind.HEAT_PUMP,
        method="climate",
        entities={
            "climate": Find(
                domain="climate", unique_id=r".*-\d", key="AtwDeviceZoneClimate"
            ),
            "indoor_temperature": by_key("sensor", "room_temperature"),
        },
        needs=("climate",),
        beside={
            "outdoor_temperature": by_key("sensor", "outside_temperature"),
            "tank_setpoint": _tank("AtwWaterHeater"),
            "water_temperature": by_key("sensor", "tank_temperature"),
        },
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
            "tank_setpoint": _tank("WaterHeater"),
        },
        needs=("climate",),
        answers={"tank_mode": "high_demand", "tank_mode_usual": "heat_pump"},
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
        beside={
            "tank_setpoint": _tank(
                "domestic_hot_water", "mypyllant_.*_domestic_hot_water_.*"
            ),
        },
        fallback=_KEEPS,
        source="github.com/signalkraft/mypyllant-component c8cb4c4",
        core=False,
    ),
)
