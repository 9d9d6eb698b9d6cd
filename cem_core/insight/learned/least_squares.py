"""Least squares that outliers, start values and bounds have a say in.

    min sum w huber((y - X b) / s) + sum ((b - b0) / sd)^2,  low <= b <= high

The second term is a Gaussian belief about b around its start values b0, so what
the samples do not tell stays there (maximum a posteriori). Outliers are weighted
down by iteration (Huber, Robust Statistics, 1981, 7.8).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from cem_core.insight.learned.bounds import Floats

_HUBER: Final = 1.345  # 95 % efficient on Gaussian errors
_MAD_TO_DEVIATION: Final = 1.4826
_REWEIGHTINGS: Final = 8
_STEPS: Final = 30
_HALVINGS: Final = 8
_DIFFERENCE: Final = 1e-4  # of a parameter's standard deviation
_SETTLED: Final = 1e-3  # of a parameter's standard deviation


@dataclass(frozen=True, slots=True, kw_only=True)
class Belief:
    """Start values, their standard deviations and bounds, one entry a parameter."""

    mean: Floats
    deviation: Floats
    low: Floats
    high: Floats

    def clip(self, values: Floats) -> Floats:
        """Return ``values`` moved inside the bounds."""
        return np.clip(values, self.low, self.high)


def linear(
    design: Floats,
    target: Floats,
    belief: Belief,
    *,
    least_deviation: float,
    weight: float = 1.0,
) -> Floats:
    """Return b of y = X b; ``weight`` is how much of a sample each row is.

    Rows that resemble their neighbours tell less than their number; no
    deviation s below ``least_deviation`` (unit of y) is believed.
    """
    values = belief.mean
    for _ in range(_REWEIGHTINGS):
        rows = weight * _row_weights(target - design @ values, least_deviation)
        values = _solve(design, target, rows, belief)
    return values


def nonlinear(
    residuals: Callable[[Floats], Floats],
    belief: Belief,
    *,
    least_deviation: float,
    weight: float = 1.0,
) -> Floats:
    """Return b that makes ``residuals(b)`` (y - f(b)) small: Gauss and Newton.

    A step that makes it worse is halved; one that does not help ends it.
    """
    values = belief.mean
    missed = residuals(values)
    for _ in range(_STEPS):
        rows = weight * _row_weights(missed, least_deviation)
        slopes = _slopes(residuals, values, missed, belief)
        step = _solve(slopes, slopes @ values + missed, rows, belief) - values
        cost = _cost(missed, values, rows, belief)
        for _ in range(_HALVINGS):
            tried = belief.clip(values + step)
            tried_missed = residuals(tried)
            if _cost(tried_missed, tried, rows, belief) < cost:
                break
            step = step / 2
        else:
            break
        values, missed = tried, tried_missed
        if np.all(np.abs(step) < _SETTLED * belief.deviation):
            break
    return values


def _row_weights(missed: Floats, least_deviation: float) -> Floats:
    spread = max(least_deviation, _MAD_TO_DEVIATION * float(np.median(np.abs(missed))))
    far = np.abs(missed) / spread
    return np.minimum(1.0, _HUBER / np.maximum(far, _HUBER)) / spread**2


def _cost(missed: Floats, values: Floats, rows: Floats, belief: Belief) -> float:
    strayed = (values - belief.mean) / belief.deviation
    return float(np.sum(rows * missed**2) + np.sum(strayed**2))


def _slopes(
    residuals: Callable[[Floats], Floats],
    values: Floats,
    missed: Floats,
    belief: Belief,
) -> Floats:
    """Return how the prediction changes with each parameter."""
    columns = []
    for index, deviation in enumerate(belief.deviation):
        moved = values.copy()
        moved[index] += _DIFFERENCE * deviation
        columns.append((missed - residuals(moved)) / (_DIFFERENCE * deviation))
    return np.stack(columns, axis=1)


def _solve(design: Floats, target: Floats, rows: Floats, belief: Belief) -> Floats:
    """Return the weighted solution; what leaves its bounds is held there."""
    certainty = belief.deviation**-2.0
    normal = design.T @ (design * rows[:, None]) + np.diag(certainty)
    right = design.T @ (rows * target) + certainty * belief.mean
    free = np.ones(len(right), np.bool_)
    values = belief.mean.astype(np.float64)
    while free.any():
        held = right[free] - normal[np.ix_(free, ~free)] @ values[~free]
        values[free] = np.linalg.solve(normal[np.ix_(free, free)], held)
        outside = free & ((values < belief.low) | (values > belief.high))
        values = belief.clip(values)
        if not outside.any():
            break
        free &= ~outside
    return values
