"""Rows that are added to a problem, and what adds them."""

from dataclasses import dataclass

import highspy
import numpy as np

from optimizer.form import Indices
from optimizer.series import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Rows that no better plan breaks; indices are among the form's columns."""

    starts: Indices
    indices: Indices
    values: Numbers
    lower: Numbers
    upper: Numbers

    def plus(self, other: Cuts) -> Cuts:
        """Return both."""
        starts = np.append(self.starts, self.starts[-1] + other.starts[1:])
        return Cuts(
            starts=starts.astype(np.int32),
            indices=np.append(self.indices, other.indices).astype(np.int32),
            values=np.append(self.values, other.values),
            lower=np.append(self.lower, other.lower),
            upper=np.append(self.upper, other.upper),
        )


def append(lp: highspy.HighsLp, cuts: Cuts) -> None:
    """Add the rows of ``cuts`` to those of ``lp``."""
    matrix = lp.a_matrix_
    lp.num_row_ += len(cuts.lower)
    lp.row_lower_ = np.append(lp.row_lower_, cuts.lower)
    lp.row_upper_ = np.append(lp.row_upper_, cuts.upper)
    last = matrix.start_[-1]
    matrix.start_ = np.append(matrix.start_, last + cuts.starts[1:]).astype(np.int32)
    matrix.index_ = np.append(matrix.index_, cuts.indices).astype(np.int32)
    matrix.value_ = np.append(matrix.value_, cuts.values)
