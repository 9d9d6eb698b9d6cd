"""A forecast with its uncertainty: equally likely values for each step."""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

type Numbers = NDArray[np.float64]

_NOTHING = 1e-12


@dataclass(frozen=True, slots=True)
class Distribution:
    """``points[t, k]``: K equally likely values of step t, rising with k."""

    points: Numbers

    @classmethod
    def certain(cls, values: Numbers) -> Self:
        """Return the distribution of what is known."""
        return cls(values[:, None])

    @property
    def mean(self) -> Numbers:
        """The expected value of each step, shape (steps,)."""
        return np.asarray(self.points.mean(axis=1))

    def quantile(self, share: float) -> Numbers:
        """Return the value that ``share`` of the points do not exceed, a step."""
        return np.asarray(np.quantile(self.points, share, axis=1))


def equal_bins(values: Numbers, weights: Numbers, points: int) -> Numbers:
    """Return the means of ``points`` bins of equal weight, shape (steps, points).

    ``values`` and ``weights`` have shape (samples, steps). The mean over the
    bins is the weighted mean of the samples: no moment is lost to the cut.
    """
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0)
    total = np.maximum(weights.sum(axis=0), _NOTHING)
    reached = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0) / total
    before = np.vstack([np.zeros(values.shape[1]), reached[:-1]])
    bins = np.empty((values.shape[1], points))
    for k in range(points):
        low, high = k / points, (k + 1) / points
        inside = np.clip(reached, low, high) - np.clip(before, low, high)
        bins[:, k] = (ranked * inside).sum(axis=0) / np.maximum(
            inside.sum(axis=0), _NOTHING
        )
    return bins


def weighted_quantile(values: Numbers, weights: Numbers, share: float) -> Numbers:
    """Return the weighted quantile over samples (axis 0), shape (steps,)."""
    order = np.argsort(values, axis=0)
    ranked = np.take_along_axis(values, order, axis=0)
    reached = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0)
    enough = reached >= share * reached[-1] - _NOTHING
    found = np.take_along_axis(ranked, enough.argmax(axis=0)[None], axis=0)
    return np.asarray(found[0])
