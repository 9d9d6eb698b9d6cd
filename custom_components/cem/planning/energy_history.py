"""What the house drew before there was a CEM: the energy dashboard's counters.

Load = grid + solar + battery - the controlled devices, hour by hour, as our
own sensor computes it from powers.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from homeassistant.components.energy import data as energy_data
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.planning.house_load import Sample
from custom_components.cem.recorded import power_entity

_SIGNS: Final = {"stat_energy_from": 1, "stat_energy_to": -1}
_SOURCES: Final = ("grid", "solar", "battery")
_LOADS: Final = (
    Kind.EV_CHARGER,
    Kind.HEAT_PUMP,
    Kind.WATER_HEATER,
    Kind.APPLIANCE,
)

type Rows = Mapping[str, Iterable[Any]]


async def async_energy_history(
    hass: HomeAssistant, devices: Iterable[ControlledDevice], start: datetime
) -> list[Sample]:
    """Return hourly means in W from ``start`` on; none without an energy dashboard.

    A device without statistics of its own stays in the load.
    """
    if not {"energy", "recorder"} <= hass.config.components:
        return []
    manager = await energy_data.async_get_manager(hass)
    sources = manager.data["energy_sources"] if manager.data else []
    flows = _flows(sources)
    if not any(source["type"] == "grid" for source in sources):
        return []
    powers = {
        power
        for device in devices
        if device.kind in _LOADS and (power := power_entity(hass, device)) is not None
    }
    found = await get_instance(hass).async_add_executor_job(
        partial(
            statistics_during_period,
            hass,
            start,
            None,
            {*flows, *powers},
            "hour",
            {"energy": "Wh", "power": "W"},
            {"change", "mean"},
        )
    )
    return _load(found, flows, powers)


def _flows(sources: Iterable[Mapping[str, Any]]) -> dict[str, int]:
    """Return each counter with its sign: what it adds to the house."""
    return {
        source[key]: sign
        for source in sources
        if source["type"] in _SOURCES
        for key, sign in _SIGNS.items()
        if source.get(key)
    }


def _load(found: Rows, flows: Mapping[str, int], powers: Iterable[str]) -> list[Sample]:
    """Return the balance of the hours in which every counter counted."""
    counted = {
        name: {row["start"]: row["change"] for row in found.get(name, ())}
        for name in flows
    }
    hours = set.intersection(*(set(rows) for rows in counted.values()))
    drawn = [
        {row["start"]: row.get("mean") or 0.0 for row in found.get(name, ())}
        for name in powers
    ]
    samples: list[tuple[datetime, float]] = []
    for hour in sorted(hours):
        changes = {name: rows[hour] for name, rows in counted.items()}
        if None in changes.values():
            continue
        load_w = sum(flows[name] * change for name, change in changes.items())
        load_w -= sum(rows.get(hour, 0.0) for rows in drawn)
        samples.append((dt_util.utc_from_timestamp(hour), max(0.0, load_w)))
    return samples
