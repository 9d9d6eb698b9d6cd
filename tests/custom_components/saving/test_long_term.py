"""Savings of a year remain: they are long-term statistics, which nothing purges."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.cem.care.deletion import async_delete
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.saving.long_term import async_keep_long, saving_statistic
from tests.custom_components.conftest import SetUp
from tests.custom_components.saving.test_view import NOON, OBSERVED, ago

DAYS = 300


@pytest.fixture
async def home(hass: HomeAssistant, set_up: SetUp) -> Home:
    await hass.config.async_set_time_zone("UTC")
    home = await set_up(Kind.METER, Kind.TARIFF, Kind.SOLAR, Kind.BATTERY)
    home.savings.days = [ago(OBSERVED, days) for days in range(DAYS - 1, -1, -1)]
    return home


async def rows(
    hass: HomeAssistant, home: Home, key: str, period: str = "hour"
) -> list[Any]:
    await async_wait_recording_done(hass)
    name = saving_statistic(home.entry, key)
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        NOON - timedelta(days=2 * DAYS),
        NOON + timedelta(days=DAYS),
        {name},
        period,
        None,
        {"sum", "state", "mean", "max", "change"},
    )
    return list(found.get(name, []))


async def test_a_year_of_days_is_kept_and_goes_on(
    hass: HomeAssistant, home: Home
) -> None:
    await async_keep_long(home)
    saved = await rows(hass, home, "saved")
    assert len(saved) == DAYS
    assert saved[-1]["sum"] == pytest.approx(DAYS * 1.1)
    last = datetime.fromtimestamp(saved[-1]["start"], NOON.tzinfo)
    assert last == NOON - timedelta(hours=1)
    peaks = await rows(hass, home, "peak")
    assert (peaks[0]["mean"], peaks[0]["max"]) == (7.6, 7.6)
    used = await rows(hass, home, "self_used")
    assert used[-1]["sum"] == pytest.approx(DAYS * 3.3)
    # Nothing tells of CO2: no row, and no zero either.
    assert await rows(hass, home, "co2") == []
    # The store forgets days, the sums do not; a day is never added twice.
    dirty = replace(ago(OBSERVED, -1), planned=4.8, co2_kg=2.0)
    home.savings.days = [*home.savings.days[-3:], dirty]
    for _ in range(2):
        await async_keep_long(home)
        await async_wait_recording_done(hass)
    saved = await rows(hass, home, "saved")
    assert len(saved) == DAYS + 1
    assert saved[-1]["sum"] == pytest.approx(DAYS * 1.1 - 0.5)  # a loss is one here too
    assert [row["sum"] for row in await rows(hass, home, "co2")] == [2.0]


async def test_months_are_those_of_the_view(hass: HomeAssistant, home: Home) -> None:
    await async_keep_long(home)
    months = await rows(hass, home, "saved", "month")
    # Of January 2026 fifteen days had ended at noon.
    assert months[-1]["change"] == pytest.approx(15 * 1.1)
    assert months[-2]["change"] == pytest.approx(31 * 1.1)


async def test_they_go_with_the_home(hass: HomeAssistant, home: Home) -> None:
    await async_keep_long(home)
    assert await rows(hass, home, "saved")
    deleted = await async_delete(home, evidence=True)
    assert saving_statistic(home.entry, "saved") in deleted.statistics
    assert await rows(hass, home, "saved") == []
