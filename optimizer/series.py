"""SERIES: rows of a time and numbers, read strictly.

A row holds from its time until the next row's. The times must rise in equal
steps and carry an offset, so that a day of 23 or 25 hours is unambiguous; a
gap, a double, a step backwards or an empty cell is named, never filled in. A
column that no plan asks for may hold anything.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
import csv
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
import math
from typing import TextIO

import numpy as np
from numpy.typing import NDArray

from optimizer.document import InputError, Problem
from optimizer.fields import MOST

type Numbers = NDArray[np.float64]

_MOST_PROBLEMS = 20
_ROUNDING = 1e-6


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of numbers over equal steps of time.

    ``refused`` says what is wrong with a column; one of ``gaps`` only has empty
    cells, which are NaN.
    """

    start: datetime
    step: timedelta
    rows: int
    columns: Mapping[str, Numbers]
    refused: Mapping[str, Sequence[Problem]] = field(default_factory=dict)
    gaps: frozenset[str] = frozenset()

    @property
    def end(self) -> datetime:
        """The end of the last row."""
        return self.start + self.rows * self.step

    def means(self, name: str, times: Sequence[datetime]) -> Numbers:
        """Return the time-weighted mean of a column from each of ``times`` to the next."""
        column = self.columns[name]
        edges, row, within = _overlap(self.start, self.step, self.rows, tuple(times))
        if within.all():
            return column[row]
        whole = np.concatenate([[0.0], np.cumsum(column)])
        integral = np.interp(edges, np.arange(self.rows + 1), whole)
        means = np.diff(integral) / np.diff(edges)
        # A step inside one row has that row's value, to the last digit.
        return np.where(within, column[row], means)

    def means_with_gaps(self, name: str, times: Sequence[datetime]) -> Numbers:
        """Return the same; NaN where a part of a step stands in an empty cell."""
        column = self.columns[name]
        known = np.isfinite(column)
        parts = {"value": np.where(known, column, 0.0), "known": known.astype(float)}
        both = replace(self, columns=parts)
        whole = both.means("known", times) > 1.0 - _ROUNDING
        return np.where(whole, both.means("value", times), np.nan)


@lru_cache(maxsize=4)  # all columns of a plan have the same
def _overlap(
    start: datetime, step: timedelta, rows: int, times: tuple[datetime, ...]
) -> tuple[Numbers, NDArray[np.intp], NDArray[np.bool_]]:
    """Return the edges of the steps in rows, the first row of each, if the only one."""
    edges = np.array([(time - start) / step for time in times])
    first = np.clip(np.floor(edges[:-1] + 1e-9).astype(int), 0, rows - 1)
    last = np.clip(np.ceil(edges[1:] - 1e-9).astype(int) - 1, 0, rows - 1)
    return edges, first, first == last


def read_csv(file: TextIO) -> Table:
    """Return the table in ``file``. Raises `InputError` with lines."""
    try:
        rows = [
            (reader.line_num, row) for reader in [csv.reader(file)] for row in reader
        ]
    except UnicodeDecodeError as error:
        raise InputError([Problem("not UTF-8, so no CSV", "series")]) from error
    except csv.Error as error:
        raise InputError([Problem(f"no CSV: {error}", "series")]) from error
    rows = [(line, row) for line, row in rows if row]
    if not rows:
        raise InputError([Problem("the series is empty", "series")])
    names = [name.strip().removeprefix("\ufeff") for name in rows[0][1]]
    _check_header(names, rows[0][0])
    body, lines = rows[1:], [line for line, _ in rows[1:]]
    ragged = [
        Problem(f"{len(row)} cells, but the header has {len(names)}", "series", line)
        for line, row in body
        if len(row) != len(names)
    ]
    if ragged:
        raise InputError(ragged[:_MOST_PROBLEMS])
    columns = list(zip(*(row for _, row in body), strict=True)) or [()] * len(names)
    return table(dict(zip(names, columns, strict=True)), lines)


