"""The house load to come: typical at first, then what was recorded."""

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
from custom_components.cem.learning.statistics import HOUR
from custom_components.cem.planner import Planner
from custom_components.cem.planning.house_load import async_load_history
from tests.custom_components.conftest import SetUp
from tests.custom_components.foretelling import Foretelling

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
    await async_wait_recording_done(hass)


def hour_of(now: datetime) -> datetime:
    return now.replace(minute=0, second=0, microsecond=0)


async def test_history_is_read_from_long_term_statistics(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    assert home.load_statistic_id == LOAD
    now = hour_of(dt_util.utcnow())
    day = timedelta(days=1)
    await record(hass, {now - day: 700.0, now - 7 * day: 900.0, now - 90 * day: 9e3})
    hours = [now + row * HOUR for row in range(-8 * 24, 0)]
    before = {now - day: 1.0, now - 2 * day: 300.0}
    found = await async_load_history(hass, LOAD, before, hours)
    known = {t: w for t, w in zip(hours, found, strict=True) if w is not None}
    # What our own sensor said is believed before what there was without it.
    assert known == {now - 7 * day: 900, now - 2 * day: 300, now - day: 700}
    assert await async_load_history(hass, None, {}, hours[:2]) == [None, None]


async def test_on_day_one_the_profile_is_typical(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    home = await set_up(Kind.METER, options={"annual_consumption": 3650})
    planner = Planner(home, Foretelling())
    now = dt_util.utcnow()
    outlook = await planner._foresight.async_outlook(now)
    day = [outlook.load.at(now + timedelta(hours=hour)) for hour in range(24)]
    assert sum(day) == pytest.approx(10_000, rel=0.02)
    assert max(day) > 2 * min(day)
    await planner.async_stop()


async def test_history_takes_the_place_of_the_profile(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER)
    now = hour_of(dt_util.utcnow())
    await record(hass, {now - row * HOUR: 2000.0 for row in range(1, 24 * 30)})
    worker = Foretelling()
    planner = Planner(home, worker)
    outlook = await planner._foresight.async_outlook(now + timedelta(minutes=5))
    assert outlook.load.at(now + timedelta(hours=5)) == pytest.approx(2000, rel=0.01)
    # Until the next hour is in the statistics nothing is asked again.
    await planner._foresight.async_outlook(now + timedelta(minutes=61))
    assert len(worker.forecasts) == 1
    await planner._foresight.async_outlook(now + timedelta(minutes=62))
    assert len(worker.forecasts) == 2
    await planner.async_stop()


async def test_days_away_are_left_out(hass: HomeAssistant, set_up: SetUp) -> None:
    home = await set_up(Kind.METER)
    now = hour_of(dt_util.utcnow())
    hours = {now - row * HOUR: 800.0 for row in range(1, 24 * 30)}
    gone = {dt_util.as_local(now - timedelta(days=n)).date() for n in range(2, 9)}
    await record(
        hass,
        {
            t: 50.0 if dt_util.as_local(t).date() in gone else w
            for t, w in hours.items()
        },
    )
    home.learned.away = [day.isoformat() for day in gone]
    planner = Planner(home, Foretelling())
    outlook = await planner._foresight.async_outlook(now)
    assert outlook.load.at(now + timedelta(hours=5)) == pytest.approx(800, rel=0.02)
    await planner.async_stop()
