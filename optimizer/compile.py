"""A Pyomo model -> matrices, once; after that only vectors move.

One walk over the model finds for every cost, bound, right side and coefficient how
it depends on the data: an affine function of the vector of all data. Other data are
then a sparse product and a few calls to the solver, without Pyomo.

The rows keep the sign and the constant that the constraints were written with,
so that a dual is the one of the constraint as it stands in its component.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, Final

import highspy
import numpy as np
from pyomo.core.expr.visitor import identify_variables
import pyomo.environ as pyo
from pyomo.repn.quadratic import QuadraticRepnVisitor
from pyomo.repn.util import OrderedVarRecorder

from optimizer.component import Block
from optimizer.matrices import Affine, Compiled, Indices
from optimizer.problem import Model, costs
from optimizer.series import Numbers


def compile_model(model: Model) -> Compiled:
    """Return the matrices of ``model``, still without data."""
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
    return Compiled(
        column=walk.column,
        row={id(c): i for i, c in enumerate(_active(model, pyo.Constraint))},
        integers=walk.integers(),
        cost_names=list(named_costs),
        model=model,
        starts=np.array([0, *accumulate(len(t.linear) for t, _ in rows)], np.int32),
        indices=np.array([c for terms, _ in rows for c in terms.linear], np.int32),
        shut=np.array([v.bounds == (0, 0) for v in walk.variables], bool),
        weights=_weights(model, walk),
        half_on=any(getattr(block, "on", ()) for block in model.part.values()),
        _data=walk.data,
        _affine=entries.affine(),
    )


_AVOIDED: Final = 4.0  # more than what is sooner is preferred by
_OFF_CENTRE: Final = 1.0  # of a kelvin


def _weights(model: Model, walk: _Walk) -> Numbers:
    """Among equally cheap plans: as wished, sooner, and with fewer cycles."""
    weights = np.zeros(len(walk.variables))
    for block in model.part.values():
        draw = getattr(block, "sooner", getattr(block, "draw", {}))
        last = max(draw, default=0) + 1
        for t, variable in draw.items():
            weights[walk.column[id(variable)]] = 1.0 + t / last
        for variable in getattr(block, "avoided", ()):
            weights[walk.column[id(variable)]] += _AVOIDED
        for variable in getattr(block, "off_centre", ()):
            weights[walk.column[id(variable)]] = _OFF_CENTRE
        for variable in getattr(block, "feed", {}).values():
            # Producing is better than curtailing for nothing, resting than cycling.
            column = walk.column[id(variable)]
            weights[column] = 0.5 if hasattr(block, "energy") else -0.5
    return weights


def _active(model: Model, kind: type[Any]) -> Iterable[Any]:
    found: Iterable[Any] = model.component_data_objects(kind, active=True)
    return found


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

    def integers(self) -> Indices:
        """Return the columns that must be whole."""
        found = [i for i, v in enumerate(self.variables) if not v.is_continuous()]
        return np.array(found, np.int32)

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
