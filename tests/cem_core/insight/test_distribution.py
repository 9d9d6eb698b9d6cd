from hypothesis import given, strategies as st
from hypothesis.extra import numpy as npst
import numpy as np
import pytest

from cem_core.insight.distribution import Distribution, equal_bins, weighted_quantile


@given(
    npst.arrays(float, (7, 3), elements=st.floats(-5, 5)),
    npst.arrays(float, (7, 3), elements=st.floats(0.1, 2)),
    st.integers(1, 9),
)
def test_bins_keep_the_weighted_mean(
    values: np.ndarray, weights: np.ndarray, points: int
) -> None:
    bins = equal_bins(values, weights, points)
    mean = (values * weights).sum(axis=0) / weights.sum(axis=0)
    assert bins.mean(axis=1) == pytest.approx(mean, abs=1e-9)
    assert (np.diff(bins, axis=1) >= -1e-9).all()


def test_a_weighted_median() -> None:
    values = np.array([[1.0], [5.0], [9.0]])
    assert weighted_quantile(values, np.array([[1.0], [1.0], [1.0]]), 0.5) == [5.0]
    assert weighted_quantile(values, np.array([[5.0], [1.0], [1.0]]), 0.5) == [1.0]
    assert weighted_quantile(values, np.array([[0.0], [0.0], [1.0]]), 0.1) == [9.0]


def test_what_is_known_has_one_point() -> None:
    known = Distribution.certain(np.array([1.0, 2.0]))
    assert known.points.shape == (2, 1)
    assert known.quantile(0.9) == pytest.approx([1.0, 2.0])
