"""When the columns and rows of a model are: the steps that each reaches over.

A column in the balance of a step belongs to it; all others, such as what is stored at
the end of a step, lie where the rows are that they share with those.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.form import Places
from optimizer.matrices import Compiled, Indices

_NEVER: Final = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Timeline:
    """First and last step by column and by row; those without any are at the start."""

    first: Indices
    last: Indices
    row_first: Indices
    row_last: Indices


def timeline(compiled: Compiled) -> Timeline:
    """Return when the columns and rows of ``compiled`` are."""
    columns, rows = compiled.indices, compiled.rows
    used = ~compiled.shut[columns]
    columns, rows = columns[used], rows[used]
    first = np.full(compiled.column_count, _NEVER, np.int32)
    last = np.full(compiled.column_count, -1, np.int32)
    step = np.full(compiled.row_count, -1, np.int32)
    step[compiled.balance] = np.arange(len(compiled.balance))
    balanced = step[rows] >= 0
    np.minimum.at(first, columns[balanced], step[rows[balanced]])
    np.maximum.at(last, columns[balanced], step[rows[balanced]])
    while True:
        row_first, row_last = _reach(first, last, columns, rows, compiled.row_count)
        unknown = last < 0
        at = unknown[columns] & (row_last[rows] >= 0)
        if not at.any():
            break
        np.minimum.at(first, columns[at], row_first[rows[at]])
        np.maximum.at(last, columns[at], row_last[rows[at]])
    for begin, end in ((first, last), (row_first, row_last)):
        begin[end < 0], end[end < 0] = 0, 0
    return Timeline(first=first, last=last, row_first=row_first, row_last=row_last)


def _reach(
    first: Indices,
    last: Indices,
    places: Indices | Places,
    others: Indices | Places,
    count: int,
) -> tuple[Indices, Indices]:
    """Return over which steps each of ``others`` reaches with its ``places``."""
    found, end = np.full(count, _NEVER, np.int32), np.full(count, -1, np.int32)
    np.minimum.at(found, others, first[places])
    np.maximum.at(end, others, last[places])
    return found, end


def everywhere(reach: Timeline, steps: int) -> NDArray[np.bool_]:
    """Tell which columns reach over more than ``steps``."""
    longer: NDArray[np.bool_] = reach.last - reach.first >= steps
    return longer
