"""The limits that the meter itself keeps, as its telegram states them."""

from typing import Final

from cem_core.limits.fuse import phase_limits, sum_w
from cem_core.model import (
    Breaker,
    Direction,
    LimitSource,
    PowerLimit,
    Priority,
    Reading,
    Scope,
)

# Meters without a limiter send all nines: 999.9 kW (some cut it to 999) and
# 999 A. They are no limits (e-MUCS 0-0:17.0.0 and 1-0:31.4.0).
_NO_LIMITER_W: Final = 999_000
_NO_FUSE_A: Final = 999


def meter_limits(reading: Reading) -> tuple[PowerLimit, ...]:
    """Return the meter's limiter, its fuse and its open breaker as limits."""
    limits = []
    threshold_w = reading.limiter_threshold_w
    if threshold_w is not None and 0 <= threshold_w < _NO_LIMITER_W:
        limits.append(
            _limit("limiter", Direction.IMPORT, threshold_w, Priority.CONTRACT)
        )
    fuse_a = reading.fuse_threshold_a
    if fuse_a is not None and 0 <= fuse_a < _NO_FUSE_A:
        # A meter that names no phases is taken for one with a single phase:
        # too strict does no harm, too loose blows the fuse.
        phases = [phase.phase for phase in reading.phases] or [1]
        fuse_w = sum_w(fuse_a, len(phases))
        limits.append(_limit("fuse", Direction.IMPORT, fuse_w, Priority.CONTRACT))
        if reading.phases:
            limits += phase_limits(fuse_a, phases, reading.phases, LimitSource.METER)
    if reading.breaker in {Breaker.DISCONNECTED, Breaker.READY}:
        # "ready" waits for a hand at the meter: nothing flows until then.
        limits += [_limit(f"breaker_{d}", d, 0, Priority.OBLIGATION) for d in Direction]
    return tuple(limits)


def _limit(
    name: str, direction: Direction, limit_w: int, priority: Priority
) -> PowerLimit:
    return PowerLimit(
        limit_id=f"meter_{name}",
        source=LimitSource.METER,
        issuer="meter",
        direction=direction,
        scope=Scope.CONNECTION,
        limit_w=limit_w,
        priority=priority,
    )
