"""A Pyomo model -> matrices in HiGHS, once; after that only vectors move.

The rows keep the sign and the constant that the constraints were written with,
so that a dual is the one of the constraint as it stands in its component.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np
from numpy.typing import NDArray
import pyomo.environ as pyo
from pyomo.repn.linear import LinearRepnVisitor
from pyomo.repn.util import OrderedVarRecorder

from optimizer.problem import Model
from optimizer.series import Numbers

type Indices = NDArray[np.int32]


@dataclass(slots=True, kw_only=True)
class Compiled:
    """One structure in HiGHS: column and row numbers, and its vectors."""

    highs: highspy.Highs
    column: dict[int, int]  # id of a Pyomo variable -> column
    row: dict[int, int]  # id of a Pyomo constraint -> row
    cost: Numbers
    offset: float
    lower: Numbers
    upper: Numbers
    integer: NDArray[np.bool_]
    variables: list[Any] = field(repr=False)  # keeps the ids above alive

    def columns(self, variables: Iterable[Any]) -> Indices:
        """Return the columns of Pyomo ``variables``."""
        return np.array([self.column[id(v)] for v in variables], np.int32)

    def rows(self, constraints: Iterable[Any]) -> Indices:
        """Return the rows of Pyomo ``constraints``."""
        return np.array([self.row[id(c)] for c in constraints], np.int32)

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
        """Bring cost and bounds back to those of the model."""
        every = np.arange(len(self.cost), dtype=np.int32)
        self.set_cost(every, self.cost)
        self.set_bounds(every, self.lower, self.upper)


def compile_model(model: Model) -> Compiled:
    """Return ``model`` in HiGHS."""
    recorder = OrderedVarRecorder({}, {}, None)
    visitor = LinearRepnVisitor({}, var_recorder=recorder)
    starts: list[int] = [0]
    ids: list[int] = []
    values: list[float] = []
    lower: list[float] = []
    upper: list[float] = []
    row: dict[int, int] = {}
    for constraint in model.component_data_objects(pyo.Constraint, active=True):
        low, body, high = constraint.to_bounded_expression(evaluate_bounds=True)
        terms = visitor.walk_expression(body)
        row[id(constraint)] = len(lower)
        ids.extend(terms.linear)
        values.extend(terms.linear.values())
        starts.append(len(ids))
        lower.append(-highspy.kHighsInf if low is None else low - terms.constant)
        upper.append(highspy.kHighsInf if high is None else high - terms.constant)
    objective = visitor.walk_expression(model.cost.expr)
    variables = list(recorder.var_map.values())
    column = {id(variable): place for place, variable in enumerate(variables)}
    cost = np.zeros(len(variables))
    for place, value in objective.linear.items():
        cost[column[place]] = value
    compiled = Compiled(
        highs=_new_highs(),
        column=column,
        row=row,
        cost=cost,
        offset=float(objective.constant),
        lower=_bounds(variables, "lb", -highspy.kHighsInf),
        upper=_bounds(variables, "ub", highspy.kHighsInf),
        integer=np.array([not v.is_continuous() for v in variables], bool),
        variables=variables,
    )
    indices = np.array([column[place] for place in ids], np.int32)
    matrix = (np.array(starts, np.int32), indices, np.array(values, float))
    _load(compiled, matrix, np.array(lower), np.array(upper))
    return compiled


def _bounds(variables: Sequence[Any], name: str, absent: float) -> Numbers:
    bounds = (getattr(variable, name) for variable in variables)
    return np.array([absent if b is None else b for b in bounds], float)


def _new_highs() -> highspy.Highs:
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    # HiGHS silently does not run when `threads` changes within a process.
    highs.setOptionValue("threads", 1)
    return highs


def _load(
    compiled: Compiled,
    matrix: tuple[Indices, Indices, Numbers],
    row_lower: Numbers,
    row_upper: Numbers,
) -> None:
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(compiled.cost), len(row_lower)
    lp.col_cost_, lp.offset_ = compiled.cost, compiled.offset
    lp.col_lower_, lp.col_upper_ = compiled.lower, compiled.upper
    lp.row_lower_, lp.row_upper_ = row_lower, row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_, lp.a_matrix_.value_ = matrix
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [kinds[int(integer)] for integer in compiled.integer]
    compiled.highs.passModel(lp)
