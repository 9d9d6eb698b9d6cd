"""A Pyomo model -> matrices in HiGHS, once; after that only vectors move.

One walk over the model finds for every cost, bound, right side and coefficient how
it depends on the data: an affine function of the vector of all data. Other data are
then a sparse product and a few calls to the solver, without Pyomo.

The rows keep the sign and the constant that the constraints were written with,
so that a dual is the one of the constraint as it stands in its component.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
from pyomo.core.expr.visitor import identify_variables
import pyomo.environ as pyo
from pyomo.repn.quadratic import QuadraticRepnVisitor
from pyomo.repn.util import OrderedVarRecorder

from optimizer.component import Block, Data
from optimizer.problem import Model, costs
from optimizer.series import Numbers

type Indices = NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Affine:
    """base + sum of factor x datum, by entry."""

    base: Numbers
    entry: Indices
    datum: Indices
    factor: Numbers

    def at(self, data: Numbers) -> Numbers:
        """Return the entries for ``data``."""
        terms = self.factor * data[self.datum]
        return self.base + np.bincount(self.entry, terms, len(self.base))


@dataclass(frozen=True, slots=True, kw_only=True)
class Entries:
    """The numbers of one problem."""

    costs: Numbers  # a row for each name of a cost
    offsets: Numbers
    lower: Numbers
    upper: Numbers
    row_lower: Numbers
    row_upper: Numbers
    coefficients: Numbers


@dataclass(slots=True, kw_only=True)
class Compiled:
    """One structure in HiGHS: column and row numbers, and its vectors."""

    highs: highspy.Highs
    column: Mapping[int, int]  # id of a Pyomo variable -> column
    row: Mapping[int, int]  # id of a Pyomo constraint -> row
    integer: NDArray[np.bool_]
    cost_names: Sequence[str]
    model: Model = field(repr=False)  # keeps the ids above alive
    _data: Sequence[tuple[str, str, int]]  # block, name, length
    _affine: Affine
    _starts: Indices
    _indices: Indices
    _entries: Entries | None = None

    @property
    def entries(self) -> Entries:
        """The numbers in force."""
        if self._entries is None:
            message = "no data were given"
            raise RuntimeError(message)
        return self._entries

    @property
    def cost(self) -> Numbers:
        """The cost of each column."""
        total: Numbers = self.entries.costs.sum(axis=0)
        return total

    @property
    def offset(self) -> float:
        """The cost that no plan can change."""
        return float(self.entries.offsets.sum())

    @property
    def lower(self) -> Numbers:
        """The lower bound of each column."""
        return self.entries.lower

    @property
    def upper(self) -> Numbers:
        """The upper bound of each column."""
        return self.entries.upper

    def columns(self, variables: Iterable[Any]) -> Indices:
        """Return the columns of Pyomo ``variables``."""
        return np.array([self.column[id(v)] for v in variables], np.int32)

    def rows(self, constraints: Iterable[Any]) -> Indices:
        """Return the rows of Pyomo ``constraints``."""
        return np.array([self.row[id(c)] for c in constraints], np.int32)

    def costs(self, values: Numbers) -> Mapping[str, float]:
        """Return the cost of ``values`` by name."""
        entries = self.entries
        total = entries.costs @ values + entries.offsets
        return dict(zip(self.cost_names, map(float, total), strict=True))

    def give(self, data: Mapping[str, Data]) -> None:
        """Take other data, by block and name; the solver keeps its basis."""
        parts = [np.atleast_1d(data[block][name]) for block, name, _ in self._data]
        for (block, name, size), values in zip(self._data, parts, strict=True):
            if len(values) != size:
                message = f"{block}: {len(values)} of {name}, compiled for {size}"
                raise ValueError(message)
        vector = np.concatenate(parts, dtype=float)
        before, self._entries = self._entries, self._split(self._affine.at(vector))
        if before is None:
            self._load()
        else:
            self._change_coefficients(before.coefficients)
            self.restore()

    def _split(self, flat: Numbers) -> Entries:
        names, columns, rows = len(self.cost_names), len(self.column), len(self.row)
        sizes = (names * columns, names, columns, columns, rows, rows)
        parts = np.split(flat, list(accumulate(sizes)))
        return Entries(
            costs=parts[0].reshape(names, columns),
            offsets=parts[1],
            lower=parts[2],
            upper=parts[3],
            row_lower=parts[4],
            row_upper=parts[5],
            coefficients=parts[6],
        )

    def _load(self) -> None:
        entries = self.entries
        lp = highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(self.column), len(self.row)
        lp.col_cost_, lp.offset_ = self.cost, self.offset
        lp.col_lower_, lp.col_upper_ = entries.lower, entries.upper
        lp.row_lower_, lp.row_upper_ = entries.row_lower, entries.row_upper
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = self._starts, self._indices
        lp.a_matrix_.value_ = entries.coefficients
        kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
        lp.integrality_ = [kinds[int(integer)] for integer in self.integer]
        self.highs.passModel(lp)

    def _change_coefficients(self, before: Numbers) -> None:
        now = self.entries.coefficients
        for place in np.flatnonzero(now != before):
            row = int(np.searchsorted(self._starts, place, "right")) - 1
            self.highs.changeCoeff(row, int(self._indices[place]), float(now[place]))

    def set_cost(self, columns: Indices, cost: Numbers) -> None:
        """Change the cost of ``columns``."""
        self.highs.changeColsCost(len(columns), columns, np.ascontiguousarray(cost))

    def set_bounds(self, columns: Indices, lower: Numbers, upper: Numbers) -> None:
        """Change the bounds of ``columns``."""
        self.highs.changeColsBounds(
            len(columns),
            columns,
            np.ascontiguousarray(lower, float),
            np.ascontiguousarray(upper, float),
        )

    def restore(self) -> None:
        """Bring cost, bounds and integers back to those of the problem."""
        entries = self.entries
        every = np.arange(len(self.column), dtype=np.int32)
        rows = np.arange(len(self.row), dtype=np.int32)
        self.set_cost(every, self.cost)
        self.set_bounds(every, entries.lower, entries.upper)
        self.highs.changeObjectiveOffset(self.offset)
        # highspy's stub leaves this one out.
        self.highs.changeRowsBounds(  # type: ignore[attr-defined]
            len(rows), rows, entries.row_lower, entries.row_upper
        )
        integers = np.flatnonzero(self.integer).astype(np.int32)
        kinds = np.full(len(integers), highspy.HighsVarType.kInteger)
        self.highs.changeColsIntegrality(len(integers), integers, kinds)


def compile_model(model: Model) -> Compiled:
    """Return ``model`` in HiGHS, still without data."""
    walk = _Walk(model)
    rows = [walk.row(c) for c in _active(model, pyo.Constraint)]
    named_costs = {name: walk.terms(cost) for name, cost in costs(model).items()}
    entries = _Flat(walk)
    for terms in named_costs.values():
        entries.dense(terms)
    for terms in named_costs.values():
        entries.add(terms.constant, terms.by_datum)
    for side in (0, 1):
        for variable in walk.variables:
            bound = walk.bounds(variable)[side]
            entries.add(bound.constant, bound.by_datum)
    for side in (0, 1):
        for terms, bounds in rows:
            entries.right_side(terms, bounds[side])
    for terms, _ in rows:
        for column in terms.linear:
            entries.coefficient(terms, column)
    lengths = [len(terms.linear) for terms, _ in rows]
    return Compiled(
        highs=_new_highs(),
        column=walk.column,
        row={id(c): i for i, c in enumerate(_active(model, pyo.Constraint))},
        integer=np.array([not v.is_continuous() for v in walk.variables], bool),
        cost_names=list(named_costs),
        model=model,
        _data=walk.data,
        _affine=entries.affine(),
        _starts=np.array([0, *accumulate(lengths)], np.int32),
        _indices=np.array([c for terms, _ in rows for c in terms.linear], np.int32),
    )


def _active(model: Model, kind: type[Any]) -> Iterable[Any]:
    found: Iterable[Any] = model.component_data_objects(kind, active=True)
    return found


def _new_highs() -> highspy.Highs:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    # HiGHS silently does not run when `threads` changes within a process.
    highs.setOptionValue("threads", 1)
    return highs


@dataclass(slots=True)
class _Terms:
    """An expression: by column a number and numbers per datum, and a constant."""

    constant: float
    by_datum: dict[int, float] = field(default_factory=dict)
    linear: dict[int, float] = field(default_factory=dict)
    products: dict[int, list[tuple[int, float]]] = field(default_factory=dict)


class _Walk:
    """Numbers columns and data, and reads expressions in both."""

    def __init__(self, model: Model) -> None:
        self.datum: dict[int, int] = {}
        self.data: list[tuple[str, str, int]] = []
        for name, block in model.part.items():
            self._number(name, block.given)
        self.variables = [
            v for v in model.component_data_objects(pyo.Var) if id(v) not in self.datum
        ]
        self.column = {id(v): place for place, v in enumerate(self.variables)}
        self._visitor = QuadraticRepnVisitor(
            {}, var_recorder=OrderedVarRecorder({}, {}, None)
        )

    def _number(self, name: str, given: Block) -> None:
        for variable in given.component_objects(pyo.Var):
            self.data.append((name, variable.local_name, len(variable)))
            for each in variable.values():
                self.datum[id(each)] = len(self.datum)

    def row(self, constraint: Any) -> tuple[_Terms, tuple[float, float]]:  # noqa: ANN401 - Pyomo
        low, body, high = constraint.to_bounded_expression(evaluate_bounds=True)
        infinite = highspy.kHighsInf
        lower, upper = (
            -infinite if low is None else low,
            infinite if high is None else high,
        )
        if self._is_given(constraint.expr.args[0]):
            # Pyomo keeps `variables >= data` as `data - variables <= 0`.
            return self.terms(-body), (-upper, -lower)
        return self.terms(body), (lower, upper)

    def _is_given(self, side: Any) -> bool:  # noqa: ANN401 - Pyomo
        variables = identify_variables(side)
        first = next(variables, None)
        if first is None or id(first) not in self.datum:
            return False
        return all(id(variable) in self.datum for variable in variables)

    def terms(self, expression: Any) -> _Terms:  # noqa: ANN401 - Pyomo
        found = self._visitor.walk_expression(expression)
        terms = _Terms(found.constant)
        for key, value in found.linear.items():
            if key in self.datum:
                terms.by_datum[self.datum[key]] = value
            else:
                terms.linear[self.column[key]] = value
        for (one, other), value in (found.quadratic or {}).items():
            datum, variable = (one, other) if one in self.datum else (other, one)
            if datum not in self.datum or variable in self.datum:
                message = f"not affine in variables and in data: {expression}"
                raise ValueError(message)
            column = self.column[variable]
            terms.linear.setdefault(column, 0.0)
            terms.products.setdefault(column, []).append((self.datum[datum], value))
        if found.nonlinear is not None:
            message = f"not linear: {expression}"
            raise ValueError(message)
        return terms

    def bounds(self, variable: Any) -> tuple[_Terms, _Terms]:  # noqa: ANN401 - Pyomo
        container = variable.parent_component()
        lower, upper = getattr(container, "given_bounds", variable.bounds)
        infinite = highspy.kHighsInf
        return (
            self._bound(-infinite if lower is None else lower, variable.index()),
            self._bound(infinite if upper is None else upper, variable.index()),
        )

    def _bound(self, bound: Any, index: int) -> _Terms:  # noqa: ANN401 - Pyomo
        if isinstance(bound, int | float):
            return _Terms(float(bound))
        datum = bound[index] if bound.is_indexed() else bound
        return _Terms(0.0, {self.datum[id(datum)]: 1.0})


class _Flat:
    """Collects entries one after the other."""

    def __init__(self, walk: _Walk) -> None:
        self._columns = len(walk.column)
        self._base: list[float] = []
        self._entry: list[int] = []
        self._datum: list[int] = []
        self._factor: list[float] = []

    def add(self, base: float, by_datum: Mapping[int, float]) -> None:
        for datum, factor in by_datum.items():
            self._term(len(self._base), datum, factor)
        self._base.append(base)

    def right_side(self, terms: _Terms, bound: float) -> None:
        if np.isinf(bound):
            self._base.append(bound)
        else:
            negated = {datum: -factor for datum, factor in terms.by_datum.items()}
            self.add(bound - terms.constant, negated)

    def coefficient(self, terms: _Terms, column: int) -> None:
        self.add(terms.linear[column], dict(terms.products.get(column, ())))

    def dense(self, terms: _Terms) -> None:
        start = len(self._base)
        self._base.extend([0.0] * self._columns)
        for column, value in terms.linear.items():
            self._base[start + column] = value
            for datum, factor in terms.products.get(column, ()):
                self._term(start + column, datum, factor)

    def _term(self, entry: int, datum: int, factor: float) -> None:
        self._entry.append(entry)
        self._datum.append(datum)
        self._factor.append(factor)

    def affine(self) -> Affine:
        return Affine(
            base=np.array(self._base, float),
            entry=np.array(self._entry, np.int32),
            datum=np.array(self._datum, np.int32),
            factor=np.array(self._factor, float),
        )
