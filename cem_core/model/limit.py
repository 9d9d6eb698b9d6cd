"""Power limits: who ordered what, in which direction, over which devices."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Final

from cem_core.model.message import Message


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

    CONTRACT = "contract"  # the home's own settings
    METER = "meter"  # the meter's limiter, fuse and breaker
    ORDER = "order"  # an action of Home Assistant
    CONTROL_BOX = "control_box"  # EEBUS
    RELAY = "relay"  # contacts
    MQTT = "mqtt"
    OPENADR = "openadr"


class Priority(IntEnum):
    """What stands behind a limit; the higher one is shown where two are equal."""

    MARKET = 1  # flexibility that was sold or offered
    CONTRACT = 2  # the connection's contract and its fuses
    OBLIGATION = 3  # law, or an order of the grid operator


_PHASES: Final = (1, 2, 3)
DRAW: Final = (Direction.IMPORT, Scope.CONTROLLABLE)


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerLimit:
    """An upper bound on power, in force from ``start`` until before ``end``.

    Without ``end`` it is valid until changed. A limit of 0 W is a limit. With
    ``phase`` (1 to 3) it bounds that phase alone, else the total. ``reason`` says
    why, where there is more to say than who.
    """

    limit_id: str
    source: LimitSource
    issuer: str
    direction: Direction
    scope: Scope
    limit_w: int
    start: datetime | None = None
    end: datetime | None = None
    phase: int | None = None
    priority: Priority = Priority.OBLIGATION
    basis: Basis = Basis.CONSUMPTION
    reason: Message | None = field(default=None, hash=False)

    def __post_init__(self) -> None:
        """Refuse what cannot be a limit."""
        if self.limit_w < 0:
            message = f"limit {self.limit_id}: {self.limit_w} W is negative"
            raise ValueError(message)
        if self.start and self.end and self.end <= self.start:
            message = f"limit {self.limit_id}: it ends before it starts"
            raise ValueError(message)
        if self.basis is Basis.GRID_DRAW and self._side != DRAW:
            message = (
                f"limit {self.limit_id}: basis grid_draw is for import by "
                f"controllable devices, not for {self.direction}, {self.scope}"
            )
            raise ValueError(message)
        if self.phase is not None and self.phase not in _PHASES:
            message = f"limit {self.limit_id}: phase {self.phase} is not 1, 2 or 3"
            raise ValueError(message)

    @property
    def _side(self) -> tuple[Direction, Scope]:
        return self.direction, self.scope

    @property
    def is_order(self) -> bool:
        """Whether somebody ordered it: it comes and goes, and is evidence."""
        return self.source not in {LimitSource.CONTRACT, LimitSource.METER}

    @property
    def reaches_all(self) -> bool:
        """Whether it holds also for a device that the CEM is not to command.

        What the home decided about itself and what a market asks for do not.
        """
        ours = self.source is LimitSource.CONTRACT
        return not ours and self.priority is not Priority.MARKET

    def in_force(self, at: datetime) -> bool:
        """Tell whether the limit holds at ``at``."""
        return (self.start is None or self.start <= at) and (
            self.end is None or at < self.end
        )


type Side = tuple[Direction, Scope]
type PhaseSide = tuple[Direction, Scope, int]


@dataclass(frozen=True, slots=True)
class LimitsInForce:
    """What holds now; absent: unlimited.

    ``strictest`` has the limit on the total for each direction and scope,
    ``per_phase`` that on each phase. ``reaching_all`` has the strictest of those
    that reach all devices where ``strictest`` is one that does not: a contract or
    a market never lifts an obligation from a device that they leave alone.
    ``consumption`` is the strictest of those that bound all that controllable
    devices consume, where the one in ``strictest`` bounds their grid draw alone.
    """

    strictest: Mapping[Side, PowerLimit] = field(default_factory=dict)
    per_phase: Mapping[PhaseSide, PowerLimit] = field(default_factory=dict)
    reaching_all: Mapping[Side, PowerLimit] = field(default_factory=dict)
    consumption: PowerLimit | None = None

    def get(self, direction: Direction, scope: Scope) -> PowerLimit | None:
        """Return the limit in force for ``direction`` and ``scope``."""
        return self.strictest.get((direction, scope))

    def __contains__(self, limit: PowerLimit) -> bool:
        """Tell whether ``limit`` is the one that holds on its side."""
        side = limit.direction, limit.scope
        if limit.phase is not None:
            return self.per_phase.get((*side, limit.phase)) is limit
        return self.strictest.get(side) is limit
