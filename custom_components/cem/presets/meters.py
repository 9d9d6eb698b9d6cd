"""Meters at the grid connection that another integration reads."""

from typing import Final

from custom_components.cem.const import Kind
from custom_components.cem.presets.preset import Find, Preset, by_key, ending

_CORE: Final = "homeassistant/components/"
_ENTITIES: Final = "entities"
_READS: Final = "is only read"


def _both_ways(integration: str, import_power: Find, export_power: Find) -> Preset:
    return Preset(
        integration=integration,
        kind=Kind.METER,
        method=_ENTITIES,
        entities={"import_power": import_power, "export_power": export_power},
        needs=("import_power", "export_power"),
        fallback=_READS,
        source=_CORE + integration,
    )


PRESETS: Final = (
    # Its sockets and meters of single devices have the same entities.
    Preset(
        integration="homewizard",
        kind=Kind.METER,
        method=_ENTITIES,
        model_id="HWE-P1",
        entities={
            "power": ending("sensor", "active_power_w"),
            "import_energy": by_key("sensor", "total_energy_import_kwh"),
            "export_energy": by_key("sensor", "total_energy_export_kwh"),
        },
        needs=("power",),
        fallback=_READS,
        source=_CORE + "homewizard",
    ),
    _both_ways(
        "dsmr",
        by_key("sensor", "current_electricity_usage"),
        by_key("sensor", "current_electricity_delivery"),
    ),
    _both_ways(
        "dsmr_reader",
        by_key("sensor", "current_power_usage"),
        by_key("sensor", "current_power_return"),
    ),
    _both_ways(
        "p1_monitor",
        by_key("sensor", "power_consumption"),
        by_key("sensor", "power_production"),
    ),
    _both_ways(
        "tibber",
        by_key("sensor", "power"),
        by_key("sensor", "power_production"),
    ),
    Preset(
        integration="powerfox",
        kind=Kind.METER,
        method=_ENTITIES,
        entities={"power": ending("sensor", "power", before="_")},
        needs=("power",),
        fallback=_READS,
        source=_CORE + "powerfox",
    ),
    Preset(
        integration="youless",
        kind=Kind.METER,
        method=_ENTITIES,
        entities={
            "power": by_key("sensor", "active_power_w"),
            "import_energy": by_key("sensor", "total_energy_import_kwh"),
        },
        needs=("power",),
        fallback=_READS,
        source=_CORE + "youless",
    ),
)
