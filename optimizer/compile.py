"""A model -> matrices, once; after that only vectors move.

The terms of all rows and costs are sorted by what they belong to and summed. That
says for every cost, bound, right side and coefficient how it depends on the data:
an affine function of the vector of all data. Other data are then a sparse product
and a few calls to the solver.

The rows keep the sign and the constant that the constraints were written with,
so that a dual is the one of the constraint as it stands in its component.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from optimizer.algebra import DATUM, SHIFT, Column, Datum, Terms
from optimizer.matrices import Affine, Compiled
from optimizer.problem import Model, costs
from optimizer.series import Numbers
from optimizer.words import Bound, Bounds, Draft, GivenSeries

type Whole = NDArray[np.int64]


def compile_model(model: Model) -> Compiled:
    """Return the matrices of ``model``, still without data."""
    draft: Draft = model.draft
    named_costs = costs(model)
    columns, rows, names = draft.columns, len(draft.equal), len(named_costs)
    paid = _gathered(list(named_costs.values()), np.arange(names), np.ones(names))
    related, lower, upper = _rows(draft)
    inside, outside = related.parted()
    first = np.ones(len(inside.place), bool)
    first[1:] = (np.diff(inside.place) != 0) | (np.diff(inside.column) != 0)
    entry = np.cumsum(first) - 1
    indices = inside.column[first]
    flat = _Flat(names * columns, names, columns, columns, rows, rows, len(indices))
    priced, fixed = paid.parted()
    flat.add(0, priced, priced.place * columns + priced.column)
    flat.add(1, fixed, fixed.place)
    for bounds in draft.bounds:
        for part, bound in ((2, bounds.lower), (3, bounds.upper)):
            flat.bound(part, bounds, bound)
    for part, side in ((4, lower), (5, upper)):
        flat.side(part, side, outside)
    flat.add(6, inside, entry)
    return Compiled(
        column_count=columns,
        row_count=rows,
        integers=np.array(list(chain(*draft.integers)), np.int32),
        cost_names=list(named_costs),
        model=model,
        starts=np.searchsorted(
            inside.place[first], np.arange(rows + 1)
        ).astype(np.int32),
        indices=indices.astype(np.int32),
        shut=_shut(draft),
        weights=_weights(model, columns),
        half_on=any(getattr(block, "on", ()) for block in model.part.values()),
        _data=model.numbers,
        _affine=flat.affine(),
    )


def _weights(model: Model, columns: int) -> Numbers:
    """Among equally cheap plans: sooner, and with fewer cycles."""
    weights = np.zeros(columns)
    for block in model.part.values():
        draw = getattr(block, "draw", {})
        last = max(draw, default=0) + 1
        for t, variable in draw.items():
            if isinstance(variable, Column):  # an appliance has only its start
                weights[variable.column] = 1.0 + t / last
        for variable in getattr(block, "feed", {}).values():
            # Producing is better than curtailing for nothing, resting than cycling.
            weights[variable.column] = 0.5 if hasattr(block, "energy") else -0.5
    return weights


def _shut(draft: Draft) -> NDArray[np.bool_]:
    shut = np.zeros(draft.columns, bool)
    for bounds in draft.bounds:
        if bounds.shut:
            shut[bounds.columns.start : bounds.columns.stop] = True
    return shut


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gathered:
    """What stands in each place: factors of a column and a datum, -1 for none.

    Sorted by place, column and datum, each only once and none of them 0.
    """

    place: Whole
    column: Whole
    datum: Whole
    factor: Numbers

    def parted(self) -> tuple[_Gathered, _Gathered]:
        """Return what has a column, and what has none."""
        has = self.column >= 0
        return self._only(has), self._only(~has)

    def _only(self, which: NDArray[np.bool_]) -> _Gathered:
        return _Gathered(
            place=self.place[which],
            column=self.column[which],
            datum=self.datum[which],
            factor=self.factor[which],
        )


def _gathered(sums: Sequence[Terms], places: Whole, signs: Numbers) -> _Gathered:
    """Return the terms of ``sums``, each of which stands in a place with a sign."""
    sizes = np.fromiter((len(each.keys) for each in sums), np.int64, len(sums))
    size = int(sizes.sum())
    keys = np.fromiter(chain(*[each.keys for each in sums]), np.int64, size)
    factors = np.fromiter(chain(*[each.factors for each in sums]), float, size)
    factors *= np.repeat(signs, sizes)
    place = np.repeat(places, sizes)
    order = np.lexsort((keys, place))
    place, keys, factors = place[order], keys[order], factors[order]
    first = np.ones(size, bool)
    first[1:] = (np.diff(place) != 0) | (np.diff(keys) != 0)
    starts = np.flatnonzero(first)
    total = np.add.reduceat(factors, starts) if size else factors
    some = total != 0
    kept = starts[some]
    return _Gathered(
        place=place[kept],
        column=(keys[kept] >> SHIFT) - 1,
        datum=(keys[kept] & DATUM) - 1,
        factor=total[some],
    )


def _rows(draft: Draft) -> tuple[_Gathered, Numbers, Numbers]:
    """Return left - right of each row and the bounds of that.

    Where only data are on the left it is right - left.
    """
    rows = len(draft.equal)
    sized = np.fromiter(
        (max(side.keys, default=0) > DATUM for side in draft.sides[::2]), bool, rows
    )
    sign = np.where(sized, 1.0, -1.0)
    signs = np.stack((sign, -sign), axis=1).ravel()
    related = _gathered(draft.sides, np.repeat(np.arange(rows), 2), signs)
    equal = np.array(draft.equal, bool)
    lower = np.where(equal | ~sized, 0.0, -np.inf)
    upper = np.where(equal | sized, 0.0, np.inf)
    return related, lower, upper


class _Flat:
    """All entries in one vector, part after part."""

    def __init__(self, *sizes: int) -> None:
        self._starts = np.cumsum([0, *sizes])
        self._base = np.zeros(self._starts[-1])
        self._data: list[tuple[Whole, Whole, Numbers]] = []

    def add(self, part: int, found: _Gathered, entry: Whole) -> None:
        """Let each factor stand at its entry of ``part``."""
        entry = entry + self._starts[part]
        number = found.datum < 0
        np.add.at(self._base, entry[number], found.factor[number])
        data = ~number
        self._data.append((entry[data], found.datum[data], found.factor[data]))

    def side(self, part: int, bound: Numbers, constant: _Gathered) -> None:
        """Bound rows, what is constant in them taken to the other side."""
        start, end = self._starts[part : part + 2]
        self._base[start:end] = bound
        finite = np.isfinite(bound)[constant.place]
        self.add(
            part,
            _Gathered(
                place=constant.place[finite],
                column=constant.column[finite],
                datum=constant.datum[finite],
                factor=-constant.factor[finite],
            ),
            constant.place[finite],
        )

    def bound(self, part: int, bounds: Bounds, bound: Bound) -> None:
        """Bound columns on one side."""
        columns = self._starts[part] + np.arange(
            bounds.columns.start, bounds.columns.stop
        )
        match bound:
            case None:
                self._base[columns] = -np.inf if part == 2 else np.inf
            case int() | float():
                self._base[columns] = bound
            case GivenSeries():
                index = np.array(bounds.index, np.int64)
                self._given(columns, bound.data.start + index)
            case Datum():
                self._given(columns, np.full(len(columns), bound.datum))
            case _:
                data = [bound[place].datum for place in bounds.index]
                self._given(columns, np.array(data, np.int64))

    def _given(self, columns: Whole, data: Whole) -> None:
        self._data.append((columns, data, np.ones(len(columns))))

    def affine(self) -> Affine:
        entry, datum, factor = (
            np.concatenate(part) for part in zip(*self._data, strict=True)
        )
        return Affine(
            base=self._base,
            entry=entry.astype(np.int32),
            datum=datum.astype(np.int32),
            factor=factor,
        )
