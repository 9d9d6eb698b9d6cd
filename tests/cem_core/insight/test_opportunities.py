"""The best start of a run is never dearer than now, and no other is cheaper."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.insight.opportunities import best_start, steady
from cem_core.model import Interval, Series

NOW = datetime(2026, 3, 12, 10, 0, tzinfo=UTC)
STEP = timedelta(minutes=15)
DAY = timedelta(days=1)


def series(prices: list[float], step: timedelta = timedelta(hours=1)) -> Series:
    return Series(
        tuple(
            Interval(start=NOW + n * step, end=NOW + (n + 1) * step, value=price)
            for n, price in enumerate(prices)
        )
    )


def test_a_dishwasher_waits_for_the_cheap_hour() -> None:
    found = best_start(
        [2.0] * 4, STEP, series([0.40, 0.30, 0.10, 0.35]), now=NOW, latest_end=NOW + DAY
    )
    assert found is not None
    assert found.start == NOW + timedelta(hours=2)
    assert (found.cost_now, found.cost) == pytest.approx((0.80, 0.20))
    assert found.saving == pytest.approx(0.60)
    assert (found.price_now_per_kwh, found.price_per_kwh) == pytest.approx((0.4, 0.1))


def test_it_must_be_done_in_time_and_prices_must_be_known() -> None:
    prices = series([0.40, 0.30, 0.10])
    short = best_start([2.0] * 4, STEP, prices, now=NOW, latest_end=NOW + 8 * STEP)
    assert short is not None
    assert short.start == NOW + timedelta(hours=1)
    assert best_start([2.0] * 13, STEP, prices, now=NOW, latest_end=NOW + DAY) is None
    assert best_start([0.0], STEP, prices, now=NOW, latest_end=NOW + DAY) is None
    assert best_start([1.0], STEP, Series(()), now=NOW, latest_end=NOW + DAY) is None


@given(
    st.lists(st.floats(-0.5, 1.0), min_size=3, max_size=48),
    st.lists(st.floats(0, 3), min_size=1, max_size=8),
    st.integers(0, 14),
)
def test_nothing_is_cheaper(
    prices: list[float], profile: list[float], minutes: int
) -> None:
    now, until = NOW + timedelta(minutes=minutes), NOW + DAY
    known = series(prices)
    found = best_start(profile, STEP, known, now=now, latest_end=until)
    if found is None:
        assert sum(profile) == 0
        return
    assert found.saving >= 0
    later = NOW + STEP
    while later + len(profile) * STEP <= NOW + len(prices) * timedelta(hours=1):
        other = best_start(profile, STEP, known, now=later, latest_end=later)
        assert other is None or found.cost <= other.cost_now + 1e-6
        later += STEP


@pytest.mark.parametrize(
    ("energy_kwh", "expected"),
    [
        (0.0, ()),
        (2.75, (11.0,)),
        (5.5, (11.0, 11.0)),
        (7.0, (11.0, 11.0, 6.0)),
    ],
)
def test_a_car_draws_one_power_and_the_rest_in_its_last_step(
    energy_kwh: float, expected: tuple[float, ...]
) -> None:
    assert steady(energy_kwh, 11.0, STEP) == pytest.approx(expected)


@given(st.floats(0.01, 100), st.floats(1, 22))
def test_what_is_drawn_is_what_is_needed(energy_kwh: float, power_kw: float) -> None:
    drawn = steady(energy_kwh, power_kw, STEP)
    assert sum(drawn) * 0.25 == pytest.approx(energy_kwh)
    assert all(0 < each <= power_kw * (1 + 1e-6) for each in drawn)
