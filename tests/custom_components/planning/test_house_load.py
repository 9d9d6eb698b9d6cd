"""The house load to come: typical at first, then what was recorded."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.recorder.models import StatisticMeanType
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.planner import Planner
from custom_components.cem.planning.house_load import HouseLoad, async_history
from tests.custom_components.conftest import SetUp

LOAD = "sensor.home_house_load"


async def record(hass: HomeAssistant, hours: dict[datetime, float]) -> None:
    """Put hourly means of the house load into the statistics."""
    metadata: Any = {
        "source": "recorder",
        "name": None,
        "statistic_id": LOAD,
        "unit_of_measurement": "W",
        "unit_class": "power",
        "has_sum": False,
        "mean_type": StatisticMeanType.ARITHMETIC,
    }
    rows: Any = [{"start": start, "mean": mean} for start, mean in hours.items()]
    async_import_statistics(hass, metadata, rows)
    await get_instance(hass).async_block_till_done()


async def test_history_is_read_from_long_term_statistics(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    assert home.load_statistic_id == LOAD
    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    await record(
        hass,
        {
            now - timedelta(days=1): 700.0,
            now - timedelta(days=7): 900.0,
            now - timedelta(days=60): 9000.0,  # long ago
        },
    )
    found = await async_history(hass, LOAD)
    assert sorted(found) == [
        (now - timedelta(days=7), 900.0),
        (now - timedelta(days=1), 700.0),
    ]
    load = HouseLoad(found, annual_wh=3_650_000, now=now)
    assert load.at(now) in {700, 900}


async def test_on_day_one_the_profile_is_typical(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(Kind.METER, options={"annual_consumption": 3650})
    assert await async_history(hass, home.load_statistic_id) == []
    assert await async_history(hass, None) == []
    planner = Planner(home)
    now = dt_util.utcnow()
    outlook = await planner._outlook(now)
    day = [outlook.load.at(now + timedelta(hours=hour)) for hour in range(24)]
    assert sum(day) == pytest.approx(10_000)
    await planner.async_stop()
