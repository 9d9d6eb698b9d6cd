"""What is told of a limit that is near."""

from dataclasses import dataclass
from enum import IntEnum, StrEnum

from cem_core.model import Direction, PowerLimit, Scope
from cem_core.model.limit import PhaseSide, Side

type AnySide = Side | PhaseSide


class Level(IntEnum):
    """How near the power is to its limit."""

    CLEAR = 0
    CAUTION = 1
    WARNING = 2

    @property
    def word(self) -> str:
        """What events, topics and the dashboard call it."""
        return self.name.lower()


class NoticeCause(StrEnum):
    """What made a notice: the last two pass every bound on their number."""

    LEVEL = "level"
    TRIP = "trip"  # the connection trips, clearly sooner than was told
    METER = "meter"  # the meter's own warning, as ADPS


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLimitSettings:
    """Shares of a limit from which on it is near, and how often that is told.

    A level is left ``hysteresis`` below its share; ``repeat_after_s`` is the
    time between two notices of one level.
    """

    caution_share: float = 0.80
    warning_share: float = 0.95
    hysteresis: float = 0.05
    repeat_after_s: float = 300.0

    def __post_init__(self) -> None:
        """Refuse shares that make no two levels."""
        if not 0 < self.hysteresis < self.caution_share < self.warning_share <= 1:
            message = (
                f"shares {self.caution_share} and {self.warning_share}: it must be "
                f"{self.hysteresis} < caution_share < warning_share <= 1"
            )
            raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relief:
    """A device that could be turned down now, and by how much.

    One that is not ``commanded`` is in the hands of a person or its own.
    """

    device_id: str
    name: str
    power_w: int
    commanded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class NearLimit:
    """The power came near its limit, or left it again (``level`` is `CLEAR`).

    When the limit itself has gone, ``limit`` is the one that held last.
    ``trip_s`` is how long the connection lasts at this power; None: it does not
    trip. ``helping``: what could be turned down, first what is missed least.
    """

    direction: Direction
    scope: Scope
    limit: PowerLimit
    power_w: int
    distance_w: int
    level: Level
    cause: NoticeCause = NoticeCause.LEVEL
    trip_s: float | None = None
    helping: tuple[Relief, ...] = ()

    @property
    def near(self) -> bool:
        """Tell whether it came near; else it left."""
        return self.level is not Level.CLEAR

    @property
    def side(self) -> AnySide:
        """What the limit bounds."""
        phase = self.limit.phase
        if phase is None:
            return self.direction, self.scope
        return self.direction, self.scope, phase
