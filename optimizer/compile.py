"""A model -> matrices, once; after that only vectors move.

The terms of all rows and costs are sorted by what they belong to and summed. That
says for every cost, bound, right side and coefficient how it depends on the data:
an affine function of the vector of all data. Other data are then a sparse product
and a few calls to the solver.

The rows keep the sign and the constant that the constraints were written with,
so that a dual is the one of the constraint as it stands in its component.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from itertools import accumulate, chain
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from optimizer.algebra import DATUM, SHIFT, Column, Datum, Terms, as_terms
from optimizer.matrices import Affine, Compiled, Indices
from optimizer.problem import Model, costs
from optimizer.series import Numbers
from optimizer.words import Bound, Bounds, Draft, GivenSeries

type Whole = NDArray[np.int64]


def compile_model(model: Model) -> Compiled:
    """Return the matrices of ``model``, still without data."""
    draft: Draft = model.draft
    named_costs = costs(model)
    columns, rows, names = draft.columns, len(draft.rows), len(named_costs)
    paid = _Sums.of([as_terms(cost) for cost in named_costs.values()]).gathered(
        np.arange(names), np.ones(names)
    )
    related, lower, upper, unknowns = _rows(draft)
    inside, outside = related.parted()
    first = np.ones(len(inside.place), bool)
    first[1:] = (np.diff(inside.place) != 0) | (np.diff(inside.column) != 0)
    entry = np.cumsum(first) - 1
    indices = inside.column[first]
    flat = _Flat((names * columns, names, columns, columns, rows, rows, len(indices)))
    priced, fixed = paid.parted()
    flat.add(_Part.COSTS, priced, priced.place * columns + priced.column)
    flat.add(_Part.OFFSETS, fixed, fixed.place)
    for bounds in draft.bounds:
        flat.bound(_Part.LOWER, bounds, bounds.lower)
        flat.bound(_Part.UPPER, bounds, bounds.upper)
    flat.side(_Part.ROW_LOWER, lower, outside)
    flat.side(_Part.ROW_UPPER, upper, outside)
    flat.add(_Part.COEFFICIENTS, inside, entry)
    return Compiled(
        column_count=columns,
        row_count=rows,
        integers=np.array(list(chain(*draft.integers)), np.int32),
        integer_groups=[
            np.array(each, np.int32) for each in draft.integers if len(each)
        ],
        cost_names=list(named_costs),
        model=model,
        starts=np.searchsorted(inside.place[first], np.arange(rows + 1)).astype(
            np.int32
        ),
        indices=indices.astype(np.int32),
        unknowns=unknowns,
        shut=_shut(draft),
        weights=_weights(model, columns),
        steps=_steps(model, columns),
        balance=np.fromiter(model.balance.values(), np.int32),
        half_on=any(getattr(block, "on", ()) for block in model.part.values()),
        _data=model.numbers,
        _affine=flat.affine(),
    )


_AVOIDED: Final = 4.0  # more than what is sooner is preferred by
_OFF_CENTRE: Final = 1.0  # of a kelvin


def _weights(model: Model, columns: int) -> Numbers:
    """Among equally cheap plans: as wished, sooner, and with fewer cycles."""
    weights = np.zeros(columns)
    for block in model.part.values():
        draw = getattr(block, "sooner", getattr(block, "draw", {}))
        last = max(draw, default=0) + 1
        for t, variable in draw.items():
            weights[variable.column] = 1.0 + t / last
        for variable in getattr(block, "avoided", ()):
            weights[variable.column] += _AVOIDED
        for variable in getattr(block, "off_centre", ()):
            weights[variable.column] = _OFF_CENTRE
        # Producing is better than curtailing for nothing, resting than cycling.
        weight = 0.5 if hasattr(block, "energy") else -0.5
        for variable in getattr(block, "feed", {}).values():
            weights[variable.column] = weight
    return weights


def _steps(model: Model, columns: int) -> Indices:
    """Return for each weighed column its step, 0 for all others."""
    steps = np.zeros(columns, np.int32)
    for block in model.part.values():
        for flow in (getattr(block, "draw", {}), getattr(block, "feed", {})):
            for t, variable in flow.items():
                if isinstance(variable, Column):
                    steps[variable.column] = t
    return steps


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
        return self.only(has), self.only(~has)

    def only(self, which: NDArray[np.bool_]) -> _Gathered:
        return _Gathered(
            place=self.place[which],
            column=self.column[which],
            datum=self.datum[which],
            factor=self.factor[which],
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sums:
    """Expressions one after the other: ``sizes`` terms each."""

    keys: Whole
    factors: Numbers
    sizes: Whole

    @classmethod
    def of(cls, sums: Sequence[Terms]) -> _Sums:
        keys = [each.keys for each in sums]
        sizes = np.array(list(map(len, keys)), np.int64)
        count = int(sizes.sum())
        factors = chain.from_iterable([each.factors for each in sums])
        return cls(
            keys=np.fromiter(chain.from_iterable(keys), np.int64, count),
            factors=np.fromiter(factors, float, count),
            sizes=sizes,
        )

    def gathered(self, places: Whole, signs: Numbers) -> _Gathered:
        """Return the terms where each expression stands in a place with a sign."""
        keys, factors = self.keys, self.factors * np.repeat(signs, self.sizes)
        place = np.repeat(places, self.sizes)
        order = np.lexsort((keys, place))
        place, keys, factors = place[order], keys[order], factors[order]
        first = np.ones(len(keys), bool)
        first[1:] = (place[1:] != place[:-1]) | (keys[1:] != keys[:-1])
        starts = np.flatnonzero(first)
        total = np.add.reduceat(factors, starts) if len(keys) else factors
        some = total != 0
        kept = starts[some]
        return _Gathered(
            place=place[kept],
            column=(keys[kept] >> SHIFT) - 1,
            datum=(keys[kept] & DATUM) - 1,
            factor=total[some],
        )


def _rows(draft: Draft) -> tuple[_Gathered, Numbers, Numbers, Indices]:
    """Return left - right of each row, the bounds of that, and its unknown.

    Where only data are on the left it is right - left. An equation is written for
    what stands first on its left: its unknown, -1 where there is none.
    """
    rows = draft.rows
    count = len(rows)
    sides = _Sums.of([row.left for row in rows] + [row.right for row in rows])
    starts = np.cumsum(sides.sizes) - sides.sizes
    highest = np.maximum.reduceat(sides.keys, starts) if count else sides.keys
    sized = highest[:count] > DATUM
    sign = np.where(sized, 1.0, -1.0)
    places = np.arange(count)
    related = sides.gathered(np.append(places, places), np.append(sign, -sign))
    equal = np.array([row.equal for row in rows], bool)
    lower = np.where(equal | ~sized, 0.0, -np.inf)
    upper = np.where(equal | sized, 0.0, np.inf)
    named = np.flatnonzero(sides.keys > DATUM)
    first = sides.keys[named[np.searchsorted(named, starts[:count][sized])]]
    unknowns = np.full(count, -1, np.int32)
    unknowns[sized] = (first >> SHIFT) - 1
    unknowns[~equal] = -1
    return related, lower, upper, unknowns


class _Part(IntEnum):
    """The parts of the vector of all entries, in order."""

    COSTS = 0  # by name and column
    OFFSETS = 1  # by name
    LOWER = 2
    UPPER = 3
    ROW_LOWER = 4
    ROW_UPPER = 5
    COEFFICIENTS = 6


class _Flat:
    """All entries in one vector, part after part."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._starts: list[int] = [0, *accumulate(sizes)]
        self._base = np.zeros(self._starts[-1])
        self._data: list[tuple[Whole, Whole, Numbers]] = []

    def add(self, part: _Part, found: _Gathered, entry: Whole) -> None:
        """Let each factor stand at its entry of ``part``."""
        entry = entry + self._starts[part]
        data = found.datum >= 0
        number = ~data
        # Each entry has at most one term without a datum.
        self._base[entry[number]] += found.factor[number]
        self._data.append((entry[data], found.datum[data], found.factor[data]))

    def side(self, part: _Part, bound: Numbers, constant: _Gathered) -> None:
        """Bound rows, what is constant in them taken to the other side."""
        start = self._starts[part]
        self._base[start : start + len(bound)] = bound
        finite = np.isfinite(bound)[constant.place]
        moved = replace(constant, factor=-constant.factor).only(finite)
        self.add(part, moved, moved.place)

    def bound(self, part: _Part, bounds: Bounds, bound: Bound) -> None:
        """Bound columns on one side."""
        columns, start = bounds.columns, self._starts[part]
        entries = slice(start + columns.start, start + columns.stop)
        if bound is None:
            self._base[entries] = -np.inf if part is _Part.LOWER else np.inf
        elif isinstance(bound, int | float):
            self._base[entries] = bound
        else:
            data = np.array(_data(bound, bounds.index), np.int64)
            entry = np.arange(entries.start, entries.stop)
            self._data.append((entry, data, np.ones(len(data))))

    def affine(self) -> Affine:
        entry, datum, factor = (
            np.concatenate(part) for part in zip(*self._data, strict=True)
        )
        return Affine(
            base=self._base,
            entry=entry.astype(np.intp),
            datum=datum.astype(np.intp),
            factor=factor,
        )


def _data(
    bound: Datum | GivenSeries | Mapping[Any, Datum], index: Sequence[Any]
) -> Sequence[int] | Whole:
    """Return the number of the datum at each place of ``index``."""
    if isinstance(bound, GivenSeries):
        return bound.data.start + np.array(index, np.int64)
    if isinstance(bound, Datum):
        return [bound.datum] * len(index)
    return [bound[place].datum for place in index]
