"""The modes of a storage of FRBC, as they are at one fill level."""

from collections.abc import Iterable, Iterator
from uuid import UUID

from s2python.common import NumberRange
from s2python.frbc import FRBCActuatorDescription, FRBCOperationMode
from s2python.generated.gen_s2 import NumberRange as GeneratedRange

from cem_core.s2.modes import Mode
from cem_core.s2.power import Span, electric_w, span


def within(level: float, levels: Span) -> bool:
    """Tell whether a fill level lies in a range."""
    return levels.low <= level <= levels.high


def middle(costs: NumberRange | GeneratedRange | None) -> float:
    """Return what a second costs; the standard's range says how sure that is."""
    return 0.0 if costs is None else (costs.start_of_range + costs.end_of_range) / 2


def at_level(
    actuators: Iterable[FRBCActuatorDescription], level: float
) -> dict[UUID, list[Mode]]:
    """Return the modes of each actuator that are described at ``level``."""
    return {
        each.id: [m for m in (_at(mode, level) for mode in each.operation_modes) if m]
        for each in actuators
    }


def usable(modes: Iterable[Mode], level: float, levels: Span) -> Iterator[Mode]:
    """Yield those that do not fill what is full, or empty what is empty."""
    for mode in modes:
        fills = mode.rate.low >= 0 and mode.rate.high > 0
        empties = mode.rate.high <= 0 and mode.rate.low < 0
        if (level >= levels.high and fills) or (level <= levels.low and empties):
            continue
        yield mode


def _at(mode: FRBCOperationMode, level: float) -> Mode | None:
    """Return a mode at a fill level, None where it is not described there."""
    element = next(
        (e for e in mode.elements if within(level, span(e.fill_level_range))), None
    )
    if element is None:
        return None
    return Mode(
        id=mode.id,
        power_w=electric_w(element.power_ranges),
        rate=span(element.fill_rate),
        abnormal_only=mode.abnormal_condition_only,
        cost_per_s=middle(element.running_costs),
    )
