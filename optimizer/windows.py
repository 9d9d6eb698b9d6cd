"""Windows of time as steps of the horizon."""

from collections.abc import Iterable

import numpy as np

from optimizer import home
from optimizer.horizon import Horizon
from optimizer.series import Numbers


def within(windows: Iterable[home.Window], horizon: Horizon) -> Numbers:
    """Return 1 in the steps that lie wholly in one of ``windows``, 0 elsewhere."""
    inside = np.zeros(horizon.steps)
    for window in windows:
        steps = horizon.inside(window.start, window.end)
        inside[steps.start : steps.stop] = 1.0
    return inside
