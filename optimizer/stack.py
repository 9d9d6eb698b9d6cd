"""The problems of several scenarios as one, with the first actions in common.

minimise    sum over s of p[s] cost(x[s]) + peaks
subject to  x[s] keeps every row of its own problem
            x[s] = x[1] for what devices draw and give in the first steps
            peaks >= capacity cost(x[s]) for the scenarios that count for it

That is the deterministic equivalent of a two-stage stochastic programme with
recourse; what is in common is one column, not two and a row that ties them.

Birge and Louveaux, Introduction to Stochastic Programming, 2nd ed. (2011), 2.4.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from optimizer.algebra import SHIFT, Terms
from optimizer.assemble import Parts
from optimizer.components.solar import Solar
from optimizer.matrices import Affine, Compiled, Entries, Indices
from optimizer.series import Numbers
from optimizer.solve import Giving

CAPACITY: Final = "capacity"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One scenario's problem; ``peaks`` tells whether it counts for capacity."""

    probability: float
    parts: Parts
    compiled: Compiled
    giving: Sequence[Giving]
    peaks: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """``places[s]`` are the columns of scenario s, ``first_row[s]`` its first row.

    ``shared`` are the columns in common by name.
    """

    compiled: Compiled
    giving: Sequence[Giving]
    places: Sequence[Indices]
    first_row: Sequence[int]
    shared: Mapping[str, int]


def stacked(
    layers: Sequence[Layer],
    shared_steps: int,
    first: Mapping[str, float] | None = None,
) -> Stack:
    """Return one problem of ``layers``.

    ``first`` holds columns in common, by name, at a value.
    """
    places, shared, count = _places(layers, shared_steps)
    pile = _Pile(layers, places, count)
    giving = [pile.rank(rank) for rank in _ranks(layers)]
    pile.peaks()
    compiled = pile.compiled()
    for name, value in (first or {}).items():
        entries, column = compiled.entries, shared[name]
        held = np.clip(value, entries.lower[column], entries.upper[column])
        entries.lower[column] = entries.upper[column] = held
    return Stack(
        compiled=compiled,
        giving=giving,
        places=places,
        first_row=pile.first_row,
        shared=shared,
    )


def _places(
    layers: Sequence[Layer], steps: int
) -> tuple[list[Indices], dict[str, int], int]:
    """Return each scenario's columns, those in common, and how many there are."""
    places: list[Indices] = []
    shared: dict[str, int] = {}
    count = 0
    for layer in layers:
        common = dict(_common(layer, steps))
        place = np.full(layer.compiled.column_count, -1, np.int32)
        for name, column in common.items():
            if name in shared:
                place[column] = shared[name]
        own = np.flatnonzero(place < 0)
        place[own] = np.arange(count, count + len(own), dtype=np.int32)
        count += len(own)
        shared |= {name: int(place[column]) for name, column in common.items()}
        places.append(place)
    return places, shared, count


def _common(layer: Layer, steps: int) -> Iterator[tuple[str, int]]:
    """Yield name and column of what decides the first ``steps`` of each device.

    What the sun gives is no decision; curtailing it waits until it shines.
    """
    for device in layer.parts.devices:
        if isinstance(device, Solar):
            continue
        block = layer.compiled.model.part[f"device {device.name}"]
        for flow in ("draw", "feed"):
            powers: Mapping[int, Terms] = getattr(block, flow, {})
            for t in range(steps):
                for place, key in enumerate(powers[t].keys if t in powers else ()):
                    if key >> SHIFT:
                        yield f"{device.name} {flow} {t} {place}", (key >> SHIFT) - 1


def _ranks(layers: Sequence[Layer]) -> list[int]:
    return sorted({giving.rank for layer in layers for giving in layer.giving})


