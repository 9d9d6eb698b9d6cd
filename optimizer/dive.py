"""From the linear optimum to a whole plan, in a few warm linear runs.

An integer that can move to a whole number while all else stays, at no cost, is
whole already: the state of a car that charges at enough power, for instance. Of
the others each round holds those up that are nearest to it, and those down that
are far, and solves again from the last basis.
"""

from dataclasses import dataclass, replace
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
_FEW: Final = 6
_MOST_ROUNDS: Final = 60
_SHARE: Final = 0.5  # of the time
_RUNS: Final = (1, 3, 6, 12)  # steps
_ROUNDS_LEFT: Final = 3  # with time for so many runs all that is open is rounded


@dataclass(frozen=True, slots=True)
class _Reach:
    """Integers as found, and between which values each can move alone."""

    found: Numbers
    least: Numbers
    most: Numbers
    share: Numbers  # of a step that it is on, at its least power
    tied: NDArray[np.bool_]  # to each other, by an equation


def dive(linear: Linear, run: Run, *, careful: bool = False) -> Run | None:
    """Return a whole plan near ``run``, the linear optimum, or None.

    With care it takes about three times as many runs, and comes nearer to the best
    plan of devices that are mostly half on in the linear one. Columns are free again
    afterwards; the basis is that of the plan.
    """
    integers = linear.compiled.integers
    if not len(integers):
        return run
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
    groups = linear.compiled.group_of_integer
    for _ in range(_MOST_ROUNDS):
        if current is None:
            return None
        activity = linear.compiled.activity(current.values)
        reach = _reach(linear, current, integers, activity)
        whole, open_ = _rounded(linear, current, integers, reach, activity)
        if not open_.any():
            return whole
        if until - time.monotonic() < _ROUNDS_LEFT * linear.last_seconds:
            return _at_once(linear, integers, held, reach)
        up, down = _choose(reach, open_, groups, careful=careful)
        current = _held(linear, integers, held, up, down)
    return None


def _reach(linear: Linear, run: Run, integers: Indices, activity: Numbers) -> _Reach:
    compiled = linear.compiled
    found = run.values[integers]
    place, row, factor = compiled.integer_entries()
    starts, places = compiled.integer_places
    lowest, highest = compiled.entries.row_lower[row], compiled.entries.row_upper[row]
    reached = activity[row]
    above = np.maximum(highest - reached, 0.0)
    below = np.maximum(reached - lowest, 0.0)
    size, positive = np.maximum(np.abs(factor), 1e-12), factor > 0
    rising = np.where(positive, above, below) / size
    falling = np.where(positive, below, above) / size
    up, down, own = np.full((3, len(found)), np.inf)
    continuous = compiled.continuous_in_row[row]
    if len(starts):
        up[places] = np.minimum.reduceat(rising, starts)
        down[places] = np.minimum.reduceat(falling, starts)
        single = np.where(continuous <= 1, rising, np.inf)
        own[places] = np.minimum.reduceat(single, starts)
    paid = linear.aim.cost[integers] != 0
    up[paid], down[paid] = 0.0, 0.0
    alone = (continuous == 0) & (factor != 0) & (lowest == highest)
    tied = np.zeros(len(found), bool)
    tied[place[alone]] = True
    share = np.minimum(np.maximum(np.minimum(found + own, np.ceil(found)), 0), 1)
    return _Reach(found, found - down, found + up, share, tied)


def _rounded(
    linear: Linear, run: Run, integers: Indices, reach: _Reach, activity: Numbers
) -> tuple[Run, NDArray[np.bool_]]:
    """Return the plan with what can be rounded, and which integers stay open."""
    nearest = np.round(reach.found)
    open_ = np.abs(reach.found - nearest) > _WHOLE
    ceiling, floor = np.ceil(reach.found), np.floor(reach.found)
    rises = open_ & (reach.most >= ceiling - _WHOLE)
    falls = open_ & ~rises & (reach.least <= floor + _WHOLE)
    chosen = np.where(rises, ceiling, np.where(falls, floor, nearest))
    still = open_ & ~rises & ~falls
    rounded = np.where(still, reach.found, chosen)
    moved = linear.compiled.moved(activity, rounded - reach.found)
    if not linear.compiled.within(moved):
        return run, open_  # together they cannot
    values = run.values.copy()
    values[integers] = rounded
    return replace(run, values=values), still


def _choose(
    reach: _Reach,
    open_: NDArray[np.bool_],
    groups: Indices,
    *,
    careful: bool,
) -> tuple[Indices, Indices]:
    """Return the places to hold up and down.

    What cannot move alone comes first (one start of a run goes up as another goes
    down): the likeliest of each of ``groups``, with what is all but down. Then the
    nearest go up and the far down; or, with care, only what is all but up, and the
    farthest down, so that what they did moves to the others.
    """
    places = np.flatnonzero(open_)
    part = reach.found[places] - np.floor(reach.found[places])
    score = np.minimum(reach.most[places] - reach.found[places], 1 - part) + part
    score = np.maximum(score, reach.share[places])
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
    if tied.any():
        likely = order[tied[order]]
        firsts = np.unique(groups[places[likely]], return_index=True)[1]
        rising[likely[firsts]] = True
    return (
        places[rising].astype(np.int32),
        places[falling & ~rising].astype(np.int32),
    )


def _at_once(
    linear: Linear, integers: Indices, held: list[Indices], reach: _Reach
) -> Run | None:
    """Round everything, for lack of time.

    What is half on is on in such steps that it is on about as long as in ``reach``
    up to any time; with ever longer runs and rests, as some devices must have them.
    """
    held.append(integers)
    nearest = np.round(reach.found)
    for longest in _RUNS:
        values = nearest.copy()
        for part in linear.compiled.integer_groups:
            places = np.searchsorted(integers, part)
            if reach.tied[places].all():
                values[places] = 0.0
                if reach.found[places].sum() >= _HALF:  # else it ran before
                    values[places[np.argmax(reach.found[places])]] = 1.0
            else:
                values[places] = summed_up(reach.share[places], longest)
        linear.hold(integers, values)
        run = linear.run()
        if run is not None:
            return run
    return None


def summed_up(share: Numbers, longest: float) -> Numbers:
    """Return 0 or 1 for each step, whose sum stays near that of ``share``.

    It turns on once ``longest`` / 2 steps are owed, and off once as many are lent:
    runs and rests are no shorter than ``longest``, where ``share`` is below 1. Sum-up
    rounding (Sager, Bock, Diehl, Mathematical Programming 133, 2012) is the case of
    one step: what integrates the states, such as stored energy, hardly notices.
    """
    values, owed, on = np.zeros(len(share)), 0.0, False
    for step, part in enumerate(share.tolist()):
        owed += part
        if owed - on <= -longest / 2 + _WHOLE or (longest <= 1 and part <= _WHOLE):
            on = False
        if owed >= longest / 2 - _WHOLE and part > _WHOLE:
            on = True
        values[step] = on
        owed = max(owed - on, -longest)
    return values


def _held(
    linear: Linear, integers: Indices, held: list[Indices], up: Indices, down: Indices
) -> Run | None:
    """Hold ``up`` and ``down``; where that is impossible less of them."""
    both = integers[np.append(up, down)]
    held.append(both)
    linear.hold(both, np.append(np.ones(len(up)), np.zeros(len(down))))
    run = linear.run()
    if run is not None or linear.seconds_left + linear.patience_s <= 0:
        return run
    linear.free(both)
    first = both[:1]
    for value in (1.0, 0.0):
        linear.hold(first, np.full(1, value))
        run = linear.run()
        if run is not None:
            return run
    return None
