"""A fuse per phase, as a limit on each phase and on their sum.

A fuse bounds the current, whichever way it flows; what that is in W follows from the
voltage: the measured one, else the nominal one. cos phi is taken as 1.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

from cem_core.model import (
    Direction,
    LimitSource,
    PhaseReading,
    PowerLimit,
    Priority,
    Scope,
)

NOMINAL_V: Final = 230
# What a voltage may be by EN 50160 and some more; other values are nonsense.
_LEAST_V: Final = 180
_MOST_V: Final = 280


def phase_limits(
    fuse_a: float,
    phases: Sequence[int],
    measured: Sequence[PhaseReading],
    source: LimitSource,
) -> Iterator[PowerLimit]:
    """Yield the limits of a fuse of ``fuse_a`` A in each of ``phases``, both ways.

    ``measured`` are the meter's phases; one without a voltage has the nominal one.
    """
    volts = {phase.phase: _whole_volts(phase.voltage_v) for phase in measured}
    for phase in phases:
        for direction in Direction:
            yield _limit(fuse_a, phase, volts.get(phase, NOMINAL_V), direction, source)


def sum_w(fuse_a: float, phases: int) -> int:
    """Return what ``phases`` fuses of ``fuse_a`` A let through at nominal voltage."""
    return int(fuse_a * phases * NOMINAL_V)


def _whole_volts(voltage_v: float | None) -> int:
    """Return the voltage in whole volts: as it trembles, the limits do not."""
    if voltage_v is None or not _LEAST_V <= voltage_v <= _MOST_V:
        return NOMINAL_V
    return int(voltage_v)


@lru_cache(maxsize=512)  # they recur with every telegram
def _limit(
    fuse_a: float, phase: int, volts: int, direction: Direction, source: LimitSource
) -> PowerLimit:
    return PowerLimit(
        limit_id=f"{source}_fuse_l{phase}_{direction}",
        source=source,
        issuer=source.value,
        direction=direction,
        scope=Scope.CONNECTION,
        limit_w=int(fuse_a * volts),
        phase=phase,
        priority=Priority.CONTRACT,
    )
