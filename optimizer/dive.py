"""From the linear optimum to a whole plan, in a few warm linear runs.

An integer that can move to a whole number while all else stays, at no cost, is
whole already: the state of a car that charges at enough power, for instance. Of
the others each round holds those up that are nearest to it, and those down that
are far, and solves again from the last basis.
"""

from dataclasses import dataclass
import time
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.linear import Linear, Run
from optimizer.matrices import Indices
from optimizer.series import Numbers

_WHOLE: Final = 1e-6
_HALF: Final = 0.5
_FAR: Final = 0.3
_ALL_BUT: Final = 0.1
_LIKELY: Final = 0.8
_NEARLY: Final = 0.9
_BATCH: Final = 0.15  # of what is undecided, held in one round
_FEW: Final = 4
_MOST_ROUNDS: Final = 60
_SHARE: Final = 0.5  # of the time
_ROUNDS_LEFT: Final = 3  # with time for so many runs all that is open is rounded


@dataclass(frozen=True, slots=True)
class _Reach:
    """Integers as found, and between which values each can move alone."""

    found: Numbers
    least: Numbers
    most: Numbers
    tied: NDArray[np.bool_]  # by an equation


def dive(linear: Linear, run: Run, *, careful: bool = False) -> Run | None:
    """Return a whole plan near ``run``, the linear optimum, or None.

    With care it takes about three times as many runs, and comes nearer to the best
    plan of devices that are mostly half on in the linear one. Columns are free again afterwards; the basis is that of the plan.
    """
    integers = linear.compiled.integers
    held: list[Indices] = []
    until = time.monotonic() + linear.seconds_left * _SHARE
    try:
        return _rounds(linear, run, integers, held, careful=careful, until=until)
    finally:
        if held:
            linear.free(integers)


def _rounds(
    linear: Linear,
    run: Run,
    integers: Indices,
    held: list[Indices],
    *,
    careful: bool,
    until: float,
) -> Run | None:
    current: Run | None = run
    for _ in range(_MOST_ROUNDS):
        if current is None:
            return None
        reach = _reach(linear, current, integers)
        whole, open_ = _rounded(linear, current, integers, reach)
        if not open_.any():
            return whole
        if until - time.monotonic() < _ROUNDS_LEFT * linear.last_seconds:
            return _at_once(linear, integers, held, reach, open_)
        up, down = _choose(reach, open_, careful=careful)
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
    tied = np.zeros(len(found), bool)
    entries = compiled.entries
    tied[place[(entries.row_lower[row] == entries.row_upper[row]) & (factor != 0)]] = (
        True
    )
    return _Reach(found, found - down, found + up, tied)


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


def _choose(
    reach: _Reach, open_: NDArray[np.bool_], *, careful: bool
) -> tuple[Indices, Indices]:
    """Return the places to hold up and down.

    What cannot move alone comes first (one start of a run goes up as another goes
    down), with what is all but down. Then the nearest go up and the far down; or,
    with care, only what is all but up, and the farthest down, so that what they
    did moves to the others.
    """
    places = np.flatnonzero(open_)
    part = reach.found[places] - np.floor(reach.found[places])
    score = np.minimum(reach.most[places] - reach.found[places], 1 - part) + part
    tied = reach.tied[places]
    order = np.argsort(-(score + tied), kind="stable")
    batch = max(1 if careful else _FEW, int(_BATCH * len(places)))
    if tied.any():
        rising, falling = tied & (score >= _HALF), ~tied & (score < _ALL_BUT)
    elif careful:
        rising, falling = score >= _NEARLY, np.zeros(len(places), bool)
        falling[order[-batch:]] = True
        falling &= score < _LIKELY
    else:
        rising, falling = score >= _HALF, score < _FAR
    rising[order[batch:]] = False
    if tied.any() or not (careful and (rising | falling).any()):
        rising[order[0]] = True
    return (
        places[rising].astype(np.int32),
        places[falling & ~rising].astype(np.int32),
    )


def _at_once(
    linear: Linear,
    integers: Indices,
    held: list[Indices],
    reach: _Reach,
    open_: NDArray[np.bool_],
) -> Run | None:
    """Round all that is open, for lack of time; more of it up if need be."""
    score = np.minimum(reach.most, np.ceil(reach.found)) - np.floor(reach.found)
    columns = integers[open_]
    held.append(columns)
    for least in (_HALF, 0.0):
        up = (score >= least) & (~reach.tied | (score >= _HALF))
        linear.hold(columns, up[open_].astype(float))
        run = linear.run()
        if run is not None:
            return run
    return None


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
    first = both[:1]
    for value in (1.0, 0.0):
        linear.hold(first, np.full(1, value))
        run = linear.run()
        if run is not None:
            return run
    return None
