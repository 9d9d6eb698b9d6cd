"""A linear problem with its columns and rows in order of time.

So any window of time is a slice of it. Columns that reach over more than a window,
such as a month's peak, come last: every window has them.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from optimizer.linear import Linear
from optimizer.matrices import Affine, Compiled, Entries, Indices
from optimizer.series import Numbers
from optimizer.timeline import Timeline

type Places = NDArray[np.integer[Any]]

_NEVER: Final = np.iinfo(np.int32).max


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """A window's problem of its own, and where its columns and rows are in order."""

    compiled: Compiled
    columns: Places
    rows: Places


class TimeOrder:
    """Columns, rows and coefficients of ``linear`` in order of their first step.

    Rows of columns that are held at 0 alone are left out. ``bounds`` and ``values``
    are by ordered column, ``row_first`` and ``row_last`` by ordered row: the first and
    last step in which a column begins, of those that belong to a step.
    """

    def __init__(
        self, linear: Linear, reach: Timeline, longest: int, apart: int
    ) -> None:
        """Put in order; what reaches over ``longest`` steps and more comes last.

        What is alike ``apart`` steps before is known of all columns and rows.
        """
        compiled, entries = linear.compiled, linear.compiled.entries
        self.longest = longest
        form = linear.instance.form.columns
        lasting = reach.last[form] - reach.first[form] >= longest
        key = np.where(lasting, _NEVER, reach.first[form])
        self.columns = form[np.argsort(key, kind="stable")]
        self.lasting = len(form) - int(lasting.sum())  # the first that lasts
        place = np.full(compiled.column_count, -1)
        place[self.columns] = np.arange(len(form))
        self.first = reach.first[self.columns[: self.lasting]]
        self.lower, self.upper = linear.lower[self.columns], linear.upper[self.columns]
        self.cost = linear.aim.cost[self.columns]
        self.weights = (linear.aim.weighted - linear.aim.cost)[self.columns]
        self._sort_rows(compiled, entries, place)
        self._whole = np.zeros(len(form), bool)
        self._column_before = _alike(
            self.columns, self.first, compiled.column_count, apart
        )
        first = self.row_first[: self.long]
        self._row_before = _alike(self.rows, first, compiled.row_count, apart)
        self._group = np.zeros(len(form), np.int32)
        for number, group in enumerate(compiled.integer_groups):
            kept = place[group][place[group] >= 0]
            self._whole[kept], self._group[kept] = True, number

    def _sort_rows(self, compiled: Compiled, entries: Entries, place: Places) -> None:
        count = compiled.row_count
        used = (place[compiled.indices] >= 0) & (entries.coefficients != 0)
        row, column = compiled.rows[used], place[compiled.indices[used]]
        local = column < self.lasting
        first, last = np.full(count, _NEVER), np.full(count, -1)
        np.minimum.at(first, row[local], self.first[column[local]])
        np.maximum.at(last, row[local], self.first[column[local]])
        lasting = np.bincount(row[~local], minlength=count)
        long = (last - first >= self.longest) | (lasting > 1) | (last < 0)
        some = np.bincount(row, minlength=count) > 0
        key = np.where(long, _NEVER, first)
        order = np.argsort(key, kind="stable")
        self.rows = order[some[order]]
        self.long = int((some & ~long).sum())  # the first that is in all windows
        new = np.full(count, -1)
        new[self.rows] = np.arange(len(self.rows))
        by_row = np.argsort(new[row], kind="stable")
        self._indices = column[by_row]
        self._coefficients = entries.coefficients[used][by_row]
        self._starts = np.searchsorted(new[row][by_row], np.arange(len(self.rows) + 1))
        self.row_first, self.row_last = first[self.rows], last[self.rows]
        self.row_lower = entries.row_lower[self.rows]
        self.row_upper = entries.row_upper[self.rows]
        unknown = compiled.unknowns[self.rows]
        self.unknown = np.where(unknown >= 0, place[np.maximum(unknown, 0)], -1)
        # Rows of one constraint in steps that follow on each other are numbered so.
        other = np.ones(count, bool)
        other[1:] = np.diff(compiled.unknowns) != 1
        other &= compiled.unknowns >= 0
        self.kinds = int(other.sum())
        kind = np.where(compiled.unknowns >= 0, np.cumsum(other) - 1, -1)[self.rows]
        kind[self.long :] = -1
        self.kind = kind

    def columns_in(self, start: int, stop: int) -> tuple[Places, slice]:
        """Return the columns that begin in the steps, and those alike before or -1."""
        some = slice(self.begins(start), self.begins(stop))
        return self._column_before[some], some

    def rows_in(self, start: int, stop: int) -> tuple[Places, slice]:
        """Return the rows that begin in the steps, and those alike before or -1."""
        first = self.row_first[: self.long]
        some = slice(*np.searchsorted(first, (start, stop)).tolist())
        return self._row_before[some], some

    def begins(self, step: int) -> int:
        """Return the first column that begins in ``step`` or later."""
        return int(np.searchsorted(self.first, step))

    def _rows_in(self, start: int, stop: int) -> Places:
        """Return the rows with a column that begins in the steps, and the long ones."""
        first = np.searchsorted(self.row_first[: self.long], start - self.longest)
        after = int(np.searchsorted(self.row_first[: self.long], stop))
        here = first + np.flatnonzero(self.row_last[first:after] >= start)
        return np.append(here, np.arange(self.long, len(self.rows)))

    def _entries_of(self, rows: Places) -> tuple[Places, Places, Numbers]:
        """Return the coefficients of ``rows``: place among them, column, factor."""
        sizes = self._starts[rows + 1] - self._starts[rows]
        ends = np.cumsum(sizes)
        skipped = np.repeat(self._starts[rows] - ends + sizes, sizes)
        which = np.arange(len(skipped)) + skipped
        place = np.repeat(np.arange(len(rows)), sizes)
        return place, self._indices[which], self._coefficients[which]

    def piece(
        self,
        start: int,
        stop: int,
        whole: int,
        values: Numbers,
        worth: Callable[[Places], Numbers],
    ) -> Piece:
        """Return the problem of the columns that begin in the steps, and of lasting ones.

        What began before is held at ``values``. A row with columns that begin later, or
        one of all windows, is left out for what it is ``worth``; where that is no number it only asks for what those could not make good. Of the
        integers those are whole that begin before ``whole``.
        """
        begin, end = self.begins(start), self.begins(stop)
        rows = self._rows_in(start, stop)
        place, column, factor = self._entries_of(rows)
        before, later = column < begin, (column >= end) & (column < self.lasting)
        now = ~before & ~later
        count = len(rows)
        held = np.bincount(
            place[before], factor[before] * values[column[before]], count
        )
        ends = np.sort(
            factor[later]
            * np.array([self.lower[column[later]], self.upper[column[later]]]),
            axis=0,
        )
        least, most = (np.bincount(place[later], part, count) for part in ends)
        lower = self.row_lower[rows] - held - most
        upper = self.row_upper[rows] - held - least
        goes_on = np.bincount(place[later], minlength=count) > 0
        worths = worth(rows)
        priced = (goes_on | (rows >= self.long)) & np.isfinite(worths)
        mine = np.where(column < self.lasting, column - begin, column - self.lasting)
        mine[column >= self.lasting] += end - begin
        size = end - begin + len(self.cost) - self.lasting
        paid = now & priced[place]
        columns = np.append(
            np.arange(begin, end), np.arange(self.lasting, len(self.cost))
        )
        value = np.bincount(mine[paid], factor[paid] * worths[place[paid]], size)
        sizes = np.bincount(place[now], minlength=count)
        kept = (sizes > 0) & (np.isfinite(lower) | np.isfinite(upper)) & ~priced
        inside = now & kept[place]
        is_whole = self._whole[columns] & (columns < self.begins(whole))
        is_whole[end - begin :] = self._whole[columns[end - begin :]]
        integers = np.flatnonzero(is_whole).astype(np.int32)
        cost = self.cost[columns] - value
        none = np.zeros(0)
        compiled = Compiled(
            column_count=size,
            row_count=int(kept.sum()),
            integers=integers,
            integer_groups=_groups(integers, self._group[columns[integers]]),
            cost_names=[],
            model=None,
            starts=np.append(0, np.cumsum(sizes[kept])).astype(np.int32),
            indices=mine[inside].astype(np.int32),
            unknowns=np.full(int(kept.sum()), -1, np.int32),
            shut=np.zeros(size, bool),
            weights=self.weights[columns],
            steps=np.zeros(size, np.int32),
            balance=np.zeros(0, np.int32),
            half_on=False,
            _data=(),
            _affine=Affine(base=none, entry=_NONE, datum=_NONE, factor=none),
            _entries=Entries(
                costs=np.zeros((0, size)),
                cost=cost,
                offsets=none,
                lower=self.lower[columns],
                upper=self.upper[columns],
                row_lower=lower[kept],
                row_upper=upper[kept],
                coefficients=factor[inside],
            ),
        )
        return Piece(compiled=compiled, columns=columns, rows=rows[kept])

    def narrow(self, start: int, stop: int, values: Numbers) -> None:
        """Bound what lasts by the rows whose last column begins in the steps.

        Each of these has one column that lasts, if any.
        """
        rows = self._rows_in(start, stop)
        rows = rows[(rows < self.long) & (self.row_last[rows] < stop)]
        place, column, factor = self._entries_of(rows)
        lasts = column >= self.lasting
        if not lasts.any():
            return
        known = np.bincount(
            place[~lasts], factor[~lasts] * values[column[~lasts]], len(rows)
        )
        place, column, factor = place[lasts], column[lasts], factor[lasts]
        one = (self.row_lower[rows] - known)[place] / factor
        other = (self.row_upper[rows] - known)[place] / factor
        np.maximum.at(self.lower, column, np.minimum(one, other))
        np.minimum.at(self.upper, column, np.maximum(one, other))

    def paid(self, start: int, stop: int, duals: Numbers) -> Numbers:
        """Return what rows that end in the steps pay for each column that lasts."""
        rows = self._rows_in(start, stop)
        rows = rows[(rows < self.long) & (self.row_last[rows] < stop)]
        place, column, factor = self._entries_of(rows)
        lasts = column >= self.lasting
        share = factor[lasts] * duals[rows[place[lasts]]]
        size = len(self.cost) - self.lasting
        paid = np.bincount(column[lasts] - self.lasting, share, size)
        return np.asarray(paid, float)


_NONE: Final = np.zeros(0, np.intp)


def _alike(numbers: Places, first: Places, count: int, apart: int) -> Places:
    """Return for each of ``numbers`` the place of the one ``apart`` steps before.

    Those of one variable or constraint are numbered step by step. ``first`` is the step
    of the first of them; the others have none, and -1 for an answer.
    """
    step = np.full(count, -2)
    step[numbers[: len(first)]] = first
    place = np.full(count, -1)
    place[numbers] = np.arange(len(numbers))
    family = np.cumsum(np.append(True, np.diff(step) != 1))
    before = np.maximum(numbers - apart, 0)
    alike = (numbers >= apart) & (family[before] == family[numbers])
    alike[len(first) :] = False
    return np.where(alike, place[before], -1)


def _groups(integers: Indices, group: Indices) -> list[Indices]:
    """Return the integers of each variable, in order of time."""
    if not len(integers):
        return []
    order = np.argsort(group, kind="stable")
    ends = np.flatnonzero(np.diff(group[order])) + 1
    return [part.astype(np.int32) for part in np.split(integers[order], ends)]
