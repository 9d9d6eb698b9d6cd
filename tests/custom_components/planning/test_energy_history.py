"""The load before there was a CEM, from the energy dashboard's counters."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.cem.const import Kind
from custom_components.cem.planner import Planner
from custom_components.cem.planning.energy_history import async_energy_history
from tests.custom_components.conftest import SetUp
from tests.custom_components.foretelling import Foretelling
from tests.custom_components.planning.test_house_load import record
from tests.custom_components.test_prefill import BATTERY, GRID, SOLAR, prefer


def count(hass: HomeAssistant, statistic_id: str, start: datetime, *kwh: float) -> None:
    """Put a counter that rose by ``kwh`` in the hours from ``start``."""
    metadata: Any = {
        "source": "recorder",
        "name": None,
        "statistic_id": statistic_id,
        "unit_of_measurement": "kWh",
        "unit_class": "energy",
        "has_sum": True,
        "mean_type": StatisticMeanType.NONE,
    }
    total, rows = 0.0, []
    for place, change in enumerate((0.0, *kwh)):
        total += change
        rows.append({"start": start + timedelta(hours=place - 1), "sum": total})
    async_import_statistics(hass, metadata, rows)  # type: ignore[arg-type]


def mean(hass: HomeAssistant, statistic_id: str, start: datetime, *watt: float) -> None:
    """Put the means of a power in the hours from ``start``."""
    metadata: Any = {
        "source": "recorder",
        "name": None,
        "statistic_id": statistic_id,
        "unit_of_measurement": "W",
        "unit_class": "power",
        "has_sum": False,
        "mean_type": StatisticMeanType.ARITHMETIC,
    }
    rows: Any = [
        {"start": start + timedelta(hours=place), "mean": power}
        for place, power in enumerate(watt)
    ]
    async_import_statistics(hass, metadata, rows)


async def test_the_load_is_what_the_counters_leave(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.BATTERY, Kind.EV_CHARGER)
    devices = home.devices.values()
    hour = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    start = hour - timedelta(hours=10)
    assert await async_energy_history(hass, devices, start) == []
    await prefer(hass, GRID, SOLAR, BATTERY)
    assert await async_energy_history(hass, devices, start) == []
    count(hass, "sensor.import_total", start, 5.0, 0.0, 1.0)
    count(hass, "sensor.export_total", start, 0.0, 1.0, 0.0)
    count(hass, "sensor.solar_total", start, 0.0, 3.0, 0.0)
    count(hass, "sensor.battery_out", start, 0.5, 0.0, 0.0)
    count(hass, "sensor.battery_in", start, 0.0, 1.25, 0.0)
    mean(hass, "sensor.charger", start, 4000, 0, 2000)
    await async_wait_recording_done(hass)
    found = dict(await async_energy_history(hass, devices, start))
    # 5 + 0.5 - 4 for the car; 3 - 1 - 1.25; less than nothing is nothing.
    assert found[start] == pytest.approx(1500)
    assert found[start + timedelta(hours=1)] == pytest.approx(750)
    assert found[start + timedelta(hours=2)] == 0


async def test_our_own_sensor_is_believed_first(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    await prefer(hass, GRID)
    hour = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    start = hour - timedelta(hours=10)
    count(hass, "sensor.import_total", start, 5.0, 6.0)
    count(hass, "sensor.export_total", start, 0.0, 0.0)
    await record(hass, {start: 444.0})
    worker = Foretelling()
    planner = Planner(home, worker)
    await planner._foresight.async_outlook(dt_util.utcnow())
    (asked,) = worker.forecasts
    row = (start - datetime.fromisoformat(asked["start"])) // timedelta(hours=1)
    history = asked["load"]["history_w"]
    assert history[row : row + 3] == [444, pytest.approx(6000), None]
    await planner.async_stop()
