"""Matrices read off a Pyomo model by Pyomo's own visitor: what `compile` has to equal.

The data are variables like any other, so that a product of a variable and a datum
is a quadratic term, a datum alone a linear one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from pyomo.core.expr.visitor import identify_variables
import pyomo.environ as pyo
from pyomo.repn.quadratic import QuadraticRepnVisitor
from pyomo.repn.util import OrderedVarRecorder

from optimizer.matrices import Compiled
from optimizer.problem import costs

type Path = tuple[Any, ...]  # names of attributes and places in them


@dataclass(slots=True)
class Line:
    """A cost or a row: factors by column, and what does not move."""

    constant: float = 0.0
    columns: dict[int, float] = field(default_factory=dict)


@dataclass(slots=True)
class Walked:
    """The numbers of the model, columns and rows numbered as in a `Compiled`."""

    lower: dict[int, float] = field(default_factory=dict)
    upper: dict[int, float] = field(default_factory=dict)
    integers: set[int] = field(default_factory=set)
    rows: dict[int, tuple[Line, float, float]] = field(default_factory=dict)
    costs: dict[str, Line] = field(default_factory=dict)


def walk(model: Any, compiled: Compiled) -> Walked:
    """Return what Pyomo reads, with the data that it has at the moment."""
    given = {
        id(each)
        for block in model.part.values()
        for variable in block.given.component_objects(pyo.Var)
        for each in variable.values()
    }
    variables = {
        id(each): own.column
        for each, own in _both(model, compiled.model, pyo.Var)
        if id(each) not in given
    }
    for each in model.component_data_objects(pyo.Var):
        each.unfix()
    reader = _Reader(variables, given)
    found = Walked()
    for each, own in _both(model, compiled.model, pyo.Var):
        if id(each) not in given:
            found.lower[own.column] = -np.inf if each.lb is None else each.lb
            found.upper[own.column] = np.inf if each.ub is None else each.ub
            if not each.is_continuous():
                found.integers.add(own.column)
    for each, own in _both(model, compiled.model, pyo.Constraint):
        found.rows[own] = reader.row(each)
    for name, cost in costs(model).items():
        found.costs[name] = reader.line(cost)
    return found


def _both(theirs: Any, ours: Any, kind: Any) -> Iterator[tuple[Any, Any]]:
    """Yield what stands on Pyomo's blocks, and the same on ours."""
    for component in theirs.component_objects(kind, descend_into=False):
        if component.local_name == "given":
            continue
        own = getattr(ours, component.local_name)
        for place, each in component.items():
            single = kind is pyo.Var and not component.is_indexed()
            yield each, own if single else own[place]
    for component in theirs.component_objects(pyo.Block, descend_into=False):
        if component.local_name == "given":
            continue
        own = getattr(ours, component.local_name)
        for place, each in component.items():
            yield from _both(each, own[place] if component.is_indexed() else own, kind)


class _Reader:
    def __init__(self, columns: Mapping[int, int], given: set[int]) -> None:
        self._columns, self._given = columns, given
        self._recorder = OrderedVarRecorder({}, {}, None)
        self._visitor = QuadraticRepnVisitor({}, var_recorder=self._recorder)

    def line(self, expression: Any) -> Line:
        found = self._visitor.walk_expression(expression)
        values = {key: v.value for key, v in self._recorder.var_map.items()}
        line = Line(found.constant)
        for key, factor in found.linear.items():
            if key in self._given:
                line.constant += factor * values[key]
            else:
                self._add(line, key, factor)
        for (one, other), factor in (found.quadratic or {}).items():
            datum, variable = (one, other) if one in self._given else (other, one)
            assert datum in self._given
            assert variable not in self._given
            self._add(line, variable, factor * values[datum])
        assert found.nonlinear is None
        return line

    def _add(self, line: Line, variable: int, factor: float) -> None:
        column = self._columns[variable]
        line.columns[column] = line.columns.get(column, 0.0) + factor

    def row(self, constraint: Any) -> tuple[Line, float, float]:
        low, body, high = constraint.to_bounded_expression(evaluate_bounds=True)
        lower, upper = -np.inf if low is None else low, np.inf if high is None else high
        if self._is_given(constraint.expr.args[0]):
            # Pyomo keeps `variables >= data` as `data - variables <= 0`.
            body, lower, upper = -body, -upper, -lower
        line = self.line(body)
        return line, lower - line.constant, upper - line.constant

    def _is_given(self, side: Any) -> bool:
        variables = [id(variable) for variable in identify_variables(side)]
        return bool(variables) and self._given.issuperset(variables)
