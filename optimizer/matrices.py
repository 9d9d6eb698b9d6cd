"""The numbers of a problem as functions of its data, without a solver."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from optimizer.algebra import column_numbers
from optimizer.component import Data
from optimizer.form import Form, Places
from optimizer.instance import Instance
from optimizer.problem import Model
from optimizer.series import Numbers

type Indices = NDArray[np.int32]

_KEPT: Final = 1e-6  # the solver's tolerance of a row, and some


@dataclass(frozen=True, slots=True, kw_only=True)
class Affine:
    """base + sum of factor x datum, by entry."""

    base: Numbers
    entry: Places
    datum: Places
    factor: Numbers

    def at(self, data: Numbers) -> Numbers:
        """Return the entries for ``data``."""
        terms = self.factor * data[self.datum]
        return self.base + np.bincount(self.entry, terms, len(self.base))


@dataclass(frozen=True, kw_only=True)
class Entries:
    """The numbers of one problem; without slots, for what is summed up once."""

    costs: Numbers  # a row for each name of a cost
    cost: Numbers  # their sum
    offsets: Numbers
    lower: Numbers
    upper: Numbers
    row_lower: Numbers
    row_upper: Numbers
    coefficients: Numbers

    @cached_property
    def offset(self) -> float:
        """The cost that no plan can change."""
        return float(self.offsets.sum())


@dataclass(kw_only=True)
class Compiled:
    """One structure: column and row numbers, and the numbers in force.

    Without slots: what belongs to the structure is computed once.
    """

    column_count: int
    row_count: int
    integers: Indices  # the columns that must be whole
    integer_groups: Sequence[Indices]  # those of each variable, in order of time
    cost_names: Sequence[str]
    model: Model = field(repr=False)  # its columns and rows by name
    starts: Indices  # of each row among the indices
    indices: Indices  # the column of each coefficient
    unknowns: Indices  # the column that each row, an equation, is written for; or -1
    shut: NDArray[np.bool_]  # columns that are 0 until something gives way
    weights: Numbers  # of preferences in steps of one length, by column
    steps: Indices  # of the columns that have a weight
    balance: Indices  # the row of each step's balance; none where steps are not told
    half_on: bool  # whether a device can be half on, and the model tightened
    _data: Sequence[tuple[str, str, int]]  # block, name, length
    _affine: Affine
    _entries: Entries | None = None
    _hours: Numbers | None = None

    @property
    def entries(self) -> Entries:
        """The numbers in force."""
        if self._entries is None:
            message = "no data were given"
            raise RuntimeError(message)
        return self._entries

    @property
    def offset(self) -> float:
        """The cost that no plan can change."""
        return self.entries.offset

    @cached_property
    def rows(self) -> Places:
        """The row of each coefficient."""
        counts = np.diff(self.starts)
        return np.repeat(np.arange(len(counts)), counts)

    @cached_property
    def columns(self) -> Places:
        """The column of each coefficient."""
        return self.indices.astype(np.intp)

    @cached_property
    def closed(self) -> Instance:
        """The solver's instance in which nothing gives way."""
        return Instance(
            Form.without(self.starts, self.indices, self.unknowns, self.shut)
        )

    @cached_property
    def opened(self) -> Instance:
        """The solver's instance in which everything may."""
        none = np.zeros(len(self.shut), bool)
        return Instance(Form.without(self.starts, self.indices, self.unknowns, none, 1))

    def columns_of(self, variables: Iterable[Any]) -> Indices:
        """Return the columns of ``variables``."""
        return np.array(column_numbers(variables), np.int32)

    def rows_of(self, rows: Iterable[int]) -> Indices:
        """Return the rows of a constraint."""
        return np.fromiter(rows, np.int32)

    def costs(self, values: Numbers) -> Mapping[str, float]:
        """Return the cost of ``values`` by name."""
        entries = self.entries
        total = entries.costs @ values + entries.offsets
        return dict(zip(self.cost_names, map(float, total), strict=True))

    @cached_property
    def stores(self) -> Sequence[tuple[Indices, Indices, Indices]]:
        """The steps of each that charges and discharges, and its columns of both."""
        blocks = self.model.part.values()
        return [
            (
                np.fromiter(block.charge, np.int32),
                self.columns_of(block.charge.values()),
                self.columns_of(block.discharge.values()),
            )
            for block in blocks
            if hasattr(block, "charge") and hasattr(block, "discharge")
        ]

    @property
    def preferences(self) -> Numbers:
        """The weights of preferences, by column: those of a longer step are more."""
        if self._hours is None or self._hours.min() == self._hours.max():
            return self.weights
        longer: Numbers = (self._hours / self._hours.max())[self.steps]
        return self.weights * longer

    @property
    def hours(self) -> Numbers:
        """The length of each step; of one hour where none is known."""
        return np.ones(len(self.balance)) if self._hours is None else self._hours

    def give(self, data: Mapping[str, Data], hours: Numbers | None = None) -> None:
        """Take other data, by block and name, and the lengths of the steps."""
        self._hours = self._hours if hours is None else hours
        vector, end = np.zeros(sum(size for _, _, size in self._data)), 0
        for block, name, size in self._data:
            values = data[block][name]
            count = len(values) if hasattr(values, "__len__") else 1
            if count != size:
                message = f"{block}: {count} of {name}, compiled for {size}"
                raise ValueError(message)
            begin, end = end, end + size
            vector[begin:end] = values
        self._entries = self._split(self._affine.at(vector))

    def _split(self, flat: Numbers) -> Entries:
        names, columns, rows = len(self.cost_names), self.column_count, self.row_count
        sizes = (names * columns, names, columns, columns, rows, rows)
        ends = [0, *accumulate(sizes), len(flat)]
        parts = [flat[begin:end] for begin, end in pairwise(ends)]
        named = parts[0].reshape(names, columns)
        return Entries(
            costs=named,
            cost=named.sum(axis=0),
            offsets=parts[1],
            lower=parts[2],
            upper=parts[3],
            row_lower=parts[4],
            row_upper=parts[5],
            coefficients=parts[6],
        )

    def activity(self, values: Numbers) -> Numbers:
        """Return the value of each row."""
        terms = self.entries.coefficients * values[self.columns]
        return np.asarray(np.bincount(self.rows, terms, self.row_count), float)

    def keeps(self, values: Numbers) -> bool:
        """Tell whether ``values`` keep every row."""
        return self.within(self.activity(values))

    def within(self, activity: Numbers) -> bool:
        """Tell whether every row is kept, each having the value ``activity``."""
        above = activity - self.entries.row_upper
        below = self.entries.row_lower - activity
        return float(max(above.max(initial=0), below.max(initial=0))) <= _KEPT

    def moved(self, activity: Numbers, moves: Numbers) -> Numbers:
        """Return the value of each row once the integers have moved so far."""
        place, row, factor = self.integer_entries()
        return activity + np.bincount(row, factor * moves[place], self.row_count)

    @cached_property
    def continuous_in_row(self) -> Indices:
        """How many columns of each row need not be whole, shut ones left out."""
        free = ~self.shut
        free[self.integers] = False
        counts = np.bincount(self.rows, free[self.indices], self.row_count)
        return counts.astype(np.int32)

    @cached_property
    def _integer_entries(self) -> tuple[Places, Places, Places]:
        which = np.flatnonzero(np.isin(self.indices, self.integers))
        place = np.searchsorted(self.integers, self.indices[which])
        order = np.argsort(place, kind="stable")
        which, place = which[order], place[order]
        return which, place, self.rows[which]

    @cached_property
    def group_of_integer(self) -> Indices:
        """The number of each integer's variable."""
        groups = np.zeros(len(self.integers), np.int32)
        for number, group in enumerate(self.integer_groups):
            groups[np.searchsorted(self.integers, group)] = number
        return groups

    @cached_property
    def integer_places(self) -> tuple[Places, Places]:
        """Where the entries of each integer column begin, and the places of these."""
        places, starts = np.unique(self._integer_entries[1], return_index=True)
        return starts, places

    def integer_entries(self) -> tuple[Places, Places, Numbers]:
        """Return each entry of an integer column, by its place: place, row, factor."""
        which, place, row = self._integer_entries
        return place, row, self.entries.coefficients[which]
