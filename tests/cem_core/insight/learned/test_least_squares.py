from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from cem_core.insight.learned.least_squares import Belief, linear, nonlinear

RNG = np.random.default_rng(2)
DESIGN = np.stack((np.ones(60), RNG.uniform(-5, 5, 60)), axis=1)
TRUE = np.array([2.0, -0.7])


def belief(*, deviation: float = 1e3, low: float = -10, high: float = 10) -> Belief:
    return Belief(
        mean=np.array([1.0, 0.0]),
        deviation=np.full(2, deviation),
        low=np.full(2, low),
        high=np.full(2, high),
    )


def test_without_belief_or_outliers_it_is_least_squares() -> None:
    target = DESIGN @ TRUE + RNG.uniform(-0.05, 0.05, 60)
    oracle = np.linalg.lstsq(DESIGN, target)[0]
    found = linear(DESIGN, target, belief(), least_deviation=1.0)
    assert found == pytest.approx(oracle, abs=1e-5)


def test_outliers_hardly_count() -> None:
    target = DESIGN @ TRUE + RNG.normal(0, 0.05, 60)
    target[::6] += 50
    found = linear(DESIGN, target, belief(), least_deviation=0.01)
    assert found == pytest.approx(TRUE, abs=0.06)
    assert abs(np.linalg.lstsq(DESIGN, target)[0][0] - 2) > 5


def test_what_the_samples_do_not_tell_stays_where_it_started() -> None:
    blind = np.stack((np.ones(60), np.zeros(60)), axis=1)
    found = linear(blind, np.full(60, 3.0), belief(deviation=1), least_deviation=0.1)
    assert found == pytest.approx([3.0, 0.0], abs=0.01)


def test_a_parameter_at_its_bound_leaves_the_best_to_the_others() -> None:
    target = DESIGN @ TRUE
    found = linear(DESIGN, target, belief(low=-0.5), least_deviation=1.0)
    assert found[1] == -0.5
    # The best constant with the slope held.
    assert found[0] == pytest.approx((target + 0.5 * DESIGN[:, 1]).mean(), rel=1e-3)


@given(
    target=st.lists(st.floats(-1e6, 1e6), min_size=60, max_size=60),
    deviation=st.floats(1e-3, 1e3),
)
@settings(max_examples=50, deadline=None)
def test_bounds_hold_for_any_samples(target: list[float], deviation: float) -> None:
    found = linear(
        DESIGN, np.array(target), belief(deviation=deviation), least_deviation=0.1
    )
    assert (np.abs(found) <= 10).all()


def test_a_curve_is_fitted_by_steps() -> None:
    hours = np.linspace(0, 3, 40)
    measured = 4.0 * np.exp(-0.8 * hours)
    found = nonlinear(
        lambda b: measured - b[0] * np.exp(-b[1] * hours),
        belief(deviation=5, low=0),
        least_deviation=0.01,
    )
    assert found == pytest.approx([4.0, 0.8], rel=1e-3)
