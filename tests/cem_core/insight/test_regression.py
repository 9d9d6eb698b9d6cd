"""Degree days and ridge regression."""

import numpy as np
import pytest

from cem_core.insight.distribution import Numbers
from cem_core.insight.heating import fit_degree_days
from cem_core.insight.ridge import ridge


def test_degree_days_are_found_again() -> None:
    rng = np.random.default_rng(1)
    outdoor = rng.uniform(-5, 20, 60)
    used = 3.0 + 1.1 * np.maximum(16 - outdoor, 0) + rng.normal(0, 0.3, 60)
    fit = fit_degree_days(used, outdoor)
    assert fit is not None
    assert fit.heating_below_c == 16.0
    assert fit.kwh_per_degree_day == pytest.approx(1.1, abs=0.05)
    assert fit.mean_error_kwh < 0.5
    assert fit_degree_days(used[:6], outdoor[:6]) is None


def test_ridge_draws_towards_its_start_and_shrugs_off_outliers() -> None:
    features = np.column_stack([np.ones(50), np.arange(50.0)])
    targets: Numbers = np.asarray(1.0 + 2.0 * np.arange(50.0), np.float64)
    weights = np.ones(50)
    assert ridge(features, targets, weights, strength=1e-9) == pytest.approx([1, 2])
    start = np.array([5.0, 5.0])
    held = ridge(features, targets, weights, strength=1e12, start=start)
    assert held == pytest.approx(start, abs=1e-3)
    targets[10] = 900.0
    robust = ridge(features, targets, weights, strength=1e-9, absolute=True)
    assert robust[1] == pytest.approx(2.0, abs=0.02)
