"""Power limits: who ordered what, in which direction, over which devices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class Direction(StrEnum):
    """Which flow a limit bounds."""

    IMPORT = "import"
    EXPORT = "export"


class Scope(StrEnum):
    """What a limit counts.

    ``connection`` is the net power at the grid connection point;
    ``controllable`` the sum over the controllable devices alone.
    """

    CONNECTION = "connection"
    CONTROLLABLE = "controllable"


class Basis(StrEnum):
    """What a limit on controllable devices bounds.

    ``consumption``: what they draw in all; ``grid_draw``: what of it comes from
    the grid because own production does not cover it (BNetzA BK6-22-300, annex
    1, 2.3).
    """

    CONSUMPTION = "consumption"
    GRID_DRAW = "grid_draw"


class LimitSource(StrEnum):
    """Where a limit comes from; a source ends only its own limits."""

    CONTRACT = "contract"
    METER = "meter"
    ORDER = "order"


_DRAW: Final = (Direction.IMPORT, Scope.CONTROLLABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLimit:
    """An upper bound on power, in force from ``start`` until before ``end``.

    Without ``end`` it is valid until changed. A limit of 0 W is a limit.
    """

    limit_id: str
    source: LimitSource
    issuer: str
    direction: Direction
    scope: Scope
    limit_w: int
    start: datetime | None = None
    end: datetime | None = None
    basis: Basis = Basis.CONSUMPTION

    def __post_init__(self) -> None:
        """Refuse what cannot be a limit."""
        if self.limit_w < 0:
            message = f"limit {self.limit_id}: {self.limit_w} W is negative"
            raise ValueError(message)
        if self.start and self.end and self.end <= self.start:
            message = f"limit {self.limit_id}: it ends before it starts"
            raise ValueError(message)
        if self.basis is Basis.GRID_DRAW and self._side != _DRAW:
            message = (
                f"limit {self.limit_id}: basis grid_draw is for import by "
                f"controllable devices, not for {self.direction}, {self.scope}"
            )
            raise ValueError(message)

    @property
    def _side(self) -> tuple[Direction, Scope]:
        return self.direction, self.scope

    def in_force(self, at: datetime) -> bool:
        """Tell whether the limit holds at ``at``."""
        return (self.start is None or self.start <= at) and (
            self.end is None or at < self.end
        )


@dataclass(frozen=True, slots=True)
class LimitsInForce:
    """The strictest limit for each direction and scope; absent: unlimited."""

    strictest: Mapping[tuple[Direction, Scope], PowerLimit] = field(
        default_factory=dict
    )

    def get(self, direction: Direction, scope: Scope) -> PowerLimit | None:
        """Return the limit in force for ``direction`` and ``scope``."""
        return self.strictest.get((direction, scope))
