"""What can be told of the hours to come in a home where nothing can be controlled."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from cem_core.model import Interval, Series
from custom_components.cem.const import Kind
from custom_components.cem.dashboard.good_times import good_times
from custom_components.cem.home import Home
from custom_components.cem.peak_ahead import PeakAhead
from custom_components.cem.planning.prices import Prices
from tests.custom_components.conftest import SetUp

MIDNIGHT = datetime(2026, 3, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
NONE = Series(())


@pytest.fixture
async def home(hass: HomeAssistant, set_up: SetUp) -> Home:
    """Return a home with nothing but a meter."""
    await hass.config.async_set_time_zone("UTC")
    return await set_up(Kind.METER)


def priced(home: Home, prices: list[float]) -> None:
    rows = [
        Interval(start=MIDNIGHT + n * HOUR, end=MIDNIGHT + (n + 1) * HOUR, value=price)
        for n, price in enumerate(prices)
    ]
    home.take_prices(Prices(imported=Series.of(rows), exported=NONE))


def told(home: Home, hours: float) -> list[tuple[str, str]]:
    found: list[dict[str, Any]] = good_times(home, MIDNIGHT + hours * HOUR)
    assert all(each["start"] < each["end"] for each in found)
    return [(each["kind"], each["text"]) for each in found]


async def test_cheap_and_dear_hours_have_a_time_and_a_price(home: Home) -> None:
    priced(home, [0.10] * 8 + [0.20] * 8 + [0.40, 0.50, 0.40] + [0.30] * 5)
    assert told(home, 2) == [
        ("cheap", "Cheap until 08:00: €0.100/kWh on average."),
        ("dear", "Dear from 16:00 to 00:00: €0.350/kWh on average."),
    ]
    assert told(home, 18.5)[0] == (
        "dear",
        "Dear until 00:00: €0.309/kWh on average.",
    )


async def test_with_one_price_there_is_no_time_to_tell(home: Home) -> None:
    assert told(home, 2) == []
    priced(home, [0.30] * 24)
    assert told(home, 2) == []
    none = Prices(imported=NONE, exported=NONE, fixed_import=0.3)
    home.take_prices(none)
    assert told(home, 2) == []


async def test_a_cheap_price_may_be_zero(home: Home) -> None:
    priced(home, [0.0] * 8 + [0.20] * 16)
    assert ("cheap", "Cheap until 08:00: €0.000/kWh on average.") in told(home, 2)


async def test_surplus_that_nothing_can_take_has_a_time(home: Home) -> None:
    export_kw = [0.0] * 11 + [0.05, 0.3, 0.42, 0.2, 0.0, 0.5] + [0.0] * 7
    home.plan_document = {
        "times": [(MIDNIGHT + n * HOUR).isoformat() for n in range(24)],
        "minutes": [60.0] * 24,
        "grid": {"import_kw": [0.1] * 24, "export_kw": export_kw},
    }
    assert told(home, 2) == [
        (
            "surplus",
            "More sun than the home needs from 12:00 to 15:00, up to 420 W.",
        )
    ]
    assert told(home, 14.5) == [
        ("surplus", "More sun than the home needs until 15:00, up to 200 W.")
    ]
    assert told(home, 20) == []


async def test_a_peak_ahead_is_told_until_it_is_there(home: Home) -> None:
    start = MIDNIGHT + 18 * HOUR
    home.peak_ahead = PeakAhead(start=start, mean_w=5200, peak_so_far_w=4100)
    assert [kind for kind, _ in told(home, 2)] == ["peak"]
    assert "5200 W is foreseen at 18:00" in told(home, 2)[0][1]
    assert told(home, 18.1) == []
