from hypothesis import given, strategies as st
import numpy as np
import pytest

from cem_core.insight.learned.weights import (
    recency_weights,
    weekday_weights,
    weighted_quantiles,
)


def test_the_same_weekday_counts_most() -> None:
    week = np.arange(7)
    monday = weekday_weights(0, week, np.ones(7), 100)
    assert monday[0] == 1
    assert monday[0] > monday[1] == monday[4] > monday[5] == monday[6] > 0
    saturday = weekday_weights(5, week, np.ones(7), 100)
    assert saturday[5] == 1
    assert saturday[6] > saturday[0]


def test_many_other_days_weigh_no_more_than_they_may() -> None:
    weekdays = np.tile(np.arange(7), 50)
    weights = np.linspace(0, 1, 350)
    friday = weekday_weights(4, weekdays, weights, 6)
    assert friday[weekdays != 4].sum() == pytest.approx(6)
    assert (friday[weekdays == 4] == weights[weekdays == 4]).all()


def test_a_half_life_halves() -> None:
    assert recency_weights(np.array([0.0, 30, 60]), 30) == pytest.approx([1, 0.5, 0.25])


def test_the_median_of_equal_weights_is_the_median() -> None:
    values = np.array([5.0, 1.0, 3.0, 2.0])
    assert weighted_quantiles(values, np.ones(4), (0.5,)) == pytest.approx([2.5])


def test_a_heavy_value_is_the_median() -> None:
    found = weighted_quantiles(
        np.array([1.0, 2.0, 9.0]), np.array([1.0, 1.0, 50.0]), (0.5,)
    )
    assert found[0] > 8.5


@given(
    samples=st.lists(
        st.tuples(st.floats(-1e6, 1e6), st.floats(1e-6, 10)), min_size=1, max_size=30
    )
)
def test_quantiles_rise_and_stay_among_the_values(
    samples: list[tuple[float, float]],
) -> None:
    values, weights = np.array(samples).T
    low, middle, high = weighted_quantiles(values, weights, (0.2, 0.5, 0.8))
    assert values.min() <= low <= middle <= high <= values.max()
