"""Prices, sun and weather as Home Assistant's own parts tell them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    State,
    SupportsResponse,
)
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util
from homeassistant.util.json import JsonArrayType
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from cem_core.model import Message, Series, SeriesError
from custom_components.cem.planning.forecast_rows import (
    EntityAwayError,
    forecast_of,
    series_of,
)
from custom_components.cem.planning.prices import async_prices
from custom_components.cem.planning.steps import Steps
from custom_components.cem.planning.weather import (
    async_outdoor,
    async_solar,
    of_watt_hours,
)

NOON = datetime(2026, 1, 15, 11, 0, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
NORDPOOL = {
    "method": "nordpool",
    "nordpool_entry": "an-entry",
    "area": "be",
    "price_factor": 1.21,
    "price_addition": 0.1,
    "export_price": 0.04,
}


def rows(start: datetime, *values: float | None, key: str = "value") -> list[Any]:
    """Return the rows of a forecast in quarters of an hour."""
    return [
        {
            "start": (start + place * QUARTER).isoformat(),
            "end": (start + (place + 1) * QUARTER).isoformat(),
            key: value,
        }
        for place, value in enumerate(values)
    ]


def at(series: Series, time: datetime) -> float | None:
    """Return the mean of the quarter of an hour from ``time``."""
    return series.mean(time, time + QUARTER)


async def test_nord_pools_action_is_asked_for_both_days(
    hass: HomeAssistant, freezer: Any
) -> None:
    freezer.move_to(NOON)
    await hass.config.async_set_time_zone("Europe/Brussels")
    asked: list[dict[str, Any]] = []

    async def prices(call: ServiceCall) -> ServiceResponse:
        asked.append(dict(call.data))
        if call.data["date"] != "2026-01-15":
            raise HomeAssistantError("not yet")
        return {"BE": rows(NOON, 100.0, -20.0, key="price")}

    hass.services.async_register(
        "nordpool",
        "get_prices_for_date",
        prices,
        supports_response=SupportsResponse.ONLY,
    )
    found = await async_prices(hass, NORDPOOL)
    assert [each["date"] for each in asked] == ["2026-01-15", "2026-01-16"]
    assert asked[0] | {"date": ""} == {
        "config_entry": "an-entry",
        "date": "",
        "areas": "BE",
    }
    # EUR/MWh, taxed and with the supplier's share, per kWh; negative is a price.
    assert at(found.imported, NOON) == pytest.approx(0.1 * 1.21 + 0.1)
    assert at(found.imported, NOON + QUARTER) == pytest.approx(-0.02 * 1.21 + 0.1)
    assert found.fixed_export == 0.04


async def test_nord_pool_that_knows_nothing_is_said_in_a_sentence(
    hass: HomeAssistant,
) -> None:
    async def prices(_: ServiceCall) -> ServiceResponse:
        raise HomeAssistantError("no connection")

    with pytest.raises(SeriesError, match="Nord Pool"):
        await async_prices(hass, NORDPOOL)  # the action itself is missing
    hass.services.async_register(
        "nordpool",
        "get_prices_for_date",
        prices,
        supports_response=SupportsResponse.ONLY,
    )
    with pytest.raises(SeriesError, match="Nord Pool: no connection"):
        await async_prices(hass, NORDPOOL)


@pytest.mark.parametrize(
    ("unit", "factor"), [("EUR/kWh", 1), ("EUR/MWh", 0.001), ("EUR/Wh", 1000)]
)
async def test_a_price_entity_in_its_unit(
    hass: HomeAssistant, unit: str, factor: float
) -> None:
    attributes = {
        "unit_of_measurement": unit,
        "raw_today": rows(NOON, 0.3),
        "raw_tomorrow": None,
    }
    hass.states.async_set("sensor.price", "0.25", attributes)
    tariff = {"method": "price_entity", "price_entity": "sensor.price"}
    found = await async_prices(hass, tariff)
    assert at(found.imported, NOON) == pytest.approx(0.3 * factor)
    assert found.fixed_import == pytest.approx(0.25 * factor)
    assert found.fixed_export == 0


async def test_a_price_entity_that_went_is_said_in_a_sentence(
    hass: HomeAssistant,
) -> None:
    tariff = {"method": "price_entity", "price_entity": "sensor.price"}
    with pytest.raises(SeriesError, match=r"sensor\.price does not exist"):
        await async_prices(hass, tariff)
    hass.states.async_set("sensor.price", "unavailable")
    with pytest.raises(EntityAwayError, match=r"sensor\.price is not avail") as away:
        await async_prices(hass, tariff)
    assert away.value.message == Message.of("entity_away", entity="sensor.price")


def test_a_gap_is_filled_with_the_day_before() -> None:
    day = timedelta(days=1)
    series = series_of([*rows(NOON - day, 1, 2, 3), *rows(NOON, 10, None, 30)])
    assert at(series, NOON + QUARTER) is None
    laid = Steps(NOON, 4, NOON).lay(series, lambda _: 99)
    assert laid == [10, 2, 30, 99]


def test_the_same_weather_is_laid_once_for_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What each device takes where nothing is known stays its own."""
    asked: list[datetime] = []
    mean = Series.mean

    def counted(self: Series, start: datetime, end: datetime) -> float | None:
        asked.append(start)
        return mean(self, start, end)

    monkeypatch.setattr(Series, "mean", counted)
    steps = Steps(NOON, 3, NOON)
    weather = [series_of(rows(NOON, 1, 2)) for _ in range(2)]
    assert steps.lay(weather[0], lambda _: 7) == [1, 2, 7]
    assert steps.lay(weather[1], lambda _: 9) == [1, 2, 9]
    assert len(asked) == len({*asked}) == 2 + 4


