"""One HiGHS that keeps its basis while the numbers change."""

from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from optimizer.cuts import Cuts, append
from optimizer.form import KEPT, Entries, Form, Indices, Places
from optimizer.series import Numbers

LARGE: Final = 30_000  # columns; from there presolve is worth more than a first basis
_FINE: Final = 1e-9  # of a reduced cost: preferences stand out from it


def new_highs() -> highspy.Highs:
    """Return a solver that is silent and uses one thread."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    # HiGHS silently does not run when `threads` changes within a process.
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("solver", "simplex")
    highs.setOptionValue("dual_feasibility_tolerance", _FINE)
    return highs


@dataclass(slots=True, kw_only=True)
class _Told:
    """What HiGHS has been told last, by column, row and coefficient of the form."""

    cost: Numbers
    lower: Numbers
    upper: Numbers
    row_lower: Numbers
    row_upper: Numbers
    coefficients: Numbers


class Instance:
    """HiGHS with a form of a problem; columns are numbered as in the problem.

    It is only told what is not as it was told before.
    """

    def __init__(self, form: Form, basis: highspy.HighsBasis | None = None) -> None:
        """Begin empty; the first run will begin with ``basis``, if one is given."""
        self.form, self.highs = form, new_highs()
        self.cuts: Cuts | None = None
        self.basis = basis
        self.cold = basis is None  # no run has left a basis
        self.lower = self.upper = np.zeros(0)
        self.possible = True  # as far as can be told without solving
        self._told: _Told | None = None
        self._options: dict[str, bool | int | float | str] = {}
        last = int(form.columns.max(initial=-1)) + 1
        self._place = np.zeros(last, np.intp)
        self._place[form.columns] = np.arange(len(form.columns))

    def give(self, problem: Entries) -> None:
        """Take the numbers of ``problem``; the basis stays."""
        form, highs = self.form, self.highs
        self.lower, self.upper = form.bounds(problem)
        consistent = (self.lower <= self.upper + KEPT).all()
        self.possible = form.possible(problem) and bool(consistent)
        told = self._told
        if told is None:
            self._told = self._pass(problem)
            return
        coefficients = problem.coefficients[form.entries]
        other = np.flatnonzero(coefficients != told.coefficients)
        if len(other):
            self._change(other, coefficients)
        told.coefficients = coefficients
        low, high = problem.row_lower[form.rows], problem.row_upper[form.rows]
        changed = np.flatnonzero((low != told.row_lower) | (high != told.row_upper))
        if len(changed):
            rows = changed.astype(np.int32)
            # highspy's stub leaves this one out.
            highs.changeRowsBounds(len(rows), rows, low[changed], high[changed])  # type: ignore[attr-defined]
        told.row_lower, told.row_upper = low, high
        self._bound(None, self.lower[form.columns], self.upper[form.columns])

    def _change(self, entries: Places, coefficients: Numbers) -> None:
        form = self.form
        for row, column, value in zip(
            (np.searchsorted(form.starts, entries, "right") - 1).tolist(),
            form.indices[entries].tolist(),
            coefficients[entries].tolist(),
            strict=True,
        ):
            self.highs.changeCoeff(row, column, value)

    def option(self, name: str, value: bool | float | str) -> None:
        """Set an option of the solver, unless it is set."""
        if self._options.get(name) != value:
            self._options[name] = value
            self.highs.setOptionValue(name, value)

    def _pass(self, problem: Entries) -> _Told:
        """Hand all vectors over as they are: a `HighsLp` copies number by number."""
        form, columns = self.form, len(self.form.columns)
        told = _Told(
            cost=np.zeros(columns),
            lower=self.lower[form.columns],
            upper=self.upper[form.columns],
            row_lower=problem.row_lower[form.rows],
            row_upper=problem.row_upper[form.rows],
            coefficients=problem.coefficients[form.entries],
        )
        self.highs.passModel(
            columns,
            len(form.rows),
            len(form.indices),
            int(highspy.MatrixFormat.kRowwise),
            int(highspy.ObjSense.kMinimize),
            0.0,
            told.cost,
            told.lower,
            told.upper,
            told.row_lower,
            told.row_upper,
            form.starts,
            form.indices,
            told.coefficients,
            np.zeros(columns, np.int32),  # all continuous
        )
        if self.cuts is not None:
            self._add(self.cuts)
        if self.basis is not None:
            self.highs.setBasis(self.basis)
        elif columns <= LARGE:
            self.highs.setBasis(self._solved_for_unknowns())
        return told

    def _solved_for_unknowns(self) -> highspy.HighsBasis:
        """Return the basis in which each equation says what its unknown is.

        From there HiGHS takes half as many iterations as from one without columns.
        """
        status, basis = highspy.HighsBasisStatus, highspy.HighsBasis()
        equations = self.form.unknowns >= 0
        columns = np.full(len(self.form.columns), status.kNonbasic, object)
        columns[self.form.unknowns[equations]] = status.kBasic
        rows = np.full(len(equations), status.kBasic, object)
        rows[equations] = status.kNonbasic
        added = 0 if self.cuts is None else len(self.cuts.lower)
        basis.col_status = columns.tolist()
        basis.row_status = [*rows.tolist(), *[status.kBasic] * added]
        basis.valid, basis.alien = True, False
        return basis

    def begin(self, basis: highspy.HighsBasis) -> None:
        """Let the next run begin with ``basis``, of another instance of the form."""
        self.highs.setBasis(basis)
        self.cold = False

    def forget(self) -> None:
        """Let the next run begin without a basis."""
        self.highs.clearSolver()
        self.cold = True

    def _add(self, cuts: Cuts) -> None:
        self.highs.addRows(
            len(cuts.lower),
            cuts.lower,
            cuts.upper,
            len(cuts.indices),
            cuts.starts[:-1],
            cuts.indices,
            cuts.values,
        )

    def lp(self, problem: Entries) -> highspy.HighsLp:
        """Return the linear problem, still without a cost."""
        form, lp = self.form, highspy.HighsLp()
        lp.num_col_, lp.num_row_ = len(form.columns), len(form.rows)
        lp.col_cost_ = np.zeros(len(form.columns))
        lp.col_lower_ = self.lower[form.columns]
        lp.col_upper_ = self.upper[form.columns]
        lp.row_lower_ = problem.row_lower[form.rows]
        lp.row_upper_ = problem.row_upper[form.rows]
        lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        lp.a_matrix_.start_, lp.a_matrix_.index_ = form.starts, form.indices
        lp.a_matrix_.value_ = problem.coefficients[form.entries]
        if self.cuts is not None:
            append(lp, self.cuts)
        return lp

    def cut(self, problem: Entries, cuts: Cuts) -> Instance:
        """Return an instance of ``problem`` with the same form and more rows."""
        instance = Instance(self.form)
        instance.cuts = cuts if self.cuts is None else self.cuts.plus(cuts)
        instance.give(problem)
        return instance

    def cost(self, cost: Numbers) -> None:
        """Change the cost of every column."""
        told, cost = self._given(), cost[self.form.columns]
        changed = np.flatnonzero(cost != told.cost)
        if len(changed):
            places = changed.astype(np.int32)
            self.highs.changeColsCost(len(places), places, cost[changed])
            told.cost = cost

    def bound(self, columns: Indices | Places, lower: Numbers, upper: Numbers) -> None:
        """Change bounds, taken by column from those of the problem."""
        self._bound(self._place[columns], lower[columns], upper[columns])

    def hold(self, columns: Indices, values: Numbers) -> None:
        """Hold ``columns`` at ``values``."""
        self._bound(self._place[columns], values, values)

    def _bound(self, places: Places | None, low: Numbers, high: Numbers) -> None:
        """Change bounds at ``places``, None for all."""
        told = self._given()
        if places is None:
            changed = np.flatnonzero((low != told.lower) | (high != told.upper))
            places = changed
        else:
            other = (low != told.lower[places]) | (high != told.upper[places])
            changed = np.flatnonzero(other)
            places = places[changed]
        if len(places):
            low, high = low[changed], high[changed]
            at = places.astype(np.int32)
            self.highs.changeColsBounds(len(places), at, low, high)
            told.lower[places], told.upper[places] = low, high

    def _given(self) -> _Told:
        if self._told is None:
            message = "no numbers were given"
            raise RuntimeError(message)
        return self._told
