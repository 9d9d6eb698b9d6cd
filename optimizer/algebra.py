"""Expressions that are linear in columns and affine in data, as lists of terms.

A term is a factor times a column, a datum, both or neither. What it belongs to is
one number, its key: ``(column + 1) << SHIFT | (datum + 1)``, 0 for neither. So the
key of a product is the sum of the keys, and the terms of a sum are simply those of
its parts: which of them belong together is found once for the whole model, in
`compile`.
"""

from collections.abc import Iterable
from typing import Any, Final, Never, cast

SHIFT: Final = 32  # room for any number of data, and of columns in 64 bits
DATUM: Final = (1 << SHIFT) - 1  # the part of a key that says which datum
_ONE: Final = (1.0,)


class Terms:
    """A sum of terms."""

    __slots__ = ("factors", "keys")
    __array_ufunc__ = None  # a number of numpy's leaves the operation to us
    __hash__ = None  # type: ignore[assignment]  # as `==` writes a row

    def __init__(self, keys: tuple[int, ...], factors: tuple[float, ...]) -> None:
        """Begin with ``factors`` of ``keys``."""
        self.keys, self.factors = keys, factors

    def __add__(self, other: Terms | float) -> Terms:
        """Return the terms of both."""
        if isinstance(other, Terms):
            return Terms(self.keys + other.keys, self.factors + other.factors)
        if not other:
            return self
        return Terms((*self.keys, 0), (*self.factors, other))

    __radd__ = __add__

    def __sub__(self, other: Terms | float) -> Terms:
        """Return the terms of this and of the negated other."""
        if isinstance(other, Terms):
            factors = other.factors
            if len(factors) == 1:
                return Terms(self.keys + other.keys, (*self.factors, -factors[0]))
            negated = tuple([-factor for factor in factors])
            return Terms(self.keys + other.keys, self.factors + negated)
        return self + -other

    def __rsub__(self, other: float) -> Terms:
        """Return the negated terms and a number."""
        return -self + other

    def __neg__(self) -> Terms:
        """Return the negated terms."""
        return Terms(self.keys, tuple([-factor for factor in self.factors]))

    def __mul__(self, other: Terms | float) -> Terms:
        """Return each term times each other. Raises `ValueError` for two columns."""
        if isinstance(other, Terms):
            return _product(self, other)
        factors = self.factors
        if len(factors) == 1:
            return Terms(self.keys, (factors[0] * other,))
        return Terms(self.keys, tuple([factor * other for factor in factors]))

    __rmul__ = __mul__

    def __truediv__(self, other: float) -> Terms:
        """Return the terms divided by a number."""
        return self * (1 / other)

    def __le__(self, other: Terms | float) -> Relation:
        """Return self <= other."""
        return Relation(self, as_terms(other))

    def __ge__(self, other: Terms | float) -> Relation:
        """Return other <= self."""
        return Relation(as_terms(other), self)

    def __eq__(self, other: object) -> Relation:  # type: ignore[override]  # a row
        """Return self == other."""
        return Relation(self, as_terms(cast("Terms | float", other)), equal=True)


class Column(Terms):
    """A variable."""

    __slots__ = ()
    factors = _ONE

    def __init__(self, column: int) -> None:
        """Stand for ``column``."""
        self.keys = ((column + 1) << SHIFT,)

    @property
    def column(self) -> int:
        """Its number."""
        return (self.keys[0] >> SHIFT) - 1


def column_numbers(columns: Iterable[Column]) -> list[int]:
    """Return the number of each."""
    return [(column.keys[0] >> SHIFT) - 1 for column in columns]


class Datum(Terms):
    """A number that is given later."""

    __slots__ = ()
    factors = _ONE

    def __init__(self, datum: int) -> None:
        """Stand for ``datum``."""
        self.keys = (datum + 1,)

    @property
    def datum(self) -> int:
        """Its number."""
        return self.keys[0] - 1

    def __mul__(self, other: Terms | float) -> Terms:
        """Return the datum times the other; most factors are of one column."""
        if isinstance(other, Column):
            return Terms((self.keys[0] + other.keys[0],), _ONE)
        return super().__mul__(other)


class Relation:
    """left <= right, or left == right."""

    __slots__ = ("equal", "left", "right")

    def __init__(self, left: Terms, right: Terms, *, equal: bool = False) -> None:
        """Relate both sides."""
        self.left, self.right, self.equal = left, right, equal

    def __bool__(self) -> Never:
        """Refuse to be asked: what is related has no value yet."""
        message = "a row of the model is neither true nor false"
        raise TypeError(message)


def as_terms(side: Terms | float) -> Terms:
    """Return a number as terms, terms as they are."""
    return side if isinstance(side, Terms) else Terms((0,), (side,))


def _product(one: Terms, other: Terms) -> Terms:
    if len(one.keys) == len(other.keys) == 1:
        key = _times(one.keys[0], other.keys[0])
        return Terms((key,), (one.factors[0] * other.factors[0],))
    keys = [_times(key, by) for key in one.keys for by in other.keys]
    factors = [factor * by for factor in one.factors for by in other.factors]
    return Terms(tuple(keys), tuple(factors))


def _times(key: int, other: int) -> int:
    if (key > DATUM and other > DATUM) or (key & DATUM and other & DATUM):
        message = "not affine in variables and in data"
        raise ValueError(message)
    return key + other


def quicksum(parts: Iterable[Any]) -> Any:  # noqa: ANN401 - a number where all are
    """Return the sum of ``parts``, ours or Pyomo's: that of many in one go."""
    keys: list[int] = []
    factors: list[float] = []
    rest: Any = 0.0
    for part in parts:
        if isinstance(part, Terms):
            keys += part.keys
            factors += part.factors
        else:
            rest = rest + part
    return Terms(tuple(keys), tuple(factors)) + rest if keys else rest
