"""What a store is to hold at the end of each step."""

from collections.abc import Sequence

import numpy as np

from optimizer import home
from optimizer.horizon import Horizon
from optimizer.series import Numbers


def wished_kwh(
    targets: Sequence[home.Target], always_kwh: float, horizon: Horizon
) -> Numbers:
    """Return ``always_kwh``, and more where a target asks for it.

    A target that holds at any time of a step is met by its end, where it has begun
    by then; one that ends within a step still counts there.
    """
    found = np.full(horizon.steps, always_kwh)
    for target in targets:
        for t in horizon.touching(None, target.end):
            if horizon.time(t + 1) >= target.start and target.end > horizon.time(t):
                found[t] = max(found[t], target.energy_kwh)
    return found
