"""Plan, reading and limits -> setpoints, at every telegram.

The order of things: look at the devices, follow the plan (or the rule without
one), balance, keep the limits, write it down. Nothing here waits, reads a clock
or raises because of what a device or meter says.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cem_core.dispatch.ahead import throttle_ahead
from cem_core.dispatch.balance import Balanced, balance_batteries, balance_cars
from cem_core.dispatch.charging_site import keep_site, share_site, site_of
from cem_core.dispatch.comeback import await_turn
from cem_core.dispatch.fleet import Fleet
from cem_core.dispatch.follow import follow
from cem_core.dispatch.frame import Frame
from cem_core.dispatch.grid_draw import own_supply_w
from cem_core.dispatch.insist import insist
from cem_core.dispatch.keep import Kept, keep
from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import (
    NO_SITE,
    NOTHING_ON_PHASES,
    Memory,
    PhaseMemory,
    Side,
    Surplus,
    Usage,
)
from cem_core.dispatch.observe import observe
from cem_core.dispatch.orders import order
from cem_core.dispatch.phases import keep_phases
from cem_core.dispatch.planned import Block, block_of
from cem_core.dispatch.relief import turn_down
from cem_core.dispatch.restrain import restrain, rise_slowly, switched
from cem_core.dispatch.result import Dispatched
from cem_core.dispatch.settings import DispatchSettings
from cem_core.dispatch.usage import follow_usage
from cem_core.dispatch.warn import warnings
from cem_core.model import (
    Action,
    Cause,
    Device,
    DeviceState,
    Direction,
    LimitsInForce,
    Plan,
    PowerLimit,
    Reading,
    Scope,
)

# A pause (a suspended machine, a silent meter) is no reason to make up for it
# with one large step.
_LONGEST_STEP_S: Final = 10.0
_AS_TOLD: Final = " as told"


@dataclass(frozen=True, slots=True)
class _Seen:
    """What the telegram says about the power without some devices."""

    power_w: float | None
    of: tuple[str, ...]


def dispatch(
    *,
    now: datetime,
    monotonic_s: float,
    reading: Reading | None,
    limits: LimitsInForce,
    plan: Plan | None,
    devices: Sequence[Device],
    states: Mapping[str, DeviceState],
    settings: DispatchSettings,
    memory: Memory,
    announced: Sequence[PowerLimit] = (),
    chance: float = 0.5,
    shed: Mapping[str, Direction] | None = None,
) -> Dispatched:
    """Return what every device is to do now.

    ``now`` finds the step of the plan; durations run on ``monotonic_s``. A
    telegram is new when ``reading`` is another object than last time, so
    between telegrams the same one is passed again; None before the first.
    ``announced`` are limits that begin later.
    ``chance`` is drawn evenly from 0 to 1: with it power comes back after an
    operator's limit in another time than at the neighbours'.
    ``shed``: the devices that somebody turned down, for one side of the connection.
    """
    fleet = memory.fleet
    if fleet is None or (fleet.devices is not devices and fleet.devices != devices):
        fleet = Fleet.of(devices)
    frame = _frame(
        fleet=fleet,
        limits=limits,
        states=states,
        settings=settings,
        memory=memory,
        at_s=monotonic_s,
        reading=reading,
        chance=chance,
    )
    block = _block(frame, fleet, plan, now)
    for live, planned in zip(frame.lives, block.devices, strict=True):
        follow(live, planned, exports=block.exports)
    if shed:
        for live in frame.lives:
            if (direction := shed.get(live.device.device_id)) is not None:
                turn_down(live, direction)
    uncontrolled = _without(
        frame,
        frame.protected_first,
        _Seen(memory.uncontrolled_w, memory.uncontrolled_of),
    )
    frame.uncontrolled_w = uncontrolled.power_w
    steered = _balance(frame)
    restrain(frame)
    comeback = await_turn(frame)
    for live in frame.lives:
        live.power_w = live.desired_w
    site, site_memory = site_of(frame, now), NO_SITE
    if site is not None:
        site_memory = share_site(frame, site, now)
    if announced and frame.slow:
        throttle_ahead(frame, announced, now)
    frame.own_supply_w = own_supply_w(frame)
    kept = keep(frame)
    same_devices = uncontrolled.of == memory.uncontrolled_of
    phases = keep_phases(frame, kept, same_devices=same_devices)
    if site is not None:
        site_memory = keep_site(frame, site, kept, site_memory)
    could_rise_s = rise_slowly(frame)
    insisted = insist(frame, kept)
    orders = order(frame)
    after = Memory(
        fleet=fleet,
        block=block,
        at_s=monotonic_s,
        reading=reading,
        reading_s=frame.reading_s,
        uncontrolled_w=uncontrolled.power_w,
        uncontrolled_of=uncontrolled.of,
        unbalanced_w=steered.seen.power_w,
        unbalanced_of=steered.seen.of,
        balanced_w=steered.batteries_w,
        setpoints=orders.setpoints,
        trails=orders.trails,
        allowed=orders.allowed,
        held=kept.held,
        held_of_all=kept.held_of_all,
        usage=_usage(frame, kept, phases),
        limited=orders.limited,
        stopped_s=orders.stopped_s,
        surplus=steered.surplus,
        insisted=insisted,
        switched_s=switched(frame),
        could_rise_s=could_rise_s,
        phases=phases,
        site=site_memory,
        comeback=comeback,
    )
    return Dispatched(
        setpoints=orders.in_order,
        memory=after,
        excess_w=kept.excess_w,
        counted_w=_counted(frame),
        warnings=warnings(frame, kept, insisted),
    )


def _frame(
    *,
    fleet: Fleet,
    limits: LimitsInForce,
    states: Mapping[str, DeviceState],
    settings: DispatchSettings,
    memory: Memory,
    at_s: float,
    reading: Reading | None,
    chance: float,
) -> Frame:
    lives = [
        Live(device, states.get(device.device_id), memory, at_s)
        for device in fleet.devices
    ]
    elapsed_s = 0.0 if memory.at_s is None else at_s - memory.at_s
    is_old = reading is memory.reading and memory.at_s is not None
    reading_s = memory.reading_s if is_old else at_s
    silent = at_s - reading_s > settings.meter_silent_after_s
    return Frame(
        lives=lives,
        protected_first=[lives[place] for place in fleet.protected_first],
        fixed=[lives[place] for place in fleet.fixed],
        slow=[lives[place] for place in fleet.slow],
        restrained=[lives[place] for place in fleet.restrained],
        stores=[lives[place] for place in fleet.stores],
        limits=limits,
        settings=settings,
        memory=memory,
        at_s=at_s,
        elapsed_s=_step_s(elapsed_s),
        reading=reading,
        reading_s=reading_s,
        grid_w=None if reading is None or silent else reading.power_w,
        guaranteed_w=fleet.guaranteed_w,
        chance=chance,
        protects=any(live.protection is not None for live in lives),
    )


def _step_s(elapsed_s: float) -> float:
    """Return the time that what moves slowly has had: clocks go back, and rest."""
    return min(max(elapsed_s, 0.0), _LONGEST_STEP_S)


def _block(frame: Frame, fleet: Fleet, plan: Plan | None, now: datetime) -> Block:
    """Return what the plan says now; a stale one says nothing."""
    if plan is not None and now - plan.created_at > frame.settings.plan_stale_after:
        plan = None
    before = frame.memory.block
    if before is not None and before.holds(plan, fleet, now):
        return before
    return block_of(plan, fleet, now)


def _without(frame: Frame, lives: Iterable[Live], before: _Seen) -> _Seen:
    """Return the power at the connection without those of ``lives`` it knows."""
    known = [live for live in lives if live.known]
    # One that has come back says nothing yet, and what it was told before may be gone:
    # its first report is no change of the house.
    of = tuple(
        [
            live.device.device_id
            if live.measured_w is not None
            else live.device.device_id + _AS_TOLD
            for live in known
        ]
    )
    if frame.grid_w is None:
        return _Seen(None, of)
    # With other devices left out it is another quantity: start afresh.
    before_w = before.power_w if before.of == of else None
    if before_w is not None and frame.reading is frame.memory.reading:
        # The devices have moved on since this telegram, the house has not.
        return before
    return _Seen(observe(frame.grid_w, known, before_w), of)


@dataclass(frozen=True, slots=True)
class _Steered:
    """What balancing leaves to be remembered."""

    seen: _Seen
    surplus: Mapping[str, Surplus]
    batteries_w: Mapping[str, int]


def _balance(frame: Frame) -> _Steered:
    """Set what the devices in balance steps should do."""
    steered = [
        live for live in frame.stores if live.covers or live.action is Action.BALANCE
    ]
    memory = frame.memory
    seen = _without(frame, steered, _Seen(memory.unbalanced_w, memory.unbalanced_of))
    for live in steered:
        if not live.covers:
            live.desired_w = 0
    if seen.power_w is None:
        for live in steered:
            live.action, live.cause = Action.HOLD, Cause.METER_SILENT
            live.desired_w = 0
        return _Steered(seen, {}, {})
    is_old = frame.reading is memory.reading
    elapsed_s = frame.elapsed_s
    if not is_old and memory.at_s is not None:
        elapsed_s = _step_s(frame.at_s - memory.reading_s)
    now = Balanced(
        unbalanced_w=seen.power_w,
        at_s=frame.at_s,
        elapsed_s=elapsed_s,
        settings=frame.settings,
    )
    steered = [live for live in steered if live.known]
    cars = [x for x in steered if not x.battery]
    surplus = balance_cars(cars, memory.surplus, now)
    batteries_w = balance_batteries(
        [x for x in steered if x.battery],
        sum(car.now_w for car in cars),
        _charging_without_plan_w(frame),
        memory.balanced_w if is_old else {},
        now,
    )
    return _Steered(seen, surplus, batteries_w)


def _charging_without_plan_w(frame: Frame) -> int:
    return sum(
        live.now_w
        for live in frame.stores
        if live.cause is Cause.NO_PLAN
        and live.action is Action.CHARGE
        and not live.battery
    )


def _usage(frame: Frame, kept: Kept, phases: PhaseMemory) -> Mapping[str, Usage]:
    held = kept.held or kept.held_of_all
    shared = frame.settings.site_w is not None or phases is not NOTHING_ON_PHASES
    if not (frame.limits.strictest or held or shared):
        return {}
    return follow_usage(
        frame.protected_first,
        frame.memory.usage,
        frame.at_s,
        frame.elapsed_s,
        frame.settings,
    )


def _counted(frame: Frame) -> dict[Side, int]:
    drawn_w, produced_w = -frame.own_supply_w, 0
    for live in frame.lives:
        if live.device.counts_as_controllable:
            drawn_w += live.drawn_w
            produced_w += live.produced_w
    counted = {
        (Direction.IMPORT, Scope.CONTROLLABLE): max(0, drawn_w),
        (Direction.EXPORT, Scope.CONTROLLABLE): produced_w,
    }
    if frame.grid_w is not None:
        counted[Direction.IMPORT, Scope.CONNECTION] = max(0, frame.grid_w)
        counted[Direction.EXPORT, Scope.CONNECTION] = max(0, -frame.grid_w)
    return counted
