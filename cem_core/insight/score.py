"""How good a forecast was."""

import numpy as np

from cem_core.insight.distribution import Numbers


def mean_absolute_error_share(forecast: Numbers, actual: Numbers) -> float:
    """Return the sum of absolute errors over the sum of what happened."""
    return float(np.abs(forecast - actual).sum() / np.abs(actual).sum())