def test_hours_are_planned_on_expected_prices() -> None:
    now = NOON + timedelta(minutes=7)
    steps = Steps.from_now(now, NOON + timedelta(hours=12))
    assert steps.end == NOON + timedelta(hours=36)
    fine, quarters, hours = steps.tiers([])
    assert (fine["step_minutes"], fine["until_minutes"]) == (5, 60)
    assert (quarters["step_minutes"], quarters["until_minutes"]) == (15, 12 * 60 - 7)
    assert hours == {"step_minutes": 60}


@pytest.mark.parametrize(
    ("known", "due", "minutes"),
    [
        (None, None, 24 * 60),  # fixed prices
        (12, 20, 20 * 60),
        (-3, None, 75),  # none are known any more
        (12, 90, 36 * 60),
        (60, None, 48 * 60),
    ],
)
def test_quarters_reach_what_is_known_and_what_is_due(
    known: float | None, due: float | None, minutes: int
) -> None:
    until = None if known is None else NOON + timedelta(hours=known)
    steps = Steps.from_now(NOON, until)
    ends = [] if due is None else [NOON + timedelta(hours=due)]
    assert steps.tiers(ends)[1]["until_minutes"] == minutes


def test_rows_in_disorder_are_sorted() -> None:
    series = series_of(reversed(rows(NOON, 1, 2, 3)))
    assert Steps(NOON, 3, NOON).lay(series, lambda _: 99) == [1, 2, 3]


def test_rows_given_twice_count_once_and_contradictions_are_refused() -> None:
    series = series_of(rows(NOON, 1, 2) * 2)
    assert Steps(NOON, 2, NOON).lay(series, lambda _: 99) == [1, 2]
    with pytest.raises(SeriesError):
        series_of([*rows(NOON, 1), *rows(NOON, 2)])


@pytest.mark.parametrize(
    ("wrong", "text"),
    [
        ([{"start": "tomorrow", "value": 1}], "is no time"),
        ([{"start": NOON.isoformat(), "value": "dear"}], "is no number"),
        ([{"start": NOON.isoformat(), "value": "nan"}], "is no number"),
        (["0.3"], "is no row"),
    ],
)
def test_what_cannot_be_read_is_refused(wrong: list[Any], text: str) -> None:
    with pytest.raises(SeriesError, match=text):
        series_of(wrong)


