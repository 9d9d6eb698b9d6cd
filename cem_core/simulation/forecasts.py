"""What the supplier and the weather service publish: prices and forecasts."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
import math
from typing import Final

from cem_core.model import Interval
from cem_core.simulation.faults import PRICES, Fault
from cem_core.simulation.home import W_PER_KW, Home
from cem_core.simulation.registers import quarter_of

PUBLISHED_AT: Final = time(13)
PUBLISHED_LATE_AT: Final = time(23)
FORECAST_HORIZON: Final = timedelta(hours=48)
HALF_DAY_S: Final = 12 * 3600
# Outdoor temperature is forecast to about this.
TEMPERATURE_ERROR_K: Final = 1.0


def price_now(home: Home, column: str) -> float:
    """Return the price of the quarter hour that is running."""
    return home.series.at(column, home.now)


def prices(home: Home, column: str) -> list[Interval]:
    """Return what is known: today, and tomorrow from 13:00 local time.

    A gap in the prices is the supplier's failure to publish: what it has not
    published is not there, from the running quarter hour on.
    """
    zone = home.setup.time_zone
    local = home.now.astimezone(zone)
    late = home.faults.active(Fault.PRICES_LATE, PRICES, home.now)
    published_at = PUBLISHED_LATE_AT if late else PUBLISHED_AT
    days = 2 if local.time() >= published_at else 1
    start = _midnight(local)
    # Wall-clock arithmetic: the next midnights, also where a day has 23 hours.
    end = start + timedelta(days=days)
    known = home.series.intervals(column, start.astimezone(UTC), end.astimezone(UTC))
    if home.faults.active(Fault.PRICE_GAP, PRICES, home.now):
        known = [interval for interval in known if interval.end <= home.now]
    return _merged(known)


def solar_forecast(home: Home) -> list[Interval]:
    """Return the mean power of each quarter hour of the next 48 h, in W."""
    setup = home.setup.solar
    if setup is None:
        return []
    return [
        Interval(
            start=interval.start,
            end=interval.end,
            value=_forecast_w(home, interval.start, interval.value),
        )
        for interval in _ahead(home, setup.series)
    ]


def sky_now_w(home: Home) -> float:
    """Return the solar forecast for the running quarter hour, in W."""
    setup = home.setup.solar
    if setup is None:
        return 0.0
    start = quarter_of(home.now)
    return _forecast_w(home, start, home.series.at(setup.series, start))


def outdoor_forecast(home: Home) -> list[Interval]:
    """Return the temperature of each quarter hour of the next 48 h."""
    return [
        Interval(
            start=interval.start,
            end=interval.end,
            value=round(
                interval.value + TEMPERATURE_ERROR_K * _error(home, interval.start), 1
            ),
        )
        for interval in _ahead(home, home.setup.load.outdoor)
    ]


def _forecast_w(home: Home, start: datetime, sky_kw: float) -> float:
    setup = home.setup.solar
    rated_w = setup.parameters.rated_w if setup else 0.0
    share = 1 + home.setup.forecast_error * _error(home, start)
    return round(min(rated_w, W_PER_KW * max(0.0, sky_kw) * share))


def _ahead(home: Home, column: str) -> list[Interval]:
    start = quarter_of(home.now)
    return home.series.intervals(column, start, start + FORECAST_HORIZON)


def _error(home: Home, at: datetime) -> float:
    """Return how wrong the forecast is: -1 to 1, slowly changing, seeded."""
    halves = at.timestamp() / HALF_DAY_S
    return math.sin(2.1 * halves + home.setup.seed) * math.cos(0.37 * halves)


def _merged(intervals: Iterable[Interval]) -> list[Interval]:
    """Join neighbours of equal value, as a supplier with hourly prices sends them."""
    merged: list[Interval] = []
    for interval in intervals:
        if (
            merged
            and merged[-1].end == interval.start
            and (merged[-1].value == interval.value)
        ):
            merged[-1] = replace(merged[-1], end=interval.end)
        else:
            merged.append(interval)
    return merged


def _midnight(local: datetime) -> datetime:
    return local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
