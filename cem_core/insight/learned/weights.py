"""How much a sample of another day tells, and quantiles of weighted samples."""

from typing import Final

import numpy as np
import numpy.typing as npt

from cem_core.insight.learned.bounds import Floats

type Integers = npt.NDArray[np.int64]

DAYS_A_WEEK: Final = 7
_SATURDAY: Final = 5
_SAME_KIND: Final = 0.5  # another workday for a workday, Sunday for Saturday
_OTHER_KIND: Final = 0.1


def weekday_weights(
    weekday: int, weekdays: Integers, weights: Floats, most_others: float
) -> Floats:
    """Return ``weights`` of samples by how much they tell of ``weekday``.

    ``weekdays`` are theirs, 0 Monday. Other days help where little is known of
    the weekday: together they weigh at most ``most_others``, so that a Friday of
    its own becomes one.
    """
    own = weekdays == weekday
    same_kind = (weekdays >= _SATURDAY) == (weekday >= _SATURDAY)
    others = np.where(own, 0.0, weights * np.where(same_kind, _SAME_KIND, _OTHER_KIND))
    trust = min(1.0, most_others / max(float(others.sum()), most_others))
    return np.where(own, weights, trust * others)


def recency_weights(age_days: Floats, half_life_days: float) -> Floats:
    """Return weights that halve with each ``half_life_days`` of age."""
    return np.exp2(-age_days / half_life_days)


def weighted_quantiles(
    values: Floats, weights: Floats, shares: tuple[float, ...]
) -> Floats:
    """Return where the weight up to a value reaches each of ``shares``.

    Between values it is a line through the middle of each value's weight.
    """
    order = np.argsort(values, kind="stable")
    heavy = weights[order]
    middle = (np.cumsum(heavy) - heavy / 2) / heavy.sum()
    return np.interp(shares, middle, values[order])
