"""Pyomo's words for the equations of a component, without Pyomo's objects.

Components are written in the words of Pyomo (`Var`, `Block`, `@block.Constraint`),
and `pyomo_model` builds them in Pyomo. A plan does not: here the same rules write
their terms straight into a `Draft`, from which `compile` makes the matrices. A
variable becomes a dict of columns by index, a constraint a dict of row numbers; a
single variable is its column.
"""

from collections.abc import (
    Callable,
    Hashable,
    ItemsView,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass, field
from enum import Enum
from itertools import product
from typing import Any, Final

from optimizer.algebra import Column, Datum, Relation, quicksum

__all__ = [
    "Binary",
    "Block",
    "ConcreteModel",
    "Constraint",
    "Data",
    "Domain",
    "Draft",
    "GivenSeries",
    "NonNegativeReals",
    "Var",
    "quicksum",
]

type Index = Iterable[Hashable]
type Bound = float | Datum | GivenSeries | Mapping[Any, Datum] | None
type Rule = Callable[..., Any]


class Domain(Enum):
    """What a variable may be."""

    REALS = "Reals"
    NON_NEGATIVE_REALS = "NonNegativeReals"
    BINARY = "Binary"


NonNegativeReals: Final = Domain.NON_NEGATIVE_REALS
Binary: Final = Domain.BINARY
BOUNDS: Final[Mapping[Domain, tuple[Bound, Bound]]] = {
    Domain.REALS: (None, None),
    Domain.NON_NEGATIVE_REALS: (0.0, None),
    Domain.BINARY: (0.0, 1.0),
}


@dataclass(slots=True, kw_only=True)
class Bounds:
    """Those of the columns of one variable, by its index."""

    columns: range
    index: Sequence[Hashable]
    lower: Bound
    upper: Bound

    @property
    def shut(self) -> bool:
        """Whether the columns are 0 until something gives way."""
        sides = self.lower, self.upper
        return all(isinstance(side, int | float) and not side for side in sides)


@dataclass(slots=True)
class Draft:
    """What has been written: columns, data and rows."""

    columns: int = 0
    data: int = 0
    bounds: list[Bounds] = field(default_factory=list)
    integers: list[range] = field(default_factory=list)
    rows: list[Relation] = field(default_factory=list)

    def clear(self) -> None:
        """Forget what was written: names on the blocks stay."""
        for part in (self.bounds, self.integers, self.rows):
            part.clear()


class Block:
    """A named part of the model."""

    index: tuple[Index, ...]
    draft: Draft

    def __init__(self, *index: Index) -> None:
        """Begin empty: one block, or one for each of ``index``."""
        vars(self).update(index=index, draft=None, _parent=None)

    def __setattr__(self, name: str, value: object) -> None:
        """Put ``value`` on the block."""
        if isinstance(value, _DECLARED):
            if name in vars(self):
                message = f"{name} stands on the block already"
                raise ValueError(message)
            value = value.put_on(self)
        vars(self)[name] = value

    def put_on(self, block: Block) -> Block | dict[Hashable, Block]:
        """Return this block, now a part of ``block``, or those of its index."""
        if not self.index:
            vars(self).update(draft=block.draft, _parent=block)
            return self
        inner = {place: Block() for place in _places(self.index)}
        for each in inner.values():
            each.put_on(block)
        return inner

    def parent_block(self) -> Block:
        """Return the block that this one is a part of."""
        found: Block = vars(self)["_parent"]
        return found

    def Constraint(self, *index: Index) -> Callable[[Rule], Rule]:  # noqa: N802 - Pyomo's
        """Return a decorator: the rule's rows stand on the block by its name."""

        def put(rule: Rule) -> Rule:
            setattr(self, rule.__name__, Constraint(*index, rule=rule))
            return rule

        return put


class ConcreteModel(Block):
    """The outermost block."""

    def __init__(self) -> None:
        """Begin with an empty draft."""
        super().__init__()
        vars(self)["draft"] = Draft()


class Var:
    """Variables by an index, or by all pairs of two; without an index a single one.

    Bounds are numbers, single data, or the data of each step.
    """

    def __init__(
        self,
        *index: Index,
        domain: Domain = Domain.REALS,
        bounds: tuple[Bound, Bound] | None = None,
    ) -> None:
        """Declare the variables."""
        self.index, self.domain = index, domain
        self.bounds = BOUNDS[domain] if bounds is None else bounds

    def put_on(self, block: Block) -> Column | dict[Hashable, Column]:
        """Return the columns by index."""
        draft, places = block.draft, _places(self.index)
        first = draft.columns
        draft.columns += len(places)
        columns = range(first, draft.columns)
        lower, upper = self.bounds
        draft.bounds.append(
            Bounds(columns=columns, index=places, lower=lower, upper=upper)
        )
        if self.domain is Domain.BINARY:
            draft.integers.append(columns)
        if not self.index:
            return Column(first)
        return dict(zip(places, map(Column, columns), strict=True))


class Data:
    """Numbers that are given later: ``size`` of them, or a single one."""

    def __init__(self, size: int | None = None) -> None:
        """Declare the numbers."""
        self.size = size

    def put_on(self, block: Block) -> Datum | GivenSeries:
        """Return the data by place."""
        draft = block.draft
        first, size = draft.data, self.size
        draft.data += 1 if size is None else size
        return Datum(first) if size is None else GivenSeries(range(first, draft.data))


class GivenSeries(Mapping[int, Datum]):
    """Data by place; made when one is asked for, as many are only bounds."""

    __slots__ = ("_made", "data")

    def __init__(self, data: range) -> None:
        """Number the data."""
        self.data = data
        self._made: dict[int, Datum] = {}

    def __getitem__(self, place: int) -> Datum:
        """Return the datum at ``place``."""
        return (self._made or self._all())[place]

    def __iter__(self) -> Iterator[int]:
        """Return the places."""
        return iter(range(len(self.data)))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.data)

    def items(self) -> ItemsView[int, Datum]:
        """Return places and data."""
        return self._all().items()

    def _all(self) -> dict[int, Datum]:
        if not self._made:
            self._made = dict(enumerate(map(Datum, self.data)))
        return self._made


class Constraint:
    """A row for each of an index, of all pairs of two, or a single one."""

    Skip: Final = object()

    def __init__(self, *index: Index, rule: Rule) -> None:
        """Declare the rows."""
        self.index, self.rule = index, rule

    def put_on(self, block: Block) -> dict[Hashable, int]:
        """Write the rows; return their numbers by index."""
        rule, written, numbers = self.rule, block.draft.rows, {}
        pairs = len(self.index) > 1
        for place in _places(self.index):
            if pairs:
                row = rule(block, *place)
            else:
                row = rule(block, place) if self.index else rule(block)
            if isinstance(row, Relation):
                numbers[place] = len(written)
                written.append(row)
            elif row is not Constraint.Skip:
                message = f"no row but {row!r}"
                raise TypeError(message)
        return numbers


_DECLARED: Final = (Block, Var, Data, Constraint)


def _places(index: Sequence[Index]) -> Sequence[Any]:
    """Return every place of an index, None for that of a single one."""
    if not index:
        return (None,)
    return list(product(*index)) if len(index) > 1 else list(index[0])
