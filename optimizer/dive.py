"""A first plan for the solver: the linear optimum, made whole step by step.

The linear bound of these models is close to the optimum, so a plan that is found
near it lets branch and bound stop as soon as it has the bound. Every round fixes
the integers that are half way up, at least the highest, and solves again from
the last basis; one that cannot be up goes down. Among equals `prefer` decides, by
a weight too small to be seen in the cost.
"""

from collections.abc import Mapping
import time
from typing import Final

import highspy
import numpy as np

from optimizer.compile import Compiled, Indices
from optimizer.series import Numbers

_WHOLE: Final = 1e-6
_HALF: Final = 0.5
_WEIGHT: Final = 1e-5  # of a preference, against the mean cost of a column
_TOLERANCE: Final = 1e-9  # of reduced costs: fine enough to see that weight
_FINENESS: Final = "dual_feasibility_tolerance"
_LONGEST_S: Final = 5.0  # one linear run; the whole dive is bounded by its share


def dive(
    compiled: Compiled, seconds: float, prefer: Mapping[int, float]
) -> Numbers | None:
    """Return a whole plan near the linear optimum, or None; leave no trace."""
    integers = np.flatnonzero(compiled.integer).astype(np.int32)
    if not len(integers):
        return None
    deadline = time.monotonic() + seconds
    highs = compiled.highs
    usual = highs.getOptionValue(_FINENESS)[1]
    highs.setOptionValue("presolve", "off")
    highs.setOptionValue(_FINENESS, _TOLERANCE)
    every = np.arange(len(compiled.cost), dtype=np.int32)
    compiled.set_cost(every, _weighted(compiled, prefer))
    _kinds(compiled, integers, highspy.HighsVarType.kContinuous)
    try:
        return _rounds(compiled, integers, deadline)
    finally:
        lower, upper = compiled.lower[integers], compiled.upper[integers]
        compiled.set_bounds(integers, lower, upper)
        _kinds(compiled, integers, highspy.HighsVarType.kInteger)
        compiled.set_cost(every, compiled.cost)
        highs.setOptionValue("presolve", "choose")
        highs.setOptionValue(_FINENESS, usual)


def _weighted(compiled: Compiled, prefer: Mapping[int, float]) -> Numbers:
    cost = compiled.cost.copy()
    paid = np.abs(cost[cost != 0])
    for column, weight in prefer.items():
        cost[column] += _WEIGHT * weight * (paid.mean() if len(paid) else 1.0)
    return cost


def _rounds(compiled: Compiled, integers: Indices, deadline: float) -> Numbers | None:
    values = _linear(compiled, deadline)
    while values is not None:
        found = values[integers]
        away = np.abs(found - np.round(found)) > _WHOLE
        if not away.any():
            break
        chosen = away & (found >= min(_HALF, found[away].max()))
        _fix(compiled, integers[chosen], 1.0)
        values = _linear(compiled, deadline)
        if values is None:
            _fix(compiled, integers[chosen], 0.0)
            values = _linear(compiled, deadline)
    if values is None:
        return None
    whole = np.round(values[integers])
    compiled.set_bounds(integers, whole, whole)
    return _linear(compiled, deadline)


def _fix(compiled: Compiled, columns: Indices, value: float) -> None:
    held = np.full(len(columns), value)
    compiled.set_bounds(columns, held, held)


def _linear(compiled: Compiled, deadline: float) -> Numbers | None:
    left = min(deadline - time.monotonic(), _LONGEST_S)
    if left <= 0:
        return None
    highs = compiled.highs
    # HiGHS counts its time limit from the instance's first run.
    highs.setOptionValue("time_limit", highs.getRunTime() + left)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return np.array(highs.getSolution().col_value)


def _kinds(compiled: Compiled, integers: Indices, kind: highspy.HighsVarType) -> None:
    kinds = np.full(len(integers), kind)
    compiled.highs.changeColsIntegrality(len(integers), integers, kinds)
