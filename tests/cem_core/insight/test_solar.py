import numpy as np
import pytest

from cem_core.insight.distribution import Numbers
from cem_core.insight.score import mean_absolute_error_share
from cem_core.insight.solar import SolarForecaster

PER_DAY = 24
HOURS = np.arange(PER_DAY)


def clear_day(peak_kw: float) -> Numbers:
    return np.asarray(peak_kw * np.clip(np.sin((HOURS - 6) / 12 * np.pi), 0, None))


def cloudy_days(days: int, seed: int = 3) -> Numbers:
    rng = np.random.default_rng(seed)
    return np.concatenate([clear_day(4 * rng.uniform(0.2, 1)) for _ in range(days)])


def test_the_same_sun_every_day_is_foretold_exactly() -> None:
    history = np.tile(clear_day(4), 10)
    forecast = SolarForecaster().forecast(history, PER_DAY, per_day=PER_DAY)
    assert forecast.mean == pytest.approx(clear_day(4), abs=0.01)


def test_before_the_first_day_nothing_is_promised() -> None:
    forecast = SolarForecaster().forecast(np.empty(0), 5, per_day=PER_DAY)
    assert forecast.mean == pytest.approx(np.zeros(5))


def test_a_dull_morning_makes_a_dull_noon() -> None:
    history = np.concatenate([np.tile(clear_day(4), 10), clear_day(1)[:11]])
    forecast = SolarForecaster().forecast(history, 3, per_day=PER_DAY)
    assert (forecast.mean < 0.7 * clear_day(4)[11:14]).all()


def test_an_issued_forecast_that_promises_double_is_halved() -> None:
    given = cloudy_days(30)
    issued = 2 * given
    forecaster = SolarForecaster()
    forecast = forecaster.day_ahead(
        given[: 29 * PER_DAY], PER_DAY, per_day=PER_DAY, issued_kw=issued
    )
    actual = given[29 * PER_DAY :]
    raw = mean_absolute_error_share(issued[29 * PER_DAY :], actual)
    assert raw == pytest.approx(1.0)
    assert mean_absolute_error_share(forecast, actual) < 0.25


def test_where_the_service_said_nothing_past_days_stand_in() -> None:
    given = np.tile(clear_day(4), 12)
    issued = given.copy()
    issued[11 * PER_DAY + 12] = np.nan
    forecast = SolarForecaster().day_ahead(
        given[: 11 * PER_DAY], PER_DAY, per_day=PER_DAY, issued_kw=issued
    )
    assert forecast[12] == pytest.approx(4.0, rel=0.01)
