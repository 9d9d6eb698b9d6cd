"""Appliances that can be started from outside."""

from typing import Final

from custom_components.cem.const import Kind
from custom_components.cem.presets.preset import Find, Preset, by_key

_CORE: Final = "homeassistant/components/"
_FINISHES: Final = "finishes its run"

PRESETS: Final = (
    Preset(
        integration="miele",
        kind=Kind.APPLIANCE,
        entities={
            "start": by_key("button", "start"),
            "ready": by_key("sensor", "status"),
        },
        needs=("start", "ready"),
        answers={"ready_state": "waiting_to_start"},
        fallback=_FINISHES,
        source=_CORE + "miele",
    ),
    # Which program is to start only its owner knows: the form asks for the option.
    Preset(
        integration="home_connect",
        kind=Kind.APPLIANCE,
        entities={
            "start": by_key("select", "active_program"),
            "ready": by_key("binary_sensor", "remote_start"),
        },
        needs=("start", "ready"),
        fallback=_FINISHES,
        source=_CORE + "home_connect",
    ),
    Preset(
        integration="shelly",
        kind=Kind.APPLIANCE,
        entities={
            "start": Find(
                domain="switch", unique_id=r".*-(relay_|switch:)\d+", key="switch"
            ),
            "power": Find(
                domain="sensor",
                unique_id=r".*-(relay_\d+-power|switch:\d+-power)",
                key="power",
            ),
        },
        needs=("start", "power"),
        fallback=_FINISHES,
        source=_CORE + "shelly",
    ),
)
