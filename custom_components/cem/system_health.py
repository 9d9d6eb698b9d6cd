"""What Settings > System > System information shows of the CEM: nothing private."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from homeassistant.components.system_health import SystemHealthRegistration
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util

from custom_components.cem.care.disk import room_of
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home
from custom_components.cem.problems import problems


@callback
def async_register(hass: HomeAssistant, register: SystemHealthRegistration) -> None:
    """Register what is asked when the page is opened."""
    del hass
    register.async_register_info(async_info)


async def async_info(hass: HomeAssistant) -> dict[str, Any]:
    """Return how all loaded homes do, numbers and codes only."""
    entries = hass.config_entries.async_entries(DOMAIN)
    homes: list[Home] = [
        entry.runtime_data
        for entry in entries
        if entry.state is ConfigEntryState.LOADED
    ]
    room = await hass.async_add_executor_job(room_of, Path(hass.config.config_dir))
    return {
        "homes": len(homes),
        "mode": _each(home.mode.value for home in homes),
        "meters_reporting": sum(not home.snapshot.meter_silent for home in homes),
        "devices": sum(len(home.devices) for home in homes),
        "limits_in_force": sum(len(home.snapshot.limits) for home in homes),
        "plan": _each(_plan_of(home) for home in homes),
        "problems": _each(code for home in homes for code, _ in problems(home)),
        "disk_free_mb": round(room.free_mb),
    }


def _plan_of(home: Home) -> str:
    if home.plan is None:
        return "none"
    age = dt_util.utcnow() - home.plan.created_at
    return f"{home.plan.status.value}, {age.total_seconds() / 60:.0f} min"


def _each(words: Iterable[str]) -> str:
    return ", ".join(words) or "-"
