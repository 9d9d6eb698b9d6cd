from hypothesis import given, strategies as st
import numpy as np
import pytest

from cem_core.insight.distribution import Numbers
from cem_core.insight.load import LoadForecaster, days_alike
from cem_core.insight.past_days import LocalClock
from cem_core.insight.typical import ANNUAL_KWH, Dwelling, typical_load_kw

PER_DAY = 24


def hours(rows: int) -> Numbers:
    return np.asarray(np.arange(rows) % PER_DAY, np.float64)


def clock(rows: int) -> LocalClock:
    return LocalClock(per_day=PER_DAY, hour=hours(rows))


def test_the_same_day_every_day_is_foretold_exactly() -> None:
    day = np.linspace(0.2, 2.0, PER_DAY)
    history = np.tile(day, 10)
    forecaster = LoadForecaster(beside=0.0, typical_weight=0.0)
    forecast = forecaster.forecast(history, 48, clock(400))
    assert forecast.mean == pytest.approx(np.tile(day, 2))


def test_the_typical_day_fades_as_history_grows() -> None:
    def apart(days: int) -> float:
        """Return how far from what was measured each day the forecast still is."""
        history = np.full(days * PER_DAY, 0.5)
        rows = len(history) + PER_DAY
        mean = (
            LoadForecaster(live_gain=0.0).forecast(history, PER_DAY, clock(rows)).mean
        )
        return float(np.abs(mean - 0.5).mean())

    assert apart(1) > 2 * apart(7) > 10 * apart(28)
    assert apart(28) < 0.01


def test_hours_that_were_not_measured_are_no_samples() -> None:
    day = np.linspace(0.2, 2.0, PER_DAY)
    history = np.tile(day, 12)
    holed = history.copy()
    holed[-60:-30] = np.nan
    holed[5 * PER_DAY : 7 * PER_DAY] = np.nan
    forecaster = LoadForecaster(beside=0.0, typical_weight=0.0)
    whole = forecaster.forecast(history, PER_DAY, clock(400)).mean
    assert forecaster.forecast(holed, PER_DAY, clock(400)).mean == pytest.approx(whole)
    nothing = np.full(30, np.nan)
    first = LoadForecaster().forecast(nothing, 12, clock(60))
    expected = typical_load_kw(hours(60)[30:42])
    assert first.mean == pytest.approx(expected)


def test_before_the_first_measurement_stands_a_typical_day() -> None:
    forecast = LoadForecaster().forecast(np.empty(0), PER_DAY, clock(PER_DAY))
    assert forecast.mean == pytest.approx(typical_load_kw(hours(PER_DAY)))
    assert forecast.mean.sum() * 365 == pytest.approx(ANNUAL_KWH[Dwelling.TERRACED])


def test_a_typical_day_takes_the_size_of_the_home() -> None:
    small = LoadForecaster(live_gain=0.0).forecast(np.full(6, 0.05), 12, clock(18))
    large = LoadForecaster(live_gain=0.0).forecast(np.full(6, 5.0), 12, clock(18))
    assert (large.mean > 2 * small.mean).all()


def test_a_louder_hour_is_carried_on_and_fades() -> None:
    history = np.tile(np.full(PER_DAY, 0.5), 10)
    history[-1] = 2.5
    forecaster = LoadForecaster(live_gain=0.5, beside=0.0, typical_weight=0.0)
    forecast = forecaster.forecast(history, 12, clock(300))
    assert forecast.mean[0] == pytest.approx(0.5 + 0.5 * 2.0)
    assert forecast.mean[11] == pytest.approx(0.5, abs=0.01)


def test_seven_in_the_morning_stays_seven_after_the_clock_change() -> None:
    rows = 20 * PER_DAY
    number = np.arange(rows)
    changed = 15 * PER_DAY
    number[changed:] += 1  # put forward: local time runs one step ahead
    hour = np.asarray(number % PER_DAY, np.float64)
    load = np.where(hour == 7, 3.0, 0.3)
    local = LocalClock(per_day=PER_DAY, hour=hour, number=number)
    forecaster = LoadForecaster(beside=0.0, typical_weight=0.0)
    median = forecaster.median(load[:changed], PER_DAY, local)
    assert median == pytest.approx(load[changed : changed + PER_DAY])


def test_a_day_after_one_like_the_last_weighs_more() -> None:
    quiet, busy = np.full(PER_DAY, 0.2), np.full(PER_DAY, 2.0)
    history = np.concatenate([quiet, busy, quiet, busy, busy])
    alike = days_alike(history, PER_DAY, 4, 0.3)
    assert alike[0] == pytest.approx(1.0)
    assert alike[1] < 0.1


@given(
    st.lists(st.floats(0, 10), min_size=0, max_size=120),
    st.integers(1, 60),
)
def test_points_rise_and_stay_within_what_was_seen(
    history: list[float], steps: int
) -> None:
    known = np.array(history)
    forecaster = LoadForecaster(live_gain=0.0)
    forecast = forecaster.forecast(known, steps, clock(len(known) + steps))
    assert forecast.points.shape == (steps, forecaster.points)
    assert (np.diff(forecast.points, axis=1) >= -1e-9).all()
    typical = typical_load_kw(hours(PER_DAY)).max()
    highest = max(known.max(initial=0.0), known.sum() + typical)
    assert (forecast.points >= -1e-12).all()
    assert (forecast.points <= highest + 1e-9).all()
