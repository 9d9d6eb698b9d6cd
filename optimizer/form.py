"""Which part of a problem a solver is given.

Of the full problem it leaves out the columns that are shut, the rows that become
empty without them, and those of a single column, which are bounds.
"""

from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from optimizer.series import Numbers

type Indices = NDArray[np.int32]
type Places = NDArray[np.intp]  # of what numpy picks: four times as fast as by Indices

KEPT: Final = 1e-7  # the solver's tolerance


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

    columns: Places
    rows: Places
    starts: Indices
    indices: Indices  # among `columns`
    entries: Places
    unknowns: Indices  # what each row is written for, no column twice; -1 for none
    empty_rows: Places
    single_rows: Places
    single_columns: Places  # of the problem
    single_entries: Places

    @classmethod
    def without(
        cls,
        starts: Indices,
        indices: Indices,
        unknowns: Indices,
        shut: NDArray[np.bool_],
        least: int = 2,
    ) -> Form:
        """Return the form without ``shut`` columns and rows of under ``least`` others.

        With 1 rows of a single column stay rows, so that its bounds can change.
        """
        columns = np.flatnonzero(~shut)
        place = np.cumsum(~shut) - 1
        row = np.repeat(np.arange(len(starts) - 1), np.diff(starts))
        kept = ~shut[indices]
        counts = np.bincount(row[kept], minlength=len(starts) - 1)
        single = kept & (counts[row] < least)
        inside = np.flatnonzero(kept & (counts[row] >= least))
        rows = np.flatnonzero(counts >= least)
        unknown = np.where(unknowns[rows] < 0, -1, place[unknowns[rows]])
        unknown[shut[unknowns[rows]]] = -1
        again = np.ones(len(rows), bool)
        again[np.unique(unknown, return_index=True)[1]] = False
        unknown[again] = -1
        return cls(
            columns=columns,
            rows=rows,
            starts=np.append(0, np.cumsum(counts[rows])).astype(np.int32),
            indices=place[indices[inside]].astype(np.int32),
            entries=inside,
            unknowns=unknown.astype(np.int32),
            empty_rows=np.flatnonzero(counts == 0),
            single_rows=row[single],
            single_columns=indices[single].astype(np.intp),
            single_entries=np.flatnonzero(single),
        )

    def possible(self, problem: Entries) -> bool:
        """Tell whether rows without a column hold."""
        if not len(self.empty_rows):
            return True
        low, high = (
            part[self.empty_rows] for part in (problem.row_lower, problem.row_upper)
        )
        return bool((low <= KEPT).all() and (high >= -KEPT).all())

    def bounds(self, problem: Entries) -> tuple[Numbers, Numbers]:
        """Return the bounds of all columns, single rows included, not to be changed."""
        if not len(self.single_rows):
            return problem.lower, problem.upper
        lower, upper = problem.lower.copy(), problem.upper.copy()
        factor = problem.coefficients[self.single_entries]
        at, row = self.single_columns, self.single_rows
        sound = factor != 0
        size = np.where(sound, factor, 1.0)
        one, other = problem.row_lower[row] / size, problem.row_upper[row] / size
        np.maximum.at(lower, at[sound], np.minimum(one, other)[sound])
        np.minimum.at(upper, at[sound], np.maximum(one, other)[sound])
        return lower, upper
