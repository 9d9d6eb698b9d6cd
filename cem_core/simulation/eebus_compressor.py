"""A compressor that offers a run of it, as its energy manager sees it.

Source: EEBUS UC TS OHPCF 1.0.0, the actor Compressor.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from cem_core.eebus.compressor import ENTITY, FEATURE, FUNCTION, SCENARIOS, USE_CASE
from cem_core.eebus.datagram import Address, Datagram
from cem_core.eebus.device import Entity, Feature, Function, Role, UseCase
from cem_core.eebus.error import EebusError
from cem_core.eebus.json_form import Tree
from cem_core.eebus.layout import CEM
from cem_core.eebus.offer import Phase
from cem_core.eebus.peer import Told
from cem_core.eebus.values import duration, items, scaled, seconds

_ENTITY: Final = (*CEM, 1)
_ADDRESS: Final = Address(_ENTITY, 1)
_ON_THE_WIRE: Final = {
    Phase.AVAILABLE: "inactive",
    Phase.SCHEDULED: "scheduled",
    Phase.RUNNING: "running",
    Phase.PAUSED: "paused",
    Phase.COMPLETED: "completed",
    Phase.STOPPED: "invalid",
}
_UNDER_WAY: Final = (Phase.SCHEDULED, Phase.RUNNING, Phase.PAUSED)
SHOWN_S: Final = 60.0  # how long a run that is over is told of before the next


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What is offered, and how it may be interrupted."""

    power_w: float
    length_s: float = 3600.0
    pausable: bool = True
    stoppable: bool = True
    run_min_s: float = 600.0
    pause_min_s: float = 300.0


class OfferedRun:
    """The run: offered while there is room for its heat, begun by the CEM only."""

    def __init__(self, settings: RunSettings) -> None:
        """Offer nothing yet."""
        self.settings = settings
        self.phase: Phase | None = None
        self.refuses = False
        self._in_phase_s = 0.0
        self._ran_s = 0.0
        self._starts_in_s = 0.0
        self._sequence = 0

    @property
    def running(self) -> bool:
        """Whether the compressor runs because of it."""
        return self.phase is Phase.RUNNING

    def step(self, length_s: float, *, room: bool) -> None:
        """Let time pass; ``room``: the house can take its heat."""
        self._in_phase_s += length_s
        match self.phase:
            case None if room:
                self._sequence, self._ran_s = self._sequence + 1, 0.0
                self._go(Phase.AVAILABLE)
            case Phase.AVAILABLE if not room:
                self._go(None)
            case Phase.SCHEDULED if self._in_phase_s >= self._starts_in_s:
                self._go(Phase.RUNNING)
            case Phase.RUNNING:
                self._ran_s += length_s
                if not room or self._ran_s >= self.settings.length_s:
                    self._go(Phase.COMPLETED)
            case Phase.COMPLETED | Phase.STOPPED if self._in_phase_s >= SHOWN_S:
                self._go(None)
            case _:
                pass

    def _go(self, phase: Phase | None) -> None:
        self.phase, self._in_phase_s = phase, 0.0

    @property
    def entity(self) -> Entity:
        """The compressor as a part of the heat pump."""
        return Entity(address=_ENTITY, type=ENTITY)

    def feature(self) -> Feature:
        """Return the server."""
        function = Function(name=FUNCTION, read=self.data, write=self._write)
        return Feature(
            address=_ADDRESS, type=FEATURE, role=Role.SERVER, functions=(function,)
        )

    def use_case(self) -> UseCase:
        """Return the use case."""
        return UseCase(entity=_ENTITY, actor=ENTITY, name=USE_CASE, scenarios=SCENARIOS)

    def told(self) -> Told:
        """Return what is notified."""
        return Told(
            address=_ADDRESS,
            function=FUNCTION,
            stamp=lambda: (self._sequence, self.phase),
        )

    def data(self) -> Tree:
        """Return what is offered, and how far it is."""
        there = self.phase is not None
        found: Tree = {
            "nodeScheduleInformation": {
                "nodeRemoteControllable": True,
                "supportsSingleSlotSchedulingOnly": True,
                "alternativesCount": int(there),
                "totalSequencesCountMax": 1,
                "supportsReselection": False,
            }
        }
        if self.phase is not None:
            found["alternatives"] = [
                {
                    "relation": {"alternativesId": 0},
                    "powerSequence": [self._described(self.phase)],
                }
            ]
        return found

    def _described(self, phase: Phase) -> Tree:
        settings = self.settings
        found: Tree = {
            "description": {
                "sequenceId": self._sequence,
                "powerUnit": "W",
                "valueSource": "calculatedValue",
            },
            "state": {
                "state": _ON_THE_WIRE[phase],
                "sequenceRemoteControllable": True,
            },
        }
        if phase in _UNDER_WAY:
            left_s = 0.0
            if phase is Phase.SCHEDULED:
                left_s = max(self._starts_in_s - self._in_phase_s, 0.0)
            found["schedule"] = {"startTime": duration(left_s)}
        value = {"valueType": "power", "value": scaled(settings.power_w)}
        return found | {
            "scheduleConstraints": {"earliestStartTime": "PT0S"},
            "operatingConstraintsInterrupt": {
                "isPausable": settings.pausable,
                "isStoppable": settings.stoppable,
            },
            "operatingConstraintsDuration": {
                "activeDurationMin": duration(settings.run_min_s),
                "pauseDurationMin": duration(settings.pause_min_s),
            },
            "powerTimeSlot": [
                {"schedule": {"slotNumber": 0}, "valueList": {"value": [value]}}
            ],
        }

    def _write(self, datagram: Datagram) -> str | None:
        if self.refuses:
            return "locked by its owner"
        sequences = [
            sequence
            for alternative in items(datagram.data, "alternatives")
            for sequence in items(alternative, "powerSequence")
        ]
        if len(sequences) != 1:
            raise EebusError(f"{len(sequences)} sequences: one is written at a time")
        [sequence] = sequences
        if _part(sequence, "description").get("sequenceId") != self._sequence:
            return "this run is not offered"
        start = _part(sequence, "schedule").get("startTime")
        if start is not None:
            return self._schedule(seconds(start))
        return self._change(str(_part(sequence, "state").get("state")))

    def _schedule(self, starts_in_s: float) -> str | None:
        if self.phase not in (Phase.AVAILABLE, Phase.SCHEDULED):
            return "it cannot be scheduled any more"
        self._starts_in_s = starts_in_s
        self._go(Phase.SCHEDULED)
        return None

    def _change(self, wanted: str) -> str | None:
        settings = self.settings
        match wanted, self.phase:
            case "paused", Phase.RUNNING if settings.pausable:
                if self._in_phase_s < settings.run_min_s:
                    return "it has not run long enough"
                self._go(Phase.PAUSED)
            case "running", Phase.PAUSED:
                if self._in_phase_s < settings.pause_min_s:
                    return "it has not paused long enough"
                self._go(Phase.RUNNING)
            case "invalid", Phase.SCHEDULED | Phase.RUNNING | Phase.PAUSED if (
                settings.stoppable
            ):
                self._go(Phase.STOPPED)
            case _:
                return f"it cannot become {wanted!r}"
        return None


def _part(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = tree.get(name, {})
    if not isinstance(found, Mapping):
        raise EebusError(f"{name} is not an object")
    return found
