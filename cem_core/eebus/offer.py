"""What a heat pump's compressor offers: a run of it that nobody has to have.

Source: EEBUS UC TS Optimization of Self-Consumption by Heat Pump Compressor Flexibility
1.0.0 (OHPCF), scenario 1; SPINE 1.3.0, class SmartEnergyManagementPs.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from cem_core.eebus.datagram import is_index
from cem_core.eebus.error import EebusError
from cem_core.eebus.json_form import Tree
from cem_core.eebus.values import items, number, seconds


class Phase(StrEnum):
    """How far an offered run is."""

    AVAILABLE = "available"
    SCHEDULED = "scheduled"
    RUNNING = "running"
    PAUSED = "paused"
    COMPLETED = "completed"
    STOPPED = "stopped"


_PHASES: Final = {
    "inactive": Phase.AVAILABLE,
    "scheduled": Phase.SCHEDULED,
    "running": Phase.RUNNING,
    "paused": Phase.PAUSED,
    "scheduledPaused": Phase.PAUSED,
    "completed": Phase.COMPLETED,
    "invalid": Phase.STOPPED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One run; ``power_w`` is what it is expected to draw, or else at most draws.

    ``earliest_s`` is how long it must not begin yet, from when it was said.
    """

    sequence: int
    phase: Phase
    power_w: float
    commanded: bool  # whether an energy manager may begin it
    pausable: bool
    stoppable: bool
    earliest_s: float = 0.0
    run_min_s: float = 0.0
    pause_min_s: float = 0.0


def offer(data: Tree) -> Offer | None:
    """Return the run that ``data`` offers, None: none. Raises `EebusError`.

    Of several alternatives or sequences none is taken: the use case allows one.
    """
    alternatives = items(data, "alternatives")
    sequences = [s for a in alternatives for s in items(a, "powerSequence")]
    if not sequences:
        return None
    if len(alternatives) > 1 or len(sequences) > 1:
        raise EebusError(f"{len(sequences)} runs of a compressor are offered at once")
    [said] = sequences
    sequence = _part(said, "description").get("sequenceId")
    if not is_index(sequence):
        raise EebusError(f"sequenceId {sequence!r} is no number of a run")
    state = _part(said, "state")
    phase = _PHASES.get(str(state.get("state")))
    if phase is None:
        raise EebusError(f"a run cannot be {state.get('state')!r}")
    interrupt = _part(said, "operatingConstraintsInterrupt")
    lasting = _part(said, "operatingConstraintsDuration")
    constraints = _part(said, "scheduleConstraints")
    return Offer(
        sequence=sequence,
        phase=phase,
        power_w=_power_w(said),
        commanded=state.get("sequenceRemoteControllable", True) is not False,
        pausable=interrupt.get("isPausable") is True,
        stoppable=interrupt.get("isStoppable") is True,
        earliest_s=_length_s(constraints, "earliestStartTime"),
        run_min_s=_length_s(lasting, "activeDurationMin"),
        pause_min_s=_length_s(lasting, "pauseDurationMin"),
    )


def _power_w(said: Mapping[str, Any]) -> float:
    powers_w = {
        str(value.get("valueType")): number(value.get("value"))
        for slot in items(said, "powerTimeSlot")
        for value in items(_part(slot, "valueList"), "value")
        if "value" in value
    }
    for kind in ("power", "powerMax"):
        if kind in powers_w:
            return powers_w[kind]
    raise EebusError("a run is offered without its power")


def _length_s(tree: Mapping[str, Any], name: str) -> float:
    return seconds(tree[name]) if name in tree else 0.0


def _part(tree: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = tree.get(name, {})
    if not isinstance(found, Mapping):
        raise EebusError(f"{name} is not an object")
    return found
