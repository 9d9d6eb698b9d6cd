"""How far a learned parameter may go: `Between`, in its annotation."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import TYPE_CHECKING, Any, get_type_hints

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

type Floats = npt.NDArray[np.float64]
type Table = tuple[float, ...] | tuple[Table, ...]


@dataclass(frozen=True, slots=True)
class Between:
    """The lowest and highest value of a number, or of each in a table."""

    low: float
    high: float
    shape: tuple[int, ...] = ()

    def clip(self, value: object) -> float | Table:
        """Return ``value`` moved to the nearest bound where it is outside."""
        return nested(np.clip(np.asarray(value, np.float64), self.low, self.high))


@cache
def bounds(kind: type[DataclassInstance]) -> Mapping[str, Between]:
    """Return the bounds of each parameter of ``kind``."""
    hints = get_type_hints(kind, include_extras=True)
    return {
        field.name: next(
            mark for mark in hints[field.name].__metadata__ if isinstance(mark, Between)
        )
        for field in fields(kind)
    }


def bounded[P: DataclassInstance](kind: type[P], values: Mapping[str, object]) -> P:
    """Return a ``kind`` of ``values``, each moved inside its bounds."""
    inside: dict[str, Any] = {
        name: between.clip(values[name]) for name, between in bounds(kind).items()
    }
    return kind(**inside)


def nested(array: Floats) -> float | Table:
    """Return ``array`` as a float or as tuples in tuples, which are hashable."""
    if not array.ndim:
        return float(array)
    return tuple(nested(row) for row in array)  # type: ignore[return-value]