class _Pile:
    """Collects the numbers of the problem, scenario after scenario."""

    def __init__(
        self, layers: Sequence[Layer], places: Sequence[Indices], count: int
    ) -> None:
        self.layers, self.places, self.count = layers, places, count
        names = dict.fromkeys(n for layer in layers for n in layer.compiled.cost_names)
        self.names = list(names)
        self.extra: list[tuple[float, float, bool, float]] = []
        self.first_row: list[int] = []
        self.rows: list[tuple[Indices, Numbers, float, float]] = []
        rows = 0
        for layer in layers:
            self.first_row.append(rows)
            rows += layer.compiled.row_count

    def _column(self, *, upper: float, shut: bool, paid: float = 0.0) -> int:
        self.extra.append((0.0, upper, shut, paid))
        return self.count + len(self.extra) - 1

    def _row(
        self, columns: Sequence[int], factors: Sequence[float], low: float, high: float
    ) -> None:
        self.rows.append(
            (np.array(columns, np.int32), np.array(factors, float), low, high)
        )

    def rank(self, rank: int) -> Giving:
        """Add what is violated in ``rank``, as it is to be expected."""
        column = self._column(upper=0.0, shut=True)
        columns, factors, slacks = [column], [1.0], []
        for layer, place in zip(self.layers, self.places, strict=True):
            for giving in layer.giving:
                if giving.rank == rank:
                    columns.append(int(place[giving.violation]))
                    factors.append(-layer.probability)
                    slacks += [place[giving.slacks], place[[giving.violation]]]
        self._row(columns, factors, 0.0, 0.0)
        found = np.unique(np.concatenate(slacks)).astype(np.int32)
        return Giving(rank=rank, violation=column, slacks=found)

    def peaks(self) -> None:
        """Add the capacity cost that none of the counted scenarios exceeds."""
        if CAPACITY not in self.names:
            return
        column = self._column(upper=highspy.kHighsInf, shut=False, paid=1.0)
        for layer, place in zip(self.layers, self.places, strict=True):
            if not layer.peaks:
                continue
            row = layer.compiled.cost_names.index(CAPACITY)
            cost = layer.compiled.entries.costs[row]
            used = np.flatnonzero(cost)
            self._row(
                [column, *place[used].tolist()],
                [1.0, *(-cost[used]).tolist()],
                float(layer.compiled.entries.offsets[row]),
                highspy.kHighsInf,
            )

    def compiled(self) -> Compiled:
        """Return the whole."""
        entries = self._entries()
        parts = [layer.compiled for layer in self.layers]
        indices = [
            place[part.indices] for place, part in zip(self.places, parts, strict=True)
        ]
        counts = [np.diff(part.starts) for part in parts]
        counts.append(np.array([len(columns) for columns, *_ in self.rows], np.int32))
        unknowns = [
            np.where(part.unknowns < 0, -1, place[part.unknowns])
            for place, part in zip(self.places, parts, strict=True)
        ]
        unknowns.append(np.full(len(self.rows), -1))
        total = len(entries.lower)
        integers = [
            place[part.integers] for place, part in zip(self.places, parts, strict=True)
        ]
        shut, weights = self._shut_and_weights(total)
        return Compiled(
            column_count=total,
            row_count=len(entries.row_lower),
            integers=np.unique(np.concatenate(integers)).astype(np.int32),
            integer_groups=[
                place[group]
                for place, part in zip(self.places, parts, strict=True)
                for group in part.integer_groups
            ],
            cost_names=self.names,
            model=parts[0].model,
            starts=np.append(0, np.cumsum(np.concatenate(counts))).astype(np.int32),
            indices=np.concatenate([*indices, *(row[0] for row in self.rows)]).astype(
                np.int32
            ),
            unknowns=np.concatenate(unknowns).astype(np.int32),
            shut=shut,
            weights=weights,
            steps=np.zeros(total, np.int32),  # lengths are in the weights already
            balance=np.zeros(0, np.int32),  # each scenario has steps of its own
            half_on=any(part.half_on for part in parts),
            _data=(),
            _affine=_NOTHING,
            _entries=entries,
        )

    def _shut_and_weights(self, total: int) -> tuple[np.ndarray, Numbers]:
        shut, weights = np.ones(total, bool), np.zeros(total)
        for layer, place in zip(self.layers, self.places, strict=True):
            shut[place] &= layer.compiled.shut
            weights[place] += layer.probability * layer.compiled.preferences
        shut[self.count :] = [each[2] for each in self.extra]
        return shut, weights

    def _entries(self) -> Entries:
        total = self.count + len(self.extra)
        costs, offsets = np.zeros((len(self.names), total)), np.zeros(len(self.names))
        lower, upper = np.full(total, -np.inf), np.full(total, np.inf)
        for layer, place in zip(self.layers, self.places, strict=True):
            given = layer.compiled.entries
            np.maximum.at(lower, place, given.lower)
            np.minimum.at(upper, place, given.upper)
            for row, name in enumerate(layer.compiled.cost_names):
                if name != CAPACITY:
                    at = self.names.index(name)
                    costs[at, place] += layer.probability * given.costs[row]
                    offsets[at] += layer.probability * given.offsets[row]
        for k, (low, high, _, paid) in enumerate(self.extra, start=self.count):
            lower[k], upper[k] = low, high
            if paid:
                costs[self.names.index(CAPACITY), k] = paid
        all_given = [layer.compiled.entries for layer in self.layers]
        return Entries(
            costs=costs,
            cost=costs.sum(axis=0),
            offsets=offsets,
            lower=lower,
            upper=upper,
            row_lower=np.array(
                [
                    *np.concatenate([g.row_lower for g in all_given]),
                    *(r[2] for r in self.rows),
                ]
            ),
            row_upper=np.array(
                [
                    *np.concatenate([g.row_upper for g in all_given]),
                    *(r[3] for r in self.rows),
                ]
            ),
            coefficients=np.concatenate(
                [*(g.coefficients for g in all_given), *(r[1] for r in self.rows)]
            ),
        )


_NOTHING: Final = Affine(
    base=np.zeros(0),
    entry=np.zeros(0, np.intp),
    datum=np.zeros(0, np.intp),
    factor=np.zeros(0),
)
