from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from cem_core.simulation.faults import Fault, Order
from cem_core.simulation.forecasts import outdoor_forecast, prices, solar_forecast
from cem_core.simulation.home import Home
from tests.cem_core.simulation.conftest import NewHome

QUARTER = timedelta(minutes=15)


@pytest.mark.parametrize(
    ("now", "first", "count"),
    [
        # Winter: 13:00 in Brussels is 12:00 UTC.
        ("2026-11-25T11:59:59", "2026-11-24T23:00", 96),
        ("2026-11-25T12:00:00", "2026-11-24T23:00", 192),
        # The day before and the day on which the clocks go back, 25 hours.
        ("2026-10-24T11:00:00", "2026-10-23T22:00", 96 + 100),
        ("2026-10-25T11:59:59", "2026-10-24T22:00", 100),
        # The day on which they go forward, 23 hours.
        ("2026-03-29T10:59:59", "2026-03-28T23:00", 92),
        ("2026-03-29T11:00:00", "2026-03-28T23:00", 92 + 96),
    ],
)
def test_prices_of_today_and_from_13_of_tomorrow(
    new_home: NewHome, now: str, first: str, count: int
) -> None:
    home = new_home(datetime.fromisoformat(now).replace(tzinfo=UTC))
    known = prices(home, "import_price")
    assert known[0].start == datetime.fromisoformat(first).replace(tzinfo=UTC)
    assert known[-1].end - known[0].start == count * QUARTER
    assert all(one.end == next_.start for one, next_ in pairwise(known))
    assert all(one.value != next_.value for one, next_ in pairwise(known))


def test_a_price_is_that_of_its_weekday_at_its_wall_clock_time(home: Home) -> None:
    # Wednesday 18:00 in Brussels; 7 days of the series are a week's.
    [at_six] = [p for p in prices(home, "import_price") if p.start.hour == 17][:1]
    days = (at_six.start.date() - home.series.first_day).days % 28
    row = days * 96 + 18 * 4
    assert at_six.value == home.series.columns["import_price"][row]


def test_in_a_price_gap_nothing_ahead_is_known(home: Home) -> None:
    home.befall(Order(fault=Fault.PRICE_GAP, device="tariff", seconds=60))
    assert all(one.end <= home.now for one in prices(home, "import_price"))


def test_the_solar_forecast_is_48_h_ahead_and_near_what_comes(home: Home) -> None:
    forecast = solar_forecast(home)
    assert forecast[0].start <= home.now < forecast[0].end
    assert forecast[-1].end - forecast[0].start == timedelta(hours=48)
    assert all(0 <= one.value <= 6000 for one in forecast)
    for one in forecast:
        real_w = 1000 * home.series.at("pv_kw", one.start)
        assert one.value == pytest.approx(min(6000, real_w), rel=0.11, abs=1)
    assert max(one.value for one in forecast) > 1000


def test_the_outdoor_forecast_is_within_a_kelvin(home: Home) -> None:
    for one in outdoor_forecast(home):
        real_c = home.series.at("outdoor_temperature_c", one.start)
        assert one.value == pytest.approx(real_c, abs=1.06)
