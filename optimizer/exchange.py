"""A plan -> a cheaper one: which steps are on, exchanged one or two at a time.

With its integers held the cost of a plan is that of a linear problem, convex in what
they are held at. So its reduced costs bound from below what an exchange costs: those
that cannot pay are never tried, the most promising first, each one warm linear run
that stops once it is dearer than the plan known.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.linear import Linear, Run
from optimizer.matrices import Indices

_HALF: Final = 0.5
_FEW: Final = 8  # of a device's steps, each way, are paired with each other
_MOST_TRIED: Final = 60  # without a cheaper plan
_LEAST_SAVED: Final = 1e-6  # of the cost
_TIME_SHARE: Final = 0.3

type _Exchange = tuple[float, tuple[int, ...]]  # least cost, places of the integers


def exchange(linear: Linear, run: Run, enough: float, most_runs: int) -> Run:
    """Return ``run``, a whole plan, or a cheaper one.

    It ends at a cost of ``enough``, after ``most_runs`` linear runs, or where no
    exchange saves anything. Columns are free again afterwards.
    """
    integers = linear.compiled.integers
    until = linear.seconds_left * (1 - _TIME_SHARE)
    try:
        linear.hold(integers, np.round(run.values[integers]))
        best = linear.run() or run
        tried: set[bytes] = set()
        while (
            _cost(linear, best) > enough
            and len(tried) < most_runs
            and linear.seconds_left > until
        ):
            better = _better(linear, best, tried, until)
            if better is None:
                break
            best = better
        return min(run, best, key=lambda each: _cost(linear, each))
    finally:
        linear.free(integers)


def _cost(linear: Linear, run: Run) -> float:
    return float(linear.aim.weighted @ run.values)


def _better(linear: Linear, best: Run, tried: set[bytes], until: float) -> Run | None:
    integers = linear.compiled.integers
    on, known = best.values[integers] > _HALF, _cost(linear, best)
    enough = known - _LEAST_SAVED * abs(known + linear.compiled.offset)
    for _, places in sorted(_exchanges(linear, best, on, enough - known))[:_MOST_TRIED]:
        other = on.copy()
        other[list(places)] ^= True
        key = np.packbits(other).tobytes()
        if key in tried:
            continue
        if linear.seconds_left <= until:
            return None
        tried.add(key)
        linear.hold(integers, other.astype(float))
        found = linear.run(below=enough)
        if found is not None and _cost(linear, found) < enough:
            return found
    return None


def _exchanges(
    linear: Linear, best: Run, on: NDArray[np.bool_], saving: float
) -> Iterator[_Exchange]:
    """Yield what may save more than ``-saving``."""
    integers = linear.compiled.integers
    price = best.column_dual()[integers]
    movable = linear.lower[integers] < linear.upper[integers]
    for part in linear.compiled.integer_groups:
        places = np.searchsorted(integers, part).astype(np.int32)
        places = places[movable[places]]
        rising, falling = (
            _sorted(places[~on[places]], price),
            _sorted(places[on[places]], -price),
        )
        found: list[tuple[tuple[int, ...], float]]
        found = [((i,), price[i]) for i in rising[:_FEW].tolist()]
        found += [((j,), -price[j]) for j in falling[:_FEW].tolist()]
        pairs = {*product(rising[:_FEW].tolist(), falling[:_FEW].tolist())}
        beside = {*rising.tolist()}
        for j in falling.tolist():
            pairs |= {(i, j) for i in (j - 1, j + 1) if i in beside}
        for first, last in _runs(places, on):
            shifted = (first - 1, last), (last + 1, first)
            pairs |= {(i, j) for i, j in shifted if i in beside}
        found += [(pair, price[pair[0]] - price[pair[1]]) for pair in pairs]
        yield from ((float(cost), moved) for moved, cost in found if cost < saving)


def _runs(places: Indices, on: NDArray[np.bool_]) -> Iterator[tuple[int, int]]:
    """Yield the first and the last place of each run among a device's ``places``."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], on[places], [0]))))
    for begin, end in edges.reshape(-1, 2).tolist():
        yield int(places[begin]), int(places[end - 1])


def _sorted(places: Indices, price: NDArray[np.float64]) -> Indices:
    return places[np.argsort(price[places], kind="stable")]
