"""From the linear optimum to a whole plan, in a few warm linear runs.

An integer that can move to a whole number while all else stays, at no cost, is
whole already: the state of a car that charges at enough power, for instance. Of
the others each round holds those up that are nearest to it, and those down that
are far, and solves again from the last basis.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.linear import Linear, Run
from optimizer.matrices import Indices
from optimizer.series import Numbers

_WHOLE: Final = 1e-6
_HALF: Final = 0.5
_FAR: Final = 0.3
_DECIDED: Final = 0.1
_BATCH: Final = 0.2  # of what is undecided, held in one round
_FEW: Final = 4
_MOST_ROUNDS: Final = 60


@dataclass(frozen=True, slots=True)
class _Reach:
    """Integers as found, and between which values each can move alone."""

    found: Numbers
    least: Numbers
    most: Numbers


def dive(linear: Linear, run: Run) -> Run | None:
    """Return a whole plan near ``run``, the linear optimum, or None.

    Columns are free again afterwards; the basis is that of the plan.
    """
    integers = linear.compiled.integers
    held: list[Indices] = []
    try:
        return _rounds(linear, run, integers, held)
    finally:
        if held:
            linear.free(integers)


def _rounds(
    linear: Linear, run: Run, integers: Indices, held: list[Indices]
) -> Run | None:
    current: Run | None = run
    for _ in range(_MOST_ROUNDS):
        if current is None:
            return None
        reach = _reach(linear, current, integers)
        whole, open_ = _rounded(linear, current, integers, reach)
        if not open_.any():
            return whole
        up, down = _choose(reach, open_)
        current = _held(linear, integers, held, up, down)
    return None


def _reach(linear: Linear, run: Run, integers: Indices) -> _Reach:
    compiled = linear.compiled
    found = run.values[integers]
    place, row, factor = compiled.integer_entries()
    activity = compiled.activity(run.values)
    above = np.maximum(compiled.entries.row_upper[row] - activity[row], 0.0)
    below = np.maximum(activity[row] - compiled.entries.row_lower[row], 0.0)
    size = np.maximum(np.abs(factor), 1e-12)
    rising = np.where(factor > 0, above, below) / size
    falling = np.where(factor > 0, below, above) / size
    up, down = np.full(len(found), np.inf), np.full(len(found), np.inf)
    np.minimum.at(up, place, rising)
    np.minimum.at(down, place, falling)
    paid = linear.aim.cost[integers] != 0
    up[paid], down[paid] = 0.0, 0.0
    return _Reach(found, found - down, found + up)


def _rounded(
    linear: Linear, run: Run, integers: Indices, reach: _Reach
) -> tuple[Run, NDArray[np.bool_]]:
    """Return the plan with what can be rounded, and which integers stay open."""
    nearest = np.round(reach.found)
    open_ = np.abs(reach.found - nearest) > _WHOLE
    ceiling, floor = np.ceil(reach.found), np.floor(reach.found)
    rises = open_ & (reach.most >= ceiling - _WHOLE)
    falls = open_ & ~rises & (reach.least <= floor + _WHOLE)
    chosen = np.where(rises, ceiling, np.where(falls, floor, nearest))
    still = open_ & ~rises & ~falls
    values = run.values.copy()
    values[integers] = np.where(still, reach.found, chosen)
    if not linear.compiled.keeps(values):
        return run, open_  # together they cannot
    return Run(values=values, row_dual=run.row_dual, bound=run.bound), still


def _choose(reach: _Reach, open_: NDArray[np.bool_]) -> tuple[Indices, Indices]:
    """Return the places to hold up and down.

    What cannot move alone comes first (one start of a run goes up as another goes
    down), with what is all but down. Then what is nearly up goes up, a batch of
    the surest in each round, and what is far from it down.
    """
    places = np.flatnonzero(open_)
    part = reach.found[places] - np.floor(reach.found[places])
    score = np.minimum(reach.most[places] - reach.found[places], 1 - part) + part
    tied = score - part <= _WHOLE
    far = _DECIDED if tied.any() else _FAR
    rising = (score >= _HALF) & (tied | ~tied.any())
    order = np.argsort(-(score + tied), kind="stable")
    up = order[: max(_FEW, int(_BATCH * len(places)))]
    up = up[rising[up] | (up == order[0])]
    falling = ~tied & (score < far)
    falling[up] = False
    return places[up].astype(np.int32), places[falling].astype(np.int32)


def _held(
    linear: Linear, integers: Indices, held: list[Indices], up: Indices, down: Indices
) -> Run | None:
    """Hold ``up`` and ``down``; where that is impossible less of them."""
    both = integers[np.append(up, down)]
    held.append(both)
    linear.hold(both, np.append(np.ones(len(up)), np.zeros(len(down))))
    run = linear.run()
    if run is not None or linear.seconds_left <= 0:
        return run
    linear.free(both)
    first = integers[up[:1]]
    if len(both) > 1:
        linear.hold(first, np.ones(1))
        run = linear.run()
        if run is not None:
            return run
    linear.hold(first, np.zeros(1))
    return linear.run()
