"""Operation modes as a plan sees them: off, or a power in one of a few ranges.

A mode with more than a standby's power is a range of its own. A timer that a start sets
off and that blocks the way back is a least run; one that a stop sets off, a least
rest; one that is not over yet holds it for as long. What a start and the stop after it
cost is what a start costs, and the quickest path to any power is how long one takes.
"""

from collections.abc import Callable, Iterable, Sequence, Set as AbstractSet
from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Any, Final
from uuid import UUID

from cem_core.s2.modes import Actuator, Mode
from cem_core.s2.paths import Network, Path, Timers
from cem_core.s2.power import Span

_KW: Final = 1000.0
STANDBY_W: Final = 50.0  # a mode with no more is off: electronics go on
_HOUR_S: Final = 3600.0
_MINUTE: Final = timedelta(minutes=1)
_ANY_TIME: Final = datetime(2000, 1, 1, tzinfo=UTC)  # what it is does not matter


def drawn(mode: Mode) -> Span:
    """Return what a mode draws."""
    return mode.power_w


def stages(
    modes: Sequence[Mode],
    actuator: Actuator,
    now: datetime,
    measured: Callable[[Mode], Span] = drawn,
) -> dict[str, Any]:
    """Return how a device with ``modes`` runs, as fields of HOME (kW, minutes).

    ``measured`` is the power by which a mode runs or rests. Modes for abnormal
    conditions are left out; empty: there is none that runs.
    """
    usual = [mode for mode in modes if not mode.abnormal_only]
    running = [mode for mode in usual if measured(mode).high > STANDBY_W]
    on = {mode.id for mode in running}
    off = {mode.id for mode in usual} - on
    ranges = _apart(map(measured, running))
    if not ranges:
        return {}
    network = actuator.network(usual)
    # Where an order of nothing leads to.
    rest = min(
        (mode for mode in usual if mode.id in off),
        key=lambda mode: max(abs(mode.power_w.low), abs(mode.power_w.high)),
        default=None,
    )
    strongest = max(running, key=lambda mode: measured(mode).high)
    per_s = strongest.cost_per_s - (0.0 if rest is None else rest.cost_per_s)
    found: dict[str, Any] = {
        "min_power_kw": ranges[0][0] / _KW,
        "max_power_kw": ranges[-1][1] / _KW,
        "power_ranges": [
            {"min_kw": low_w / _KW, "max_kw": high_w / _KW} for low_w, high_w in ranges
        ],
    }
    if per_s > 0:
        found["cost_per_hour"] = per_s * _HOUR_S
    if rest is not None:
        found |= _runs_and_rests(network, on, rest.id)
    if actuator.active is not None:
        found["initially_on"] = actuator.active in on
        ready = max(now, actuator.through or now)
        targets = off if actuator.active in on else on
        left = _held(network, actuator.active, ready, actuator.finished, targets)
        found["held_minutes"] = ceil((left + (ready - now)) / _MINUTE)
    return found


def least_turn(
    actuator: Actuator,
    modes: Sequence[Mode],
    charge: Iterable[Mode],
    give: Iterable[Mode],
) -> int:
    """Return in minutes the longest that any turn from one to the other takes."""
    network, longest = actuator.network(modes), timedelta()
    kinds = {mode.id for mode in charge}, {mode.id for mode in give}
    for mine, other in (kinds, kinds[::-1]):
        for mode in mine:
            turns = [path.arrives - _ANY_TIME for path in _to(network, mode, other)]
            longest = max(longest, min(turns, default=timedelta()))
    return ceil(longest / _MINUTE)


def _runs_and_rests(
    network: Network, on: AbstractSet[UUID], rest: UUID
) -> dict[str, Any]:
    starts = _to(network, rest, on)
    stops = [path for mode in on for path in _to(network, mode, {rest})]
    starting = min((path.arrives - _ANY_TIME for path in starts), default=timedelta())
    return {
        "min_on_minutes": _least(network, starts, {rest}),
        "min_off_minutes": _least(network, stops, on),
        "start_cost": _cheapest(starts) + _cheapest(stops),
        "start_minutes": starting / _MINUTE,
    }


def _apart(running: Iterable[Span]) -> list[tuple[float, float]]:
    """Return the powers of modes in order; those that meet are one range."""
    found: list[tuple[float, float]] = []
    spans = sorted((max(power.low, 0.0), power.high) for power in running)
    for low_w, high_w in spans:
        if found and low_w <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], high_w))
        else:
            found.append((low_w, high_w))
    return found


def _to(network: Network, mode: UUID, targets: AbstractSet[UUID]) -> list[Path]:
    """Return the paths from a mode to some others, no timer running at first."""
    paths = network.paths(mode, _ANY_TIME, {})
    return [path for to, path in paths.items() if to in targets]


def _least(network: Network, paths: Iterable[Path], back: AbstractSet[UUID]) -> int:
    """Return in minutes after how long at most one of ``paths`` lets it go ``back``.

    Counted from when it begins, so that it takes at least as long as that itself.
    """
    longest = timedelta()
    for path in paths:
        if path.ways:
            there, at = path.ways[-1].after, path.arrives
            held = _held(network, there, at, path.finished, back)
            longest = max(longest, held + (at - _ANY_TIME))
    return ceil(longest / _MINUTE)


def _held(
    network: Network,
    mode: UUID,
    ready: datetime,
    timers: Timers,
    targets: AbstractSet[UUID],
) -> timedelta:
    """Return what ``timers`` add to the time it takes to be in one of ``targets``."""
    with_them, without = (
        min((p.arrives for to, p in found.items() if to in targets), default=ready)
        for found in (
            network.paths(mode, ready, timers),
            network.paths(mode, ready, {}),
        )
    )
    return with_them - without


def _cheapest(paths: Iterable[Path]) -> float:
    return max(0.0, min((path.cost for path in paths), default=0.0))