@pytest.mark.parametrize(
    ("day", "hours"), [("2026-03-29", 23), ("2026-10-25", 25), ("2026-06-01", 24)]
)
async def test_a_day_whose_clock_changes_has_all_its_hours(
    hass: HomeAssistant, day: str, hours: int
) -> None:
    await hass.config.async_set_time_zone("Europe/Brussels")
    zone = dt_util.get_default_time_zone()
    midnight = datetime.fromisoformat(day).replace(tzinfo=zone)
    first = midnight.astimezone(UTC)
    told = [
        {
            "start": (first + timedelta(hours=hour)).astimezone(zone).isoformat(),
            "value": float(hour),
        }
        for hour in range(hours)
    ]
    series = forecast_of(State("sensor.price", "1", {"forecast": told}))
    laid = Steps(first, 4 * hours, first).lay(series, lambda _: 99)
    assert laid == [float(hour) for hour in range(hours) for _ in range(4)]


async def test_the_weather_is_asked_by_the_hour(hass: HomeAssistant) -> None:
    asked: list[dict[str, Any]] = []

    async def forecasts(call: ServiceCall) -> ServiceResponse:
        asked.append(dict(call.data))
        told: JsonArrayType = [
            {"datetime": (NOON + timedelta(hours=h)).isoformat(), "temperature": 4 - h}
            for h in range(3)
        ]
        return {"weather.home": {"forecast": told}}

    hass.services.async_register(
        "weather", "get_forecasts", forecasts, supports_response=SupportsResponse.ONLY
    )
    series = await async_outdoor(hass, "weather.home")
    assert asked == [{"entity_id": "weather.home", "type": "hourly"}]
    assert at(series, NOON + timedelta(hours=1)) == 3
    assert not await async_outdoor(hass, None)
    assert not await async_outdoor(hass, "sensor.gone")


async def test_the_sun_by_any_integration_that_the_energy_dashboard_asks(
    hass: HomeAssistant,
) -> None:
    entry = MockConfigEntry(domain="some_forecast")
    entry.add_to_hass(hass)
    hass.config.components.add("energy")

    async def ask(_: HomeAssistant, entry_id: str) -> dict[str, Any]:
        assert entry_id == entry.entry_id
        hours = (NOON + timedelta(hours=1), NOON)
        return {"wh_hours": {hour.isoformat(): 500 for hour in hours}}

    data = {"forecast_entries": entry.entry_id}
    where = "custom_components.cem.planning.weather.async_get_energy_platforms"
    with patch(where, return_value={"some_forecast": ask}):
        series = await async_solar(hass, data)
        assert at(series, NOON) == 500
        assert not await async_solar(hass, {"forecast_entries": "gone"})

    async def fail(_: HomeAssistant, entry_id: str) -> dict[str, Any]:
        raise KeyError(entry_id)

    with (
        patch(where, return_value={"some_forecast": fail}),
        pytest.raises(SeriesError, match="the forecast of"),
    ):
        await async_solar(hass, data)
    with patch(where, return_value={}):
        assert not await async_solar(hass, data)


async def test_the_sun_by_a_sensor(hass: HomeAssistant) -> None:
    data = {"forecast_entity": "sensor.sun"}
    assert not await async_solar(hass, data)
    kw = {"unit_of_measurement": "kW", "forecast": rows(NOON, 1.5)}
    hass.states.async_set("sensor.sun", "1", kw)
    assert at(await async_solar(hass, data), NOON) == 1500


def test_watt_hours_of_a_quarter_are_four_times_the_watts() -> None:
    series = of_watt_hours(
        {(NOON + place * QUARTER).isoformat(): 250 for place in range(3)}
    )
    assert at(series, NOON) == 1000
