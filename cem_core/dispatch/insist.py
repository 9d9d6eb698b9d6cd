"""Harder and harder actions on a device that does not do what a limit needs of it.

A device has its declared time (`DispatchSettings.device_settle_s`) for an order.
If it draws more than any order of that time allowed, the order is repeated, then
lowered to the least it can run at, then it is switched off, and where an operator's
order or the meter's limit is in force and it has a contactor, its supply is cut:
each `harder_after_s` (a slower device: its reaction) after the last. It has its
supply back when that limit ends.

A device that is too slow to keep an operator's limit is no disobedient one: where
others cannot make up for it, its contactor bridges the time that it takes.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from cem_core.dispatch.frame import Frame, applies
from cem_core.dispatch.keep import Kept
from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import Insistence, Rung, Side
from cem_core.model import Action, Cause, Direction, PowerLimit, Protection, Scope

_OVER_W: Final = 150
_OVER_SHARE: Final = 0.06  # a voltage of 243 V where 230 V is reckoned with


def insist(frame: Frame, kept: Kept) -> Mapping[str, Insistence]:
    """Harden what is ordered to devices that do not obey; return how far it is."""
    memory = frame.memory
    if not (memory.limited or memory.insisted or kept.excess_w):
        return {}
    insisted = {}
    for live in frame.lives:
        if live.protection is Protection.FROST and live.floor_w:
            continue  # it is left the power against frost, whatever it does with it
        before = None
        if memory.insisted:
            before = memory.insisted.get(live.device.device_id)
        if before is None and live.trusted and not (live.limited and _deaf(live)):
            continue
        now = _next(frame, kept, live, before)
        if now is not None:
            insisted[live.device.device_id] = now
            _harden(live, now)
    return insisted


def _deaf(live: Live) -> bool:
    """Tell cheaply of most devices that they are not."""
    measured_w = live.measured_w
    if measured_w is None or -_OVER_W <= measured_w <= _OVER_W:
        return False
    last_w = live.setpoint_w or 0
    if measured_w < 0:
        return live.two_way and measured_w < min(0, last_w) - _OVER_W
    return measured_w > max(0, min(last_w, live.power_w or 0)) + _OVER_W


def _next(
    frame: Frame, kept: Kept, live: Live, before: Insistence | None
) -> Insistence | None:
    if before is not None and before.cut:
        return _cut(frame, live, before)
    found = _limit_on(frame, kept, live)
    if found is None:
        return None
    if not live.trusted:
        return _without_answer(frame, live, found[1], before)
    if live.measured_w is None or live.setpoint_w is None:
        return None  # nobody can tell
    return _compared(frame, kept, live, found, before)


def _compared(
    frame: Frame,
    kept: Kept,
    live: Live,
    found: tuple[Side, PowerLimit],
    before: Insistence | None,
) -> Insistence | None:
    """Compare what it draws with what it was ordered."""
    side, limit = found
    if _needs_bridge(live, side, limit, kept):
        return _bridge(frame, live, before)
    if _over_w(frame, live, limit, before) > 0:
        return _harder(frame, live, limit, before)
    if before is not None and before.bridges:
        return replace(before, rung=None)
    return None


def _cut(frame: Frame, live: Live, before: Insistence) -> Insistence | None:
    """Keep the supply cut while it must be."""
    if not any(
        limit.reaches_all and _concerns(live, side, limit)
        for side, limit in frame.limits.strictest.items()
    ):
        return None
    if before.bridges and frame.at_s >= before.until_s:
        return replace(before, rung=None)
    return before


def _limit_on(frame: Frame, kept: Kept, live: Live) -> tuple[Side, PowerLimit] | None:
    """Return the limit that needs something of ``live``."""
    for side, limit in frame.limits.strictest.items():
        if live.limited:
            if limit.limit_id == live.limit_id:
                return side, limit
        elif (
            not live.trusted and side in kept.excess_w and _concerns(live, side, limit)
        ):
            return side, limit
    for (direction, scope, _), limit in frame.limits.per_phase.items():
        if live.limited and limit.limit_id == live.limit_id:
            return (direction, scope), limit
    return None


def _concerns(live: Live, side: Side, limit: PowerLimit) -> bool:
    device = live.device
    if side[1] is Scope.CONTROLLABLE and not device.counts_as_controllable:
        return False
    direction_fits = live.two_way or live.solar is (side[0] is Direction.EXPORT)
    return direction_fits and device.interruptible and applies(limit, live)


def _without_answer(
    frame: Frame, live: Live, limit: PowerLimit, before: Insistence | None
) -> Insistence | None:
    """One that takes no orders at all: only its contactor can help."""
    if not live.device.has_contactor or not limit.reaches_all:
        return None
    if before is None:
        return Insistence(since_s=frame.at_s)
    declared_s = min(
        frame.settings.settle_s, frame.settings.device_settle_s(live.device)
    )
    if frame.at_s - before.since_s < declared_s:
        return before
    return replace(before, rung=Rung.CONTACTOR, rung_s=frame.at_s, bridges=False)


def _needs_bridge(live: Live, side: Side, limit: PowerLimit, kept: Kept) -> bool:
    return (
        live.device.slow
        and live.device.has_contactor
        and limit.reaches_all
        and bool(live.trail)
        and side in kept.excess_w
        and live.measured_w is not None
        and live.measured_w - max(0, live.power_w or 0) > _OVER_W
    )


def _bridge(frame: Frame, live: Live, before: Insistence | None) -> Insistence:
    if before is None:
        return Insistence(since_s=frame.at_s, bridges=True)
    if frame.at_s - before.since_s < frame.settings.harder_after_s:
        return before
    return Insistence(
        since_s=before.since_s,
        rung=Rung.CONTACTOR,
        rung_s=frame.at_s,
        bridges=True,
        until_s=frame.at_s + frame.settings.device_settle_s(live.device),
    )


def _over_w(
    frame: Frame, live: Live, limit: PowerLimit, before: Insistence | None
) -> float:
    """Return by how much ``live`` is beyond all that it was ordered of late.

    Once it was not believed, only what it is ordered now counts.
    """
    measured_w, setpoint_w = live.measured_w or 0, live.setpoint_w or 0
    ordered_w = [setpoint_w]
    if before is None or before.rung is None:
        ordered_w += [power_w for _, power_w in live.trail]
        allowed = frame.memory.allowed.get(live.device.device_id, ())
        ordered_w += [power_w for until_s, power_w in allowed if until_s > frame.at_s]
    if live.two_way and limit.direction is Direction.EXPORT:
        measured_w, allowed_w = -measured_w, max(0, -min(ordered_w))
    else:
        allowed_w = max(0, *ordered_w)
    return measured_w - allowed_w - max(_OVER_W, _OVER_SHARE * allowed_w)


def _harder(
    frame: Frame, live: Live, limit: PowerLimit, before: Insistence | None
) -> Insistence:
    at_s = frame.at_s
    if before is None or (before.rung is None and not before.bridges):
        return Insistence(since_s=at_s, rung=Rung.REPEAT, rung_s=at_s)
    if before.rung is None:  # the bridge was for nothing
        return Insistence(since_s=at_s, rung=Rung.CONTACTOR, rung_s=at_s)
    wait_s = max(frame.settings.harder_after_s, live.device.reaction_s or 0)
    if at_s - before.rung_s < wait_s:
        return before
    for rung in Rung:
        if rung > before.rung and _helps(rung, live, limit):
            return replace(before, rung=rung, rung_s=at_s)
    return before


def _helps(rung: Rung, live: Live, limit: PowerLimit) -> bool:
    """Tell whether it is anything else than what is ordered already."""
    if rung is Rung.CONTACTOR:
        return live.device.has_contactor and limit.reaches_all
    least_w = live.device.min_power_w if rung is Rung.LOWER else 0
    return (live.power_w or 0) > least_w and (least_w > 0 or rung is Rung.STOP)


def _harden(live: Live, insistence: Insistence) -> None:
    rung, power_w = insistence.rung, live.power_w
    if rung is None or rung is Rung.REPEAT or insistence.bridges:
        return
    least_w = live.device.min_power_w if rung is Rung.LOWER else 0
    if power_w is None or power_w > least_w or rung is Rung.CONTACTOR:
        live.power_w = least_w
        live.cause, live.limited = Cause.NOT_OBEYING, True
        if not least_w and not live.solar:
            live.action = Action.OFF
