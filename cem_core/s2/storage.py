"""A storage of S2, whose fill level has any unit, in Wh.

A mode that draws P in W raises the level by r a second, so a unit of level takes
P / (3600 r) Wh. Where it can be emptied as well, what comes out of a unit is less; the
loss is shared evenly: both efficiencies are the root of the round trip's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
import math
from typing import Final
from uuid import UUID

from s2python.frbc import FRBCActuatorDescription, FRBCOperationModeElement

from cem_core.s2.power import Span, electric_w, span

_SECONDS: Final = 3600.0
_FULL: Final = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Energy:
    """What a storage holds over its whole range, and what filling and emptying lose."""

    capacity_wh: float
    charge_efficiency: float = 1.0
    discharge_efficiency: float = 1.0
    into_wh: Mapping[UUID, float] = field(default_factory=dict)
    """What it takes each actuator that draws to fill it."""


def energy(actuators: Iterable[FRBCActuatorDescription], levels: Span) -> Energy | None:
    """Return what the storage holds between ``levels``; None where no mode fills it."""
    into_wh: dict[UUID, float] = {}
    emptied_wh = []
    for actuator in actuators:
        for mode in actuator.operation_modes:
            into, out = _energies(mode.elements, levels)
            if into is not None:
                into_wh[actuator.id] = min(into, into_wh.get(actuator.id, into))
            emptied_wh += [] if out is None else [out]
    if not into_wh and not emptied_wh:
        return None
    # Of several ways the least lossy: it is the one that a plan would use.
    into = min(into_wh.values(), default=max(emptied_wh, default=0.0))
    out = max(emptied_wh, default=into)
    efficiency = math.sqrt(min(1.0, out / into))
    return Energy(
        capacity_wh=into * efficiency,
        charge_efficiency=efficiency,
        discharge_efficiency=efficiency,
        into_wh=into_wh,
    )


def _energies(
    elements: Sequence[FRBCOperationModeElement], levels: Span
) -> tuple[float | None, float | None]:
    """Return the Wh that filling takes and emptying gives, None: this mode does not."""
    into = out = 0.0
    for element in elements:
        power_w, rate = electric_w(element.power_ranges), span(element.fill_rate)
        within = span(element.fill_level_range)
        width = min(within.high, levels.high) - max(within.low, levels.low)
        if width <= 0:
            continue
        for factor in (0.0, 1.0):
            power, speed = power_w.at(factor), rate.at(factor)
            if power > 0 and speed > 0:
                into += width * power / speed / _SECONDS / _ways(power_w, rate, 1)
            elif power < 0 and speed < 0:
                out += width * power / speed / _SECONDS / _ways(power_w, rate, -1)
    return into or None, out or None


def _ways(power_w: Span, rate: Span, sign: int) -> int:
    """Return at how many ends of an element the storage is filled, or emptied."""
    ends = ((power_w.at(f) * sign, rate.at(f) * sign) for f in (0.0, 1.0))
    return sum(power > 0 and speed > 0 for power, speed in ends)


def share(level: float, levels: Span) -> float:
    """Return how full it is, from 0 to 1."""
    width = levels.high - levels.low
    if width <= _FULL:
        return 0.0
    return min(1.0, max(0.0, (level - levels.low) / width))
