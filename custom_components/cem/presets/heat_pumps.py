"""Heat pumps that take a room temperature, and perhaps that of a tank."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from custom_components.cem.const import Kind
from custom_components.cem.presets.preset import Find, Preset, by_key

_CORE: Final = "homeassistant/components/"


def _tank(key: str, unique_id: str = ".*") -> Find:
    """Find the water heater that sets the tank of a heat pump."""
    return Find(domain="water_heater", unique_id=unique_id, key=key)


def _by_climate(
    integration: str,
    *,
    climate: Find,
    source: str,
    core: bool = True,
    entities: Mapping[str, Find] = MappingProxyType({}),
    beside: Mapping[str, Find] = MappingProxyType({}),
    answers: Mapping[str, Any] = MappingProxyType({}),
) -> Preset:
    """Return the preset of a heat pump whose thermostat is told a temperature."""
    return Preset(
        integration=integration,
        kind=Kind.HEAT_PUMP,
        method="climate",
        entities={"climate": climate, **entities},
        needs=("climate",),
        beside=dict(beside),
        answers=dict(answers),
        fallback="keeps the last temperature",
        source=source,
        core=core,
    )


PRESETS: Final = (
    _by_climate(
        "daikin",
        climate=Find(domain="climate", unique_id=r"(?!.*-zone).*", key="ClimateEntity"),
        entities={
            "power": by_key("sensor", "compressor_estimated_power_consumption"),
            "indoor_temperature": by_key("sensor", "inside_temperature"),
            "outdoor_temperature": by_key("sensor", "outside_temperature"),
        },
        answers={"cools": True},
        source=_CORE + "daikin",
    ),
    _by_climate(
        "daikin_onecta",
        climate=Find(
            domain="climate", unique_id=".*_roomTemperature", key="roomTemperature"
        ),
        beside={"tank_setpoint": _tank("DaikinWaterTank")},
        source="jwillemsen/daikin_onecta 01c42b5",
        core=False,
    ),
    _by_climate(
        "melcloud",
        climate=Find(
            domain="climate", unique_id=r"(?!.*-\d$).*", key="AtaDeviceClimate"
        ),
        entities={
            "indoor_temperature": by_key("sensor", "room_temperature"),
            "outdoor_temperature": by_key("sensor", "outside_temperature"),
        },
        answers={"cools": True},
        source=_CORE + "melcloud",
    ),
    _by_climate(
        "melcloud",
        climate=Find(domain="climate", unique_id=r".*-\d", key="AtwDeviceZoneClimate"),
        entities={
            "indoor_temperature": by_key("sensor", "room_temperature"),
        },
        beside={
            "outdoor_temperature": by_key("sensor", "outside_temperature"),
            "tank_setpoint": _tank("AtwWaterHeater"),
            "water_temperature": by_key("sensor", "tank_temperature"),
        },
        source=_CORE + "melcloud",
    ),
    _by_climate(
        "nibe_heatpump",
        climate=Find(domain="climate", unique_id=r".*-s\d+", key="NibeClimateEntity"),
        entities={
            "tank_setpoint": _tank("WaterHeater"),
        },
        answers={"tank_mode": "high_demand", "tank_mode_usual": "heat_pump"},
        source=_CORE + "nibe_heatpump",
    ),
    _by_climate(
        "mypyllant",
        climate=Find(domain="climate", unique_id="mypyllant_.*_climate", key="climate"),
        entities={
            "indoor_temperature": Find(
                domain="sensor",
                unique_id="mypyllant_.*(?<!desired)_current_temperature",
                key="current_temperature",
            ),
        },
        beside={
            "tank_setpoint": _tank(
                "domestic_hot_water", "mypyllant_.*_domestic_hot_water_.*"
            ),
        },
        source="github.com/signalkraft/mypyllant-component c8cb4c4",
        core=False,
    ),
)
