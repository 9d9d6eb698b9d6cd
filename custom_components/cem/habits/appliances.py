"""What single devices drew: those that Home Assistant's energy dashboard lists."""

from datetime import datetime, timedelta
from functools import partial

from homeassistant.components.energy import data as energy_data
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance

from custom_components.cem.learning.statistics import Column

_HOUR = timedelta(hours=1)


async def async_appliances(
    hass: HomeAssistant, start: datetime, hours: int
) -> dict[str, Column]:
    """Return hourly means in W of ``hours`` from ``start`` on, by the device's name."""
    if not {"energy", "recorder"} <= hass.config.components:
        return {}
    manager = await energy_data.async_get_manager(hass)
    listed = manager.data["device_consumption"] if manager.data else []
    names = {
        each["stat_consumption"]: each.get("name")
        or _name(hass, each["stat_consumption"])
        for each in listed
    }
    if not names:
        return {}
    found = await get_instance(hass).async_add_executor_job(
        partial(
            statistics_during_period,
            hass,
            start,
            start + hours * _HOUR,
            set(names),
            "hour",
            {"energy": "Wh"},
            {"change"},
        )
    )
    columns: dict[str, Column] = {}
    for statistic_id, name in names.items():
        column: Column = [None] * hours
        for row in found.get(statistic_id, ()):
            place = round((row["start"] - start.timestamp()) / _HOUR.total_seconds())
            if 0 <= place < hours:
                column[place] = row.get("change")
        columns[name] = column
    return columns


def _name(hass: HomeAssistant, statistic_id: str) -> str:
    state = hass.states.get(statistic_id)
    return statistic_id if state is None else state.name
