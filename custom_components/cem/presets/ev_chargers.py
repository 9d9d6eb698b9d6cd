"""EV chargers, and the cars that are their own charger's control."""

from typing import Final

from custom_components.cem.const import Kind
from custom_components.cem.presets.preset import Find, Preset, by_key, ending

_CORE: Final = "homeassistant/components/"
_TESLA: Final = {
    "switch": by_key("switch", "charge_state_charging_state"),
    "throttle": by_key("number", "charge_state_charge_current_request"),
    "plugged": by_key("binary_sensor", "charge_state_conn_charge_cable"),
    "power": by_key("sensor", "charge_state_charger_power"),
}
_KEEPS: Final = "keeps the last current"


def _tesla(integration: str, state_of_charge: str) -> Preset:
    return Preset(
        integration=integration,
        kind=Kind.EV_CHARGER,
        entities={
            **_TESLA,
            "car_state_of_charge": by_key("sensor", state_of_charge),
        },
        needs=("switch", "throttle"),
        fallback=_KEEPS,
        source=_CORE + integration,
    )


PRESETS: Final = (
    Preset(
        integration="wallbox",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("switch", "pause_resume"),
            "plugged": by_key("sensor", "status_description"),
            "power": by_key("sensor", "charging_power"),
        },
        needs=("switch",),
        answers={
            "plugged_states": "Charging, Discharging, Paused, Scheduled, "
            "Waiting for car demand, Waiting"
        },
        fallback="stays as last switched",
        source=_CORE + "wallbox",
    ),
    Preset(
        integration="peblar",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("switch", "charge"),
            "throttle": by_key("number", "charge_current_limit"),
            "plugged": by_key("sensor", "cp_state"),
            "power": ending("sensor", "power_total", before="_"),
        },
        needs=("throttle",),
        answers={"plugged_states": "charging, suspended"},
        fallback=_KEEPS,
        source=_CORE + "peblar",
    ),
    Preset(
        integration="ohme",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("select", "charge_mode"),
            "plugged": by_key("sensor", "status"),
            "power": ending("sensor", "power", before="_"),
        },
        needs=("switch",),
        answers={
            "option_on": "max_charge",
            "option_off": "paused",
            "plugged_states": "charging, finished, paused, plugged_in",
        },
        fallback="keeps the last mode",
        source=_CORE + "ohme",
    ),
    Preset(
        integration="openevse",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("select", "override_state"),
            "throttle": by_key("number", "charge_rate"),
            "plugged": by_key("binary_sensor", "vehicle"),
            "power": by_key("sensor", "current_power"),
        },
        needs=("switch", "throttle"),
        answers={"option_on": "active", "option_off": "disabled"},
        fallback=_KEEPS,
        source=_CORE + "openevse",
    ),
    Preset(
        integration="technove",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("switch", "session_active"),
            "throttle": by_key("number", "max_current"),
            "plugged": by_key("sensor", "status"),
        },
        needs=("switch", "throttle"),
        answers={"phases": "1", "plugged_states": "plugged_charging, plugged_waiting"},
        fallback=_KEEPS,
        source=_CORE + "technove",
    ),
    Preset(
        integration="victron_gx",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("switch", "evcharger_charge"),
            "throttle": by_key("number", "evcharger_set_current"),
            "plugged": by_key("binary_sensor", "evcharger_connected"),
            "power": by_key("sensor", "evcharger_power"),
        },
        needs=("switch", "throttle"),
        fallback=_KEEPS,
        source=_CORE + "victron_gx",
    ),
    Preset(
        integration="v2c",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("switch", "paused"),
            "throttle": by_key("number", "intensity"),
            "plugged": by_key("binary_sensor", "connected"),
            "power": by_key("sensor", "charge_power"),
        },
        needs=("switch", "throttle"),
        answers={"switch_pauses": True},
        fallback=_KEEPS,
        source=_CORE + "v2c",
    ),
    _tesla("tesla_fleet", "charge_state_battery_level"),
    _tesla("teslemetry", "charge_state_battery_level"),
    _tesla("tessie", "charge_state_usable_battery_level"),
    Preset(
        integration="zaptec",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("switch", "charger_operation_mode"),
            "throttle": by_key("number", "charger_max_current"),
            "plugged": by_key("sensor", "charger_operation_mode"),
            "power": by_key("sensor", "total_charge_power"),
        },
        needs=("switch", "throttle"),
        answers={
            "plugged_states": "connected_charging, connected_finished, "
            "connected_requesting"
        },
        fallback=_KEEPS,
        source="github.com/custom-components/zaptec b1a02b3",
        core=False,
    ),
    Preset(
        integration="easee",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("switch", "is_enabled"),
            "plugged": ending("sensor", "status", before="_"),
            "power": by_key("sensor", "power"),
        },
        needs=("switch",),
        answers={
            "plugged_states": "awaiting_start, charging, completed, ready_to_charge, "
            "awaiting_load_balancing, awaiting_smart_start"
        },
        fallback="stays as last switched",
        source="github.com/nordicopen/easee_hass 0a95d0d",
        core=False,
    ),
    Preset(
        integration="goecharger_api2",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": by_key("select", "frc"),
            "throttle": by_key("number", "amp"),
            "plugged": by_key("binary_sensor", "car_0"),
            "power": by_key("sensor", "nrg_11"),
        },
        needs=("switch", "throttle"),
        answers={"option_on": "2", "option_off": "1"},
        fallback=_KEEPS,
        source="github.com/marq24/ha-goecharger-api2 b48a90c",
        core=False,
    ),
    Preset(
        integration="ocpp",
        kind=Kind.EV_CHARGER,
        entities={
            "switch": ending("switch", "charge_control", before=r"\."),
            "throttle": ending("number", "maximum_current", before=r"\."),
            "plugged": Find(
                domain="sensor",
                unique_id=r".*\.status_connector\.sensor",
                key="status_connector",
            ),
            "power": Find(
                domain="sensor",
                unique_id=r".*\.power_active_import\.sensor",
                key="power_active_import",
            ),
        },
        needs=("switch", "throttle"),
        answers={
            "plugged_states": "Preparing, Charging, SuspendedEV, SuspendedEVSE, "
            "Finishing, Occupied"
        },
        fallback=_KEEPS,
        source="github.com/lbbrhzn/ocpp a37fed3",
        core=False,
    ),
)
