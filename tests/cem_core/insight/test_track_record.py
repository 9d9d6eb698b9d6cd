from hypothesis import given, strategies as st
import numpy as np
import pytest

from cem_core.insight.distribution import Numbers
from cem_core.insight.track_record import LEADS_H, track_record

PER_DAY = 24


def test_who_is_off_by_a_tenth_is_said_to_be_off_by_a_tenth() -> None:
    actual = np.tile(np.linspace(0.5, 2.0, PER_DAY), 20)

    def tenth_low(now: int, steps: int) -> Numbers:
        return 0.9 * actual[now : now + steps]

    found = track_record(tenth_low, actual, per_day=PER_DAY)
    assert found is not None
    assert found.error_share == pytest.approx(0.1)
    assert found.by_lead == pytest.approx(dict.fromkeys(LEADS_H, 0.1))
    low, middle, high = found.missed_kw[24]
    assert 0.05 <= low < middle < high <= 0.2
    assert found.days == pytest.approx(14, abs=0.5)


def test_errors_are_told_apart_by_how_far_ahead_they_are() -> None:
    actual = np.full(20 * PER_DAY, 2.0)

    def good_at_first(now: int, steps: int) -> Numbers:
        del now
        return np.where(np.arange(steps) < 6, 2.0, 1.0)

    found = track_record(good_at_first, actual, per_day=PER_DAY)
    assert found is not None
    assert found.by_lead == pytest.approx({1: 0.0, 6: 0.0, 24: 0.5})
    assert found.error_share == pytest.approx(0.5 * 18 / 24)
    assert found.missed_kw[24] == pytest.approx((1, 1, 1))


@given(st.integers(0, 20 * PER_DAY))
def test_a_forecaster_is_shown_nothing_that_comes_after(rows: int) -> None:
    asked: list[tuple[int, int]] = []

    def spy(now: int, steps: int) -> Numbers:
        asked.append((now, steps))
        return np.zeros(steps)

    found = track_record(spy, np.ones(rows), per_day=PER_DAY)
    assert all(now >= PER_DAY and now + steps <= rows for now, steps in asked)
    assert (found is not None) == (rows >= 3 * PER_DAY - 3)


def test_holes_and_nothing_at_all_are_not_judged() -> None:
    actual = np.ones(10 * PER_DAY)
    actual[100:130] = np.nan
    found = track_record(lambda _, steps: np.ones(steps), actual, per_day=PER_DAY)
    assert found is not None
    assert found.error_share == 0
    night = np.zeros(10 * PER_DAY)
    assert track_record(lambda _, s: np.ones(s), night, per_day=PER_DAY) is None
