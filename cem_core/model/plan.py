"""The plan: for each device and step an action, a power and a reason."""

from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Flag, StrEnum, auto

from cem_core.model.message import Message


class Action(StrEnum):
    """What a device does in a step."""

    BALANCE = "balance"
    HOLD = "hold"
    CHARGE = "charge"
    DISCHARGE = "discharge"
    RUN = "run"
    CURTAIL = "curtail"
    OFF = "off"


class Balance(StrEnum):
    """Which side of zero a balancing device works on."""

    COVER = "cover"  # covers load: discharges so that nothing is imported
    STORE = "store"  # stores surplus: charges so that nothing is exported
    BOTH = "both"


class HeatUse(Flag):
    """What a heat pump's heat is for; none of both: it keeps neither warm on purpose."""

    ROOM = auto()  # in the cooling season: what its cold is for
    WATER = auto()


class PlanStatus(StrEnum):
    """How good a plan is; `rule` is the plan made without a solver."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    RELAXED = "relaxed"
    INFEASIBLE = "infeasible"
    RULE = "rule"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStep:
    """One device in one step.

    ``power_w`` is the planned mean power (solar: production, >= 0);
    ``energy_wh`` and ``indoor_temperature_c`` are at the step's end;
    ``marginal_value_per_kwh`` is what one more kWh in the store is worth.
    ``hot_water_w`` is the part of the power that heats water; None: no tank is planned.
    ``order_w`` is what it is told where that is not what it draws: while it starts,
    and 0 while a programme is paused.
    """

    action: Action
    power_w: int
    balance: Balance | None = None
    energy_wh: int | None = None
    indoor_temperature_c: float | None = None
    marginal_value_per_kwh: float | None = None
    hot_water_w: int | None = None
    order_w: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSection:
    """When a section of a programme begins, and which option of it is run."""

    section: str
    option: str
    start: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicePlan:
    """All steps of one device; an appliance also has its start, and its sections."""

    steps: tuple[PlanStep, ...]
    run_start: datetime | None = None
    sections: tuple[PlannedSection, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why a device does what it does from ``start`` to ``end``.

    ``saving`` is what the block is worth against its alternative, in the
    plan's currency; ``limited_by`` the id of a limit that holds the device back.
    """

    device_id: str
    start: datetime
    end: datetime
    message: Message
    saving: float | None = None
    limited_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Relaxation:
    """A wish that had to give way, and by how much."""

    constraint: str
    by: float
    unit: str
    message: Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What to do, step by step.

    ``edges`` are the starts of all steps and the end of the last, rising.
    """

    created_at: datetime
    edges: tuple[datetime, ...]
    status: PlanStatus
    devices: Mapping[str, DevicePlan]
    currency: str = "EUR"
    import_w: tuple[int, ...] = ()
    export_w: tuple[int, ...] = ()
    cost: Mapping[str, float] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    relaxed: tuple[Relaxation, ...] = ()
    _reasons_of: Mapping[str, Sequence[Reason]] = field(
        init=False, repr=False, compare=False
    )

    def __post_init__(self) -> None:
        """Sort the reasons by device: they are looked up with each telegram."""
        reasons_of: dict[str, list[Reason]] = {}
        for reason in self.reasons:
            reasons_of.setdefault(reason.device_id, []).append(reason)
        object.__setattr__(self, "_reasons_of", reasons_of)

    @property
    def start(self) -> datetime:
        """Where the plan begins."""
        return self.edges[0]

    @property
    def end(self) -> datetime:
        """Where the plan ends."""
        return self.edges[-1]

    @property
    def steps(self) -> int:
        """The number of steps."""
        return len(self.edges) - 1

    def index(self, at: datetime) -> int | None:
        """Return the number of the step that ``at`` falls in, or None."""
        index = bisect_right(self.edges, at) - 1
        return index if 0 <= index < self.steps else None

    def step_for(self, device_id: str, at: datetime) -> PlanStep | None:
        """Return what ``device_id`` does at ``at``, or None."""
        device = self.devices.get(device_id)
        index = self.index(at)
        if device is None or index is None or index >= len(device.steps):
            return None
        return device.steps[index]

    def reasons_for(self, device_id: str, at: datetime) -> Iterator[Reason]:
        """Yield why ``device_id`` does what it does at ``at``."""
        for reason in self._reasons_of.get(device_id, ()):
            if reason.start <= at < reason.end:
                yield reason
