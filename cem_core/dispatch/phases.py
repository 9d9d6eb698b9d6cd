"""What stands on one phase: limits per phase, and the imbalance of two phases.

Both are one rule: the powers of the devices, each with a weight, and the rest of the
house stay within a limit. On a phase a device weighs the share of its power that
flows there, for the imbalance of two phases the difference of its shares. A device
whose phase is not known counts on whichever phase is looked at.

VDE-AR-N 4100 5.5.2: generation, storage and charging load no phase more than
4.6 kVA above another; heat pumps and the household do not count. cos phi is taken
as 1.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import permutations
from math import inf
from typing import Final

from cem_core.dispatch.frame import Frame
from cem_core.dispatch.keep import Kept
from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import NOTHING_ON_PHASES, Held, PhaseMemory
from cem_core.dispatch.weighed_sum import Rule, keep_rule, strictest
from cem_core.model import (
    DeviceKind,
    Direction,
    LimitSource,
    PhaseReading,
    PowerLimit,
    Priority,
    Reading,
    Scope,
)
from cem_core.model.limit import PhaseSide

IMBALANCE: Final = "imbalance"
_PHASES: Final = (1, 2, 3)
_BALANCED: Final = {DeviceKind.SOLAR, DeviceKind.BATTERY, DeviceKind.EV_CHARGER}

type _Shares = tuple[float, ...]  # of a device's power, on each of the three phases


def keep_phases(frame: Frame, kept: Kept, *, same_devices: bool) -> PhaseMemory:
    """Turn devices down until each phase keeps its limits; return what to remember.

    ``same_devices``: those of known power are the same as at the last telegram.
    """
    limits, before = frame.limits.per_phase, frame.memory.phases
    imbalance_w = frame.settings.imbalance_w
    if not limits and imbalance_w is None and before is NOTHING_ON_PHASES:
        return NOTHING_ON_PHASES
    shares = [_shares_of(live) for live in frame.protected_first]
    loads_w: Mapping[int, float] = {}
    held: dict[PhaseSide, Held] = {}
    uneven: dict[tuple[int, int], Held] = {}
    if limits or before.held:
        loads_w = _loads_w(frame, shares, before.load_w if same_devices else {})
        for side, rule in _of_phases(frame, shares, loads_w):
            holding = keep_rule(frame, rule, kept)
            if holding is not None:
                held[side] = holding
    if imbalance_w is not None or before.uneven:
        for pair, rule in _of_imbalance(frame, shares, imbalance_w):
            holding = keep_rule(frame, rule, kept)
            if holding is not None:
                uneven[pair] = holding
    if not (loads_w or held or uneven):
        return NOTHING_ON_PHASES
    return PhaseMemory(loads_w, held, uneven)


def _shares_of(live: Live) -> _Shares:
    device, state = live.device, live.state
    in_use = None if state is None else state.phases_in_use
    return _shares(device.phases, device.phase_count, in_use)


@lru_cache(maxsize=256)
def _shares(phases: tuple[int, ...], count: int, in_use: int | None) -> _Shares:
    if not phases:
        return (1 / (in_use or count),) * len(_PHASES)
    used = phases[:in_use] if in_use else phases
    return tuple(1 / len(used) if phase in used else 0.0 for phase in _PHASES)


def _loads_w(
    frame: Frame, shares: Sequence[_Shares], before_w: Mapping[int, float]
) -> Mapping[int, float]:
    """Return what each phase carries without the devices of known power."""
    reading, grid_w = frame.reading, frame.grid_w
    if reading is None or grid_w is None:
        return {}
    if before_w and reading is frame.memory.reading:
        return before_w
    now_w, least_w, most_w = _Sums(), _Sums(), _Sums()
    for live, of_live in zip(frame.protected_first, shares, strict=True):
        if not live.known:
            continue
        if live.solar:
            now_w.add(-live.now_w, of_live)
            least_w.add(-live.most_w, of_live)
            most_w.add(-live.least_w, of_live)
        else:
            now_w.add(live.now_w, of_live)
            least_w.add(live.least_w, of_live)
            most_w.add(live.most_w, of_live)
    loads_w = {}
    for phase, power_w in _measured_w(reading, grid_w).items():
        load_w = before_w.get(phase, power_w - now_w.on(phase))
        load_w = max(load_w, power_w - most_w.on(phase))
        loads_w[phase] = min(load_w, power_w - least_w.on(phase))
    return loads_w


class _Sums:
    """Powers of devices summed up for each phase."""

    __slots__ = ("_each", "_everywhere")

    def __init__(self) -> None:
        self._everywhere = 0.0
        self._each = [0.0] * len(_PHASES)

    def add(self, power_w: float, shares: _Shares) -> None:
        """Add what a device draws."""
        first, second, third = shares
        if first == second == third:
            self._everywhere += first * power_w
            return
        for place, share in enumerate(shares):
            if share:
                self._each[place] += share * power_w

    def on(self, phase: int) -> float:
        """Return the sum on ``phase``."""
        return self._everywhere + self._each[phase - 1]


def _measured_w(reading: Reading, grid_w: int) -> Mapping[int, int]:
    """Return the net power on each phase.

    A meter that tells no phases may have all of it on one; one that tells only
    currents tells no direction: the total has one.
    """
    found = dict.fromkeys(_PHASES, grid_w)
    for phase in reading.phases:
        power_w = _power_w(phase, grid_w)
        if power_w is not None:
            found[phase.phase] = power_w
    return found


def _power_w(phase: PhaseReading, grid_w: int) -> int | None:
    if phase.import_power_w is not None or phase.export_power_w is not None:
        return (phase.import_power_w or 0) - (phase.export_power_w or 0)
    if phase.current_a is None or phase.voltage_v is None:
        return None
    power_w = round(phase.current_a * phase.voltage_v)
    return -power_w if grid_w < 0 else power_w


def _of_phases(
    frame: Frame, shares: Sequence[_Shares], loads_w: Mapping[int, float]
) -> Iterator[tuple[PhaseSide, Rule]]:
    """Yield the rules that may have to be kept: the certainly kept cost no more."""
    limits, held = frame.limits.per_phase, frame.memory.phases.held
    highest_w, lowest_w = _reach_w(frame.protected_first, shares)
    found: dict[PhaseSide, Rule] = {}
    for side in dict.fromkeys((*limits, *held)):
        direction, scope, phase = side
        limit, load_w, holding = limits.get(side), loads_w.get(phase), held.get(side)
        sign = 1 if direction is Direction.IMPORT else -1
        if scope is Scope.CONTROLLABLE:
            load_w = _fixed_w(frame, phase) if sign > 0 else 0.0
        reach_w = highest_w if sign > 0 else lowest_w
        if load_w is not None and limit is not None and holding is None:
            room_w = limit.limit_w - frame.settings.margin(limit.limit_w)
            if sign * (load_w + reach_w.on(phase)) <= room_w:
                continue
        weights = tuple(
            sign * of_live[phase - 1]
            if scope is Scope.CONNECTION or live.device.counts_as_controllable
            else 0.0
            for live, of_live in zip(frame.protected_first, shares, strict=True)
        )
        found[side] = Rule(
            limit=limit,
            weights=weights,
            load_w=None if load_w is None else sign * load_w,
            held=holding,
        )
    yield from strictest(found)


def _reach_w(lives: Sequence[Live], shares: Sequence[_Shares]) -> tuple[_Sums, _Sums]:
    """Return what the devices may draw at most and at least on each phase."""
    highest_w, lowest_w = _Sums(), _Sums()
    for live, of_live in zip(lives, shares, strict=True):
        power_w, now_w = live.power_w, live.now_w
        if not live.known:
            most_w, least_w = 0.0 if live.solar else inf, 0.0
            if live.solar or live.two_way:
                least_w = -inf
        elif power_w is None:
            rated_w = live.device.rated_power_w
            most_w, least_w = (-now_w, -rated_w) if live.solar else (rated_w, 0)
        elif live.solar:
            most_w, least_w = -min(now_w, power_w), -max(now_w, power_w)
        else:
            most_w, least_w = max(now_w, power_w), min(now_w, power_w)
        highest_w.add(most_w, of_live)
        lowest_w.add(least_w, of_live)
    return highest_w, lowest_w


def _fixed_w(frame: Frame, phase: int) -> float:
    """Return what the devices that no limit can change draw on ``phase``."""
    return sum(
        _shares_of(live)[phase - 1] * live.drawn_w
        for live in frame.fixed
        if live.device.counts_as_controllable
    )


def _of_imbalance(
    frame: Frame, shares: Sequence[_Shares], imbalance_w: int | None
) -> Iterator[tuple[tuple[int, int], Rule]]:
    uneven = [
        live.device.kind in _BALANCED and (not live.device.phases or len({*of}) > 1)
        for live, of in zip(frame.protected_first, shares, strict=True)
    ]
    limit = None if imbalance_w is None else imbalance_limit(imbalance_w)
    found: dict[tuple[int, int], Rule] = {}
    for pair in permutations(_PHASES, 2):
        weights = tuple(
            _difference(live, of, pair) if counts else 0.0
            for live, of, counts in zip(
                frame.protected_first, shares, uneven, strict=True
            )
        )
        holding = frame.memory.phases.uneven.get(pair)
        if any(weights) or holding is not None:
            found[pair] = Rule(limit=limit, weights=weights, load_w=0.0, held=holding)
    yield from strictest(found)


def _difference(live: Live, shares: _Shares, pair: tuple[int, int]) -> float:
    """Return how much more a W of ``live`` loads the first phase than the second."""
    more, less = pair
    if live.device.phases:
        return shares[more - 1] - shares[less - 1]
    if shares[0] * len(_PHASES) == 1:
        return 0.0
    # On whichever phase it does harm: drawing on the one, feeding in on the other.
    feeds_in = live.solar or (live.power_w or 0) < 0
    return -shares[0] if feeds_in else shares[0]


@lru_cache(maxsize=8)
def imbalance_limit(limit_w: int) -> PowerLimit:
    """Return what devices are said to be held back by, though it bounds no flow."""
    return PowerLimit(
        limit_id=IMBALANCE,
        source=LimitSource.CONTRACT,
        issuer=IMBALANCE,
        direction=Direction.IMPORT,
        scope=Scope.CONTROLLABLE,
        limit_w=limit_w,
        priority=Priority.CONTRACT,
    )
