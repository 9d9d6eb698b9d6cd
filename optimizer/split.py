"""A peak's range, split: what a bound is worth once the peak is known more nearly.

A device that is half on needs half of what the import may be exceeded by, as long as
the excess may be anything. Between two values, low ≤ w ≤ high, a constraint

    d - w + c z <= r      (d - w <= r where z = 0,  d - w <= r - c where z = 1)

is as well  d + (c - high) z <= r  if d <= r holds where z = 0, and
d - w + (c - low) z <= r - low. The narrower the range, the more these say. So the
range is split in two, the part with the lowest bound first, until the lowest bound is
good enough: branching on a continuous variable (Ryoo and Sahinidis, Computers and
Chemical Engineering 19, 1995).
"""

from dataclasses import dataclass
import heapq
from typing import Final

import highspy
import numpy as np

from optimizer.algebra import Column
from optimizer.cuts import Cuts
from optimizer.linear import Linear
from optimizer.matrices import Compiled, Indices
from optimizer.series import Numbers
from optimizer.tighten import Capped

_MOST_PARTS: Final = 48
_NARROW: Final = 1e-3  # kW
_LEAST_RANGE: Final = 0.1  # kW
_WORTH: Final = 0.02  # of the way to the target
_TRIED: Final = 12  # parts before that is asked
_ABOVE: Final = 1.05  # of the peak of the best plan, where a range ends
_TIME_SHARE: Final = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class HalfOn:
    """The rows with one excess: their entries, without shut columns."""

    excess: int  # column; its factor is -1
    row: Indices  # of each entry, counted from 0
    column: Indices
    factor: Numbers
    state: Numbers  # 1 where the column is a state, else 0
    most: Numbers  # by row: r


def half_on(compiled: Compiled) -> HalfOn | None:
    """Return the rows with the excess that most of them have, if any has its price."""
    by_excess: dict[int, list[Capped]] = {}
    for capped in compiled.model.capped:
        if not isinstance(capped.excess, Column):
            continue
        column = capped.excess.column
        if not compiled.shut[column]:
            by_excess.setdefault(column, []).append(capped)
    if not by_excess:
        return None
    excess = max(by_excess, key=lambda column: len(by_excess[column]))
    entries, starts = compiled.entries, compiled.starts
    places, rows, states = [], [], []
    most: list[float] = []
    for capped in by_excess[excess]:
        row = capped.row
        own = np.arange(starts[row], starts[row + 1])
        own = own[~compiled.shut[compiled.indices[own]]]
        places.append(own)
        rows.append(np.full(len(own), len(most)))
        states.append(np.isin(compiled.indices[own], compiled.integers))
        most.append(entries.row_upper[row])
    place = np.concatenate(places)
    return HalfOn(
        excess=excess,
        row=np.concatenate(rows).astype(np.int32),
        column=compiled.indices[place],
        factor=entries.coefficients[place],
        state=np.concatenate(states).astype(float),
        most=np.array(most),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Split:
    """A lower bound, and the range that better plans lie in."""

    bound: float
    outside: float  # what no plan outside the range is cheaper than
    linear: Linear | None  # the model of the range


def split(
    linear: Linear, rows: HalfOn, peak_kw: float, bound: float, target: float
) -> Split | None:
    """Return the least of the bounds of parts of the range.

    None without time, or where it hardly rises above ``bound``, which is known.
    ``peak_kw`` is the excess of the best plan, ``target`` a bound that is enough.
    """
    parts = _Parts(linear, rows)
    high = max(peak_kw * _ABOVE, _LEAST_RANGE)
    outside = parts.value(high, np.inf)
    while outside is not None and outside < target:
        high *= 2
        outside = parts.value(high, np.inf)
    whole = None if outside is None else parts.value(0.0, high)
    if outside is None or whole is None:
        return None
    heap = [(whole, 0.0, high)]
    worth = bound + _WORTH * (target - bound)
    while heap[0][0] < target and heap[0][2] - heap[0][1] > _NARROW:
        value, low, top = heap[0]
        if value < worth and len(heap) > _TRIED:
            return None
        middle = (low + top) / 2
        halves = parts.value(low, middle), parts.value(middle, top)
        if halves[0] is None or halves[1] is None:
            break
        heapq.heapreplace(heap, (max(halves[0], value), low, middle))
        heapq.heappush(heap, (max(halves[1], value), middle, top))
    left = [part for part in heap if part[0] < target]
    outside = min([outside, *(part[0] for part in heap if part[0] >= target)])
    proven = min(outside, heap[0][0])
    if not left:
        return Split(bound=proven, outside=outside, linear=None)
    low, top = min(part[1] for part in left), max(part[2] for part in left)
    return Split(bound=proven, outside=outside, linear=_model(linear, rows, low, top))


class _Parts:
    """Bounds of parts of a range, each run from the basis of the one before."""

    def __init__(self, linear: Linear, rows: HalfOn) -> None:
        self.linear, self.rows = linear, rows
        self._until = linear.seconds_left * (1 - _TIME_SHARE)
        self._most = _MOST_PARTS
        self._basis: highspy.HighsBasis | None = None

    def value(self, low: float, high: float) -> float | None:
        """Return what no plan of a part is cheaper than, None without time."""
        self._most -= 1
        if self._most < 0 or self.linear.seconds_left <= self._until:
            return None
        model = _model(self.linear, self.rows, low, high)
        highs = model.instance.highs
        if self._basis is not None:
            model.instance.begin(self._basis)
        run = model.run()
        self._basis = highs.getBasis()
        if run is not None:
            return run.bound
        return np.inf if model.seconds_left > 0 else None


def _model(linear: Linear, rows: HalfOn, low: float, high: float) -> Linear:
    found = linear.cut(_cuts(linear, rows, low, high))
    column = np.array([rows.excess], np.int32)
    found.bound(column, np.array([low]), np.array([high]))
    return found


def _cuts(linear: Linear, rows: HalfOn, low: float, high: float) -> Cuts:
    place = np.searchsorted(linear.instance.form.columns, rows.column)
    count = len(rows.most)
    counts = np.bincount(rows.row, minlength=count)
    starts = np.append(0, np.cumsum(counts)).astype(np.int32)
    below = Cuts(
        starts=starts,
        indices=place.astype(np.int32),
        values=rows.factor - low * rows.state,
        lower=np.full(count, -np.inf),
        upper=rows.most - low,
    )
    bounded = np.isfinite(high)
    without = np.where(rows.column == rows.excess, 0.0, rows.factor)
    above = Cuts(
        starts=starts,
        indices=place.astype(np.int32),
        values=without - (high * rows.state if bounded else 0.0),
        lower=np.full(count, -np.inf),
        upper=rows.most if bounded else np.full(count, np.inf),
    )
    return below.plus(above)