def _check_header(names: Sequence[str], line: int) -> None:
    problems = [
        Problem("a second column of this name", f"series.{name}", line)
        for place, name in enumerate(names)
        if name in names[:place]
    ]
    if "time" not in names:
        text = f"no column time; the columns are {', '.join(names)}"
        problems.append(Problem(text, "series", line))
    if problems:
        raise InputError(problems)


def table(columns: Mapping[str, Sequence[object]], lines: Sequence[int] = ()) -> Table:
    """Return ``columns`` as a table; ``lines`` are those of the rows, if known."""
    if "time" not in columns or not columns["time"]:
        raise InputError([Problem("the series has no rows", "series")])
    count = len(columns["time"])
    problems = [
        Problem(f"{len(values)} values for {count} times", f"series.{name}")
        for name, values in columns.items()
        if len(values) != count
    ]
    if problems:
        raise InputError(problems)
    places = [
        (None if lines else row, lines[row] if lines else None) for row in range(count)
    ]
    times = _times(columns["time"], places, problems)
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    step = _step(times, columns["time"], places)
    numbers: dict[str, Numbers] = {}
    refused: dict[str, Sequence[Problem]] = {}
    gaps: set[str] = set()
    for name in columns.keys() - {"time"}:
        found: list[Problem] = []
        numbers[name] = _numbers(name, columns[name], places, found)
        if found:
            refused[name] = found[:_MOST_PROBLEMS]
            if len(found) == sum(_is_empty(value) for value in columns[name]):
                gaps.add(name)
    return Table(times[0], step, count, numbers, refused, frozenset(gaps))


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


type _Place = tuple[int | None, int | None]


def _at(text: str, name: str, place: _Place) -> Problem:
    row, line = place
    return Problem(
        text, f"series.{name}" + (f"[{row}]" if row is not None else ""), line
    )


def _times(
    values: Sequence[object], places: Sequence[_Place], problems: list[Problem]
) -> list[datetime]:
    times = []
    for value, place in zip(values, places, strict=True):
        try:
            time = datetime.fromisoformat(str(value).strip())
            in_utc = time.astimezone(UTC)
        except ValueError, OverflowError:
            problems.append(_at(f"{value!r} is no ISO 8601 time", "time", place))
            continue
        if time.tzinfo is None:
            text = f"{value!r} has no offset; write it as 2026-01-15T12:00:00+01:00"
            problems.append(_at(text, "time", place))
            continue
        times.append(in_utc)
    return times


def _numbers(
    name: str,
    values: Iterable[object],
    places: Sequence[_Place],
    problems: list[Problem],
) -> Numbers:
    numbers = []
    for value, place in zip(values, places, strict=True):
        try:
            number = float(value) if isinstance(value, str | int | float) else math.nan
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or isinstance(value, bool):
            said = "empty" if _is_empty(value) else f"{value!r}"
            problems.append(_at(f"is {said}; must be a finite number", name, place))
        elif abs(number) > MOST:
            text = f"is {number:g}; no price, power or temperature is beyond {MOST:g}"
            problems.append(_at(text, name, place))
        numbers.append(number)
    return np.array(numbers, float)


def _step(
    times: Sequence[datetime], texts: Sequence[object], places: Sequence[_Place]
) -> timedelta:
    if len(times) == 1:
        return timedelta(hours=1)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    found = Counter(gap for gap in gaps if gap > timedelta(0))
    usual = max(found, key=lambda gap: (found[gap], -gap), default=timedelta(0))
    problems = []
    for row, gap in enumerate(gaps, start=1):
        if gap == usual and gap:
            continue
        time, before = texts[row], texts[row - 1]
        if not gap:
            text = f"{time} stands there twice"
        elif gap < timedelta(0):
            text = f"{time} comes after {before}: the rows are not in order of time"
        elif gap > usual and not gap % usual:
            text = f"{gap // usual - 1} row(s) missing between {before} and {time}"
        else:
            text = f"{time} is {gap} after the row before; the others are {usual} apart"
        problems.append(_at(text, "time", places[row]))
    if problems:
        raise InputError(problems[:_MOST_PROBLEMS])
    return usual
