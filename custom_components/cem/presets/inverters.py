"""Inverters: what they produce, and the batteries behind them."""

from typing import Final

from custom_components.cem.const import Kind
from custom_components.cem.presets.preset import Find, Preset, by_key, ending

_CORE: Final = "homeassistant/components/"
_HUAWEI: Final = "github.com/wlcrs/huawei_solar 1fd5bd5"
_NOT_COMMANDED: Final = "is only watched"
_CURTAILED: Final = "stays curtailed as last ordered"


def _goodwe(key: str) -> Find:
    return Find(domain="sensor", unique_id=f"goodwe-{key}-.*", key=key)


PRESETS: Final = (
    Preset(
        integration="sma",
        kind=Kind.SOLAR,
        entities={
            "power": Find(domain="sensor", name="Grid Power", key="grid_power"),
        },
        needs=("power",),
        fallback=_NOT_COMMANDED,
        source=_CORE + "sma",
    ),
    Preset(
        integration="fronius",
        kind=Kind.SOLAR,
        entities={"power": by_key("sensor", "power_photovoltaics")},
        needs=("power",),
        fallback=_NOT_COMMANDED,
        source=_CORE + "fronius",
    ),
    Preset(
        integration="goodwe",
        kind=Kind.SOLAR,
        entities={"power": _goodwe("ppv")},
        needs=("power",),
        fallback=_NOT_COMMANDED,
        source=_CORE + "goodwe",
    ),
    Preset(
        integration="solaredge_modbus",
        kind=Kind.SOLAR,
        entities={
            "power": by_key("sensor", "dc_power"),
            "curtailment": by_key("number", "active_power_limit"),
        },
        needs=("power", "curtailment"),
        fallback=_CURTAILED,
        source=_CORE + "solaredge_modbus",
    ),
    Preset(
        integration="solaredge_modbus",
        kind=Kind.BATTERY,
        entities={
            "power": by_key("sensor", "dc_power"),
            "state_of_charge": by_key("sensor", "state_of_energy"),
        },
        needs=("power", "state_of_charge"),
        answers={"power_sign": "charge_positive"},
        fallback=_NOT_COMMANDED,
        source=_CORE + "solaredge_modbus",
    ),
    Preset(
        integration="victron_gx",
        kind=Kind.SOLAR,
        entities={"power": by_key("sensor", "system_dc_pv_power")},
        needs=("power",),
        fallback=_NOT_COMMANDED,
        source=_CORE + "victron_gx",
    ),
    Preset(
        integration="victron_gx",
        kind=Kind.BATTERY,
        entities={
            "power": by_key("sensor", "system_dc_battery_power"),
            "state_of_charge": by_key("sensor", "system_dc_battery_soc"),
        },
        needs=("power", "state_of_charge"),
        answers={"power_sign": "charge_positive"},
        fallback=_NOT_COMMANDED,
        source=_CORE + "victron_gx",
    ),
    Preset(
        integration="huawei_solar",
        kind=Kind.SOLAR,
        entities={
            "power": ending("sensor", "input_power", before="_"),
            "curtailment": by_key("number", "active_power_fixed_value_derating"),
        },
        needs=("power",),
        fallback=_CURTAILED,
        source=_HUAWEI,
        core=False,
    ),
    Preset(
        integration="huawei_solar",
        kind=Kind.BATTERY,
        entities={
            "power": ending("sensor", "storage_charge_discharge_power", before="_"),
            "state_of_charge": ending(
                "sensor", "storage_state_of_capacity", before="_"
            ),
        },
        needs=("power", "state_of_charge"),
        answers={"power_sign": "charge_positive"},
        fallback=_NOT_COMMANDED,
        source=_HUAWEI,
        core=False,
    ),
)
