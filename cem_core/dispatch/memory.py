"""What dispatch carries from one telegram to the next.

It may be lost at any time (a restart): the devices' own setpoints, given with
their state, are enough to go on keeping limits.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Final, NamedTuple

from cem_core.dispatch.fleet import Fleet
from cem_core.dispatch.planned import Block
from cem_core.model import Direction, Reading, Scope, Setpoint
from cem_core.model.limit import PhaseSide

type Side = tuple[Direction, Scope]
type Trail = tuple[tuple[float, int], ...]  # (until when, power it may be at)


@dataclass(frozen=True, slots=True)
class Return:
    """How power comes back after an operator's limit: from where, when, how long."""

    start_w: float
    start_s: float
    lasts_s: float


@dataclass(frozen=True, slots=True)
class Held:
    """A budget that is being given back: its power, and when it was last cut.

    ``ordered``: an operator's limit holds it, or held it and is being returned from.
    """

    power_w: float
    cut_s: float
    limit_id: str | None
    ordered: bool = False
    returning: Return | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comeback:
    """When each device may draw or feed in more after a power cut.

    ``seen_w`` is what each did when it was first measured since.
    """

    since_s: float
    free_s: Mapping[str, float]
    seen_w: Mapping[str, int] = field(default_factory=dict)


class Rung(IntEnum):
    """What is done, one after the other, with a device that does not obey."""

    REPEAT = 1  # the same order again
    LOWER = 2  # the least it can run at
    STOP = 3  # off
    CONTACTOR = 4  # its supply is cut


@dataclass(frozen=True, slots=True, kw_only=True)
class Insistence:
    """How far it has come with a device that draws more than it was ordered.

    ``since_s`` is when its declared time was over, ``rung_s`` when the last
    harder action began. ``bridges``: it is cut only until it has had its time to
    follow; it is slow, not disobedient.
    """

    since_s: float
    rung: Rung | None = None
    rung_s: float = 0
    bridges: bool = False
    until_s: float = 0  # of a bridge

    @property
    def cut(self) -> bool:
        """Tell whether the contactor is to be open."""
        return self.rung is Rung.CONTACTOR


class Usage(NamedTuple):
    """What a device makes of the room it has under a limit.

    ``drawn_w`` follows its power up at once and down only by more than noise;
    ``unused_since_s`` is when it began to leave room unused, ``reserve_w`` what
    is kept for it since then. ``peak_w`` is the most that it drew beyond its rated
    power, last seen or held back at ``peak_s``; 0: it did not.
    """

    drawn_w: int
    unused_since_s: float | None = None
    reserve_w: int | None = None
    peak_w: int = 0
    peak_s: float = 0


@dataclass(frozen=True, slots=True)
class Surplus:
    """A car on surplus: whether it charges and since when that is in question."""

    charging: bool = False
    since_s: float | None = None


@dataclass(frozen=True, slots=True)
class PhaseMemory:
    """What each phase carries without the devices of known power, and what is held.

    ``uneven`` is what is held back of the imbalance of a phase above another.
    """

    load_w: Mapping[int, float] = field(default_factory=dict)
    held: Mapping[PhaseSide, Held] = field(default_factory=dict)
    uneven: Mapping[tuple[int, int], Held] = field(default_factory=dict)


NOTHING_ON_PHASES: Final = PhaseMemory()


class Turn(NamedTuple):
    """Whether a car at a shared line charges or waits, and since when."""

    on: bool
    since_s: float


@dataclass(frozen=True, slots=True)
class SiteMemory:
    """How a line was shared last: what each car got, who asked for what, and when."""

    shares: Mapping[str, int] = field(default_factory=dict)
    asking: tuple[tuple[str, int], ...] = ()
    shared_s: float = 0
    turns: Mapping[str, Turn] = field(default_factory=dict)
    held: Held | None = None


NO_SITE: Final = SiteMemory()


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """The state of dispatch; start with ``Memory()``. Seconds are monotonic.

    ``uncontrolled_w`` and ``unbalanced_w`` are the power at the connection
    without all devices of known power, and without those that balance; ``_of``
    says which these were. ``balanced_w`` is what ``reading`` has each battery balance,
    before any limit. ``allowed`` holds the higher orders that an inverter may
    still be carrying out: a late report of it looks like a sun that shines less.
    """

    fleet: Fleet | None = None
    block: Block | None = None
    at_s: float | None = None
    reading: Reading | None = None
    reading_s: float = 0
    uncontrolled_w: float | None = None
    uncontrolled_of: tuple[str, ...] = ()
    unbalanced_w: float | None = None
    unbalanced_of: tuple[str, ...] = ()
    balanced_w: Mapping[str, int] = field(default_factory=dict)
    setpoints: Mapping[str, Setpoint] = field(default_factory=dict)
    trails: Mapping[str, Trail] = field(default_factory=dict)
    allowed: Mapping[str, Trail] = field(default_factory=dict)
    held: Mapping[Side, Held] = field(default_factory=dict)
    held_of_all: Mapping[Side, Held] = field(default_factory=dict)
    usage: Mapping[str, Usage] = field(default_factory=dict)
    limited: frozenset[str] = frozenset()
    stopped_s: Mapping[str, float] = field(default_factory=dict)
    surplus: Mapping[str, Surplus] = field(default_factory=dict)
    insisted: Mapping[str, Insistence] = field(default_factory=dict)
    switched_s: Mapping[str, float] = field(default_factory=dict)
    could_rise_s: Mapping[str, float] = field(default_factory=dict)
    phases: PhaseMemory = NOTHING_ON_PHASES
    site: SiteMemory = NO_SITE
    comeback: Comeback | None = None
