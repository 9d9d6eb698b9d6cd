"""One HiGHS that keeps its basis while the numbers change.

Of the full problem it leaves out the columns that are shut, the rows that become
empty without them, and those of a single column, which are bounds.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import highspy
import numpy as np
from numpy.typing import NDArray

from optimizer.series import Numbers

type Indices = NDArray[np.int32]

_KEPT: Final = 1e-7  # the solver's tolerance
_FINE: Final = 1e-9  # of a reduced cost: preferences stand out from it


class Entries(Protocol):
    """The numbers of a problem, by column, row and coefficient."""

    @property
    def lower(self) -> Numbers:
        """Lower bounds of columns."""

    @property
    def upper(self) -> Numbers:
        """Upper bounds of columns."""

    @property
    def row_lower(self) -> Numbers:
        """Lower bounds of rows."""

    @property
    def row_upper(self) -> Numbers:
        """Upper bounds of rows."""

    @property
    def coefficients(self) -> Numbers:
        """Coefficients, row by row."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """Which columns, rows and coefficients of a problem an instance has."""

    columns: Indices
    rows: Indices
    starts: Indices
    indices: Indices  # among `columns`
    entries: Indices
    empty_rows: Indices
    single_rows: Indices
    single_columns: Indices  # of the problem
    single_entries: Indices

    @classmethod
    def without(
        cls, starts: Indices, indices: Indices, shut: NDArray[np.bool_], least: int = 2
    ) -> Form:
        """Return the form without ``shut`` columns and rows of under ``least`` others.

        With 1 rows of a single column stay rows, so that its bounds can change.
        """
        columns = np.flatnonzero(~shut).astype(np.int32)
        place = np.cumsum(~shut) - 1
        row = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        kept = ~shut[indices]
        counts = np.bincount(row[kept], minlength=len(starts) - 1)
        single = kept & (counts[row] < least)
        inside = np.flatnonzero(kept & (counts[row] >= least))
        rows = np.flatnonzero(counts >= least).astype(np.int32)
        return cls(
            columns=columns,
            rows=rows,
            starts=np.append(0, np.cumsum(counts[rows])).astype(np.int32),
            indices=place[indices[inside]].astype(np.int32),
            entries=inside.astype(np.int32),
            empty_rows=np.flatnonzero(counts == 0).astype(np.int32),
            single_rows=row[single].astype(np.int32),
            single_columns=indices[single].astype(np.int32),
            single_entries=np.flatnonzero(single).astype(np.int32),
        )

    def possible(self, problem: Entries) -> bool:
        """Tell whether rows without a column hold."""
        low, high = (
            part[self.empty_rows] for part in (problem.row_lower, problem.row_upper)
        )
        return bool((low <= _KEPT).all() and (high >= -_KEPT).all())

    def bounds(self, problem: Entries) -> tuple[Numbers, Numbers]:
        """Return the bounds of all columns, single rows included."""
        lower, upper = problem.lower.copy(), problem.upper.copy()
        factor = problem.coefficients[self.single_entries]
        at, row = self.single_columns, self.single_rows
        sound = factor != 0
        size = np.where(sound, factor, 1.0)
        one, other = problem.row_lower[row] / size, problem.row_upper[row] / size
        np.maximum.at(lower, at[sound], np.minimum(one, other)[sound])
        np.minimum.at(upper, at[sound], np.maximum(one, other)[sound])
        return lower, upper


def new_highs() -> highspy.Highs:
    """Return a solver that is silent and uses one thread."""
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    # HiGHS silently does not run when `threads` changes within a process.
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("solver", "simplex")
    highs.setOptionValue("dual_feasibility_tolerance", _FINE)
    return highs


class Instance:
    """HiGHS with a form of a problem; columns are numbered as in the problem."""

    def __init__(self, form: Form) -> None:
        """Begin empty."""
        self.form, self.highs = form, new_highs()
        self.lower = self.upper = np.zeros(0)
        self.possible = True  # as far as can be told without solving
        self._coefficients: Numbers | None = None
        last = int(form.columns.max(initial=-1)) + 1
        self._place = np.zeros(last, np.int32)
        self._place[form.columns] = np.arange(len(form.columns), dtype=np.int32)

    def give(self, problem: Entries) -> None:
        """Take the numbers of ``problem``; the basis stays."""
        form, highs = self.form, self.highs
        self.lower, self.upper = form.bounds(problem)
        consistent = (self.lower <= self.upper + _KEPT).all()
        self.possible = form.possible(problem) and bool(consistent)
        coefficients = problem.coefficients[form.entries]
        if self._coefficients is None:
            self._pass(problem)
        else:
            other = np.flatnonzero(coefficients != self._coefficients)
            in_row = np.searchsorted(form.starts, other, "right") - 1
            for row, column, value in zip(
                in_row.tolist(),
                form.indices[other].tolist(),
                coefficients[other].tolist(),
                strict=True,
            ):
                highs.changeCoeff(row, column, value)
            rows = np.arange(len(form.rows), dtype=np.int32)
            low, high = problem.row_lower[form.rows], problem.row_upper[form.rows]
            # highspy's stub leaves this one out.
            highs.changeRowsBounds(len(rows), rows, low, high)  # type: ignore[attr-defined]
            self.bound(form.columns, self.lower, self.upper)
        self._coefficients = coefficients

    def _pass(self, problem: Entries) -> None:
        """Hand all vectors over as they are: a `HighsLp` copies number by number."""
        form, columns = self.form, len(self.form.columns)
        self.highs.passModel(
            columns,
            len(form.rows),
            len(form.indices),
            int(highspy.MatrixFormat.kRowwise),
            int(highspy.ObjSense.kMinimize),
            0.0,
            np.zeros(columns),
            self.lower[form.columns],
            self.upper[form.columns],
            problem.row_lower[form.rows],
            problem.row_upper[form.rows],
            form.starts,
            form.indices,
            problem.coefficients[form.entries],
            np.zeros(columns, np.int32),  # all continuous
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
        return lp

    def cost(self, cost: Numbers) -> None:
        """Change the cost of every column."""
        count = len(self.form.columns)
        every = np.arange(count, dtype=np.int32)
        self.highs.changeColsCost(count, every, cost[self.form.columns])

    def bound(self, columns: Indices, lower: Numbers, upper: Numbers) -> None:
        """Change bounds, taken by column from those of the problem."""
        places = self._place[columns]
        low, high = lower[columns], upper[columns]
        self.highs.changeColsBounds(len(places), places, low, high)

    def hold(self, columns: Indices, values: Numbers) -> None:
        """Hold ``columns`` at ``values``."""
        places = self._place[columns]
        self.highs.changeColsBounds(len(places), places, values, values)
