"""Prices by actions of integrations and by the clock."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.exceptions import HomeAssistantError
import pytest

from cem_core.model import SeriesError
from custom_components.cem.planning.prices import async_prices

MIDNIGHT = datetime(2026, 1, 14, 23, tzinfo=UTC)  # in Brussels
HOUR = timedelta(hours=1)
MARKET = {"price_factor": 1.21, "price_addition": 0.1}


@pytest.fixture(autouse=True)
async def brussels(hass: HomeAssistant, freezer: Any) -> None:
    freezer.move_to(MIDNIGHT + 12 * HOUR)
    await hass.config.async_set_time_zone("Europe/Brussels")


def answer(hass: HomeAssistant, domain: str, action: str, today: Any) -> list[Any]:
    """Let an action answer for today and refuse tomorrow; return what it was asked."""
    asked: list[Any] = []

    async def say(call: ServiceCall) -> ServiceResponse:
        asked.append(dict(call.data))
        if len(asked) > 1:
            raise HomeAssistantError("not yet")
        return {"prices": today}

    hass.services.async_register(
        domain, action, say, supports_response=SupportsResponse.ONLY
    )
    return asked


# As the integrations of Home Assistant 2026.10 answer.
ENERGYZERO = [
    {
        "price": 0.1,
        "timestamp": "2026-01-14 23:00:00+00:00",
        "start": "2026-01-14 23:00:00+00:00",
        "end": "2026-01-15 00:00:00+00:00",
    },
    {
        "price": -0.02,
        "timestamp": "2026-01-15 00:00:00+00:00",
        "start": "2026-01-15 00:00:00+00:00",
        "end": "2026-01-15 01:00:00+00:00",
    },
]
EASYENERGY = [
    {"timestamp": "2026-01-14 23:00:00+00:00", "price": 0.1},
    {"timestamp": "2026-01-15 00:00:00+00:00", "price": -0.02},
]
TIBBER = {
    "Cabin": [{"start_time": "2026-01-15T00:00:00.000+01:00", "price": 9.0}],
    "Home": [
        {"start_time": "2026-01-15T00:00:00.000+01:00", "price": 0.1},
        {"start_time": "2026-01-15T01:00:00.000+01:00", "price": -0.02},
    ],
}


@pytest.mark.parametrize(
    ("method", "action", "said"),
    [
        ("energyzero", "get_energy_prices", ENERGYZERO),
        ("easyenergy", "get_energy_usage_prices", EASYENERGY),
        ("tibber", "get_prices", TIBBER),
    ],
)
async def test_each_answers_in_its_own_shape(
    hass: HomeAssistant, method: str, action: str, said: Any
) -> None:
    asked = answer(hass, method, action, said)
    tariff = {"method": method, f"{method}_entry": "an-entry", "tibber_home": "Home"}
    share = {"export_factor": 0.5, "export_addition": -0.01}
    found = await async_prices(hass, tariff | MARKET | share)
    assert len(asked) == 2
    assert asked[0]["start"].startswith("2026-01-15")
    assert found.imported.at(MIDNIGHT) == pytest.approx(0.1 * 1.21 + 0.1)
    assert found.imported.at(MIDNIGHT + HOUR) == pytest.approx(-0.02 * 1.21 + 0.1)
    assert found.exported.at(MIDNIGHT) == pytest.approx(0.04)
    assert found.fixed_export is None


async def test_tibber_takes_its_first_home_where_none_is_named(
    hass: HomeAssistant,
) -> None:
    answer(hass, "tibber", "get_prices", TIBBER)
    tariff = {"method": "tibber", "tibber_entry": "an-entry", "export_price": 0.3}
    found = await async_prices(
        hass, tariff | {"price_factor": 1.0, "price_addition": 0.0}
    )
    assert found.imported.at(MIDNIGHT) == 9.0
    assert found.fixed_export == 0.3


async def test_a_home_that_tibber_does_not_know(hass: HomeAssistant) -> None:
    answer(hass, "tibber", "get_prices", TIBBER)
    tariff = {"method": "tibber", "tibber_entry": "an-entry", "tibber_home": "Boat"}
    with pytest.raises(SeriesError, match="no home 'Boat'"):
        await async_prices(hass, tariff | MARKET)


async def test_an_empty_answer_is_no_price(hass: HomeAssistant) -> None:
    answer(hass, "energyzero", "get_energy_prices", [])
    tariff = {"method": "energyzero", "energyzero_entry": "an-entry"}
    with pytest.raises(SeriesError, match="EnergyZero: not yet"):
        await async_prices(hass, tariff | MARKET)


async def test_prices_by_the_clock(hass: HomeAssistant) -> None:
    tariff = {
        "method": "time_of_use",
        "calendar": "belgium_day_night",
        "period_prices": "day 0.4, night 0.2",
        "export_price": 0.05,
    }
    found = await async_prices(hass, tariff)
    assert found.imported.at(MIDNIGHT + 6 * HOUR) == 0.2
    assert found.imported.at(MIDNIGHT + 7 * HOUR) == 0.4  # a Thursday
    assert found.imported.at(MIDNIGHT + 22 * HOUR) == 0.2
    assert found.imported.end == MIDNIGHT + 72 * HOUR


async def test_a_grid_fee_by_the_clock_comes_on_top_of_the_market(
    hass: HomeAssistant,
) -> None:
    answer(hass, "energyzero", "get_energy_prices", ENERGYZERO)
    tariff = {
        "method": "energyzero",
        "energyzero_entry": "an-entry",
        "calendar": "portugal_daily",
        "period_prices": "vazio 0.01, ponta 0.2, cheias 0.1",
    }
    found = await async_prices(hass, tariff | MARKET)
    assert found.imported.at(MIDNIGHT) == pytest.approx(0.1 * 1.21 + 0.1 + 0.01)
