"""Operation modes as a plan sees them: off, or a power in one of a few ranges.

A mode with more than a standby's power is a range of its own. A timer that a start sets
off and that blocks the way back is a least run; one that a stop sets off, a least
rest. What a start and the stop after it cost is what a start costs.
"""

from collections.abc import Iterable, Sequence
from datetime import timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

from cem_core.s2.modes import Actuator, Mode, Way

_KW: Final = 1000.0
_STANDBY_W: Final = 50.0  # a mode with no more is off: electronics go on
_MINUTE: Final = timedelta(minutes=1)


def stages(modes: Sequence[Mode], actuator: Actuator) -> dict[str, Any]:
    """Return how a device with ``modes`` runs, as fields of HOME (kW, minutes).

    Modes for abnormal conditions are left out; empty: there is none that draws.
    """
    usual = [mode for mode in modes if not mode.abnormal_only]
    running = [mode for mode in usual if mode.power_w.high > _STANDBY_W]
    on = {mode.id for mode in running}
    off = {mode.id for mode in usual} - on
    ranges = _apart(running)
    if not ranges:
        return {}
    starts = [w for w in actuator.ways if w.before in off and w.after in on]
    stops = [w for w in actuator.ways if w.before in on and w.after in off]
    found: dict[str, Any] = {
        "min_power_kw": ranges[0][0] / _KW,
        "max_power_kw": ranges[-1][1] / _KW,
        "power_ranges": [
            {"min_kw": low_w / _KW, "max_kw": high_w / _KW} for low_w, high_w in ranges
        ],
        "min_on_minutes": _held(starts, stops, actuator),
        "min_off_minutes": _held(stops, starts, actuator),
        "start_cost": _cheapest(starts) + _cheapest(stops),
    }
    if actuator.active is not None:
        found["initially_on"] = actuator.active in on
    return found


def _apart(running: Iterable[Mode]) -> list[tuple[float, float]]:
    """Return the powers of modes in order; those that meet are one range."""
    found: list[tuple[float, float]] = []
    spans = sorted((max(m.power_w.low, 0.0), m.power_w.high) for m in running)
    for low_w, high_w in spans:
        if found and low_w <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high_w))
        else:
            found.append((low_w, high_w))
    return found


def _held(ways: Iterable[Way], back: Iterable[Way], actuator: Actuator) -> int:
    """Return for how many minutes at most ``ways`` block a way ``back``."""
    set_off: set[UUID] = {timer for way in ways for timer in way.starts}
    blocking = {timer for way in back for timer in way.blocked_by} & set_off
    longest = max(
        (actuator.timers.get(timer, timedelta()) for timer in blocking),
        default=timedelta(),
    )
    return ceil(longest / _MINUTE)


def _cheapest(ways: Iterable[Way]) -> float:
    return max(0.0, min((way.cost for way in ways), default=0.0))
