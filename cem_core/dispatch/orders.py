"""Write down what every device is to do, and what to remember of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from cem_core.dispatch.frame import Frame
from cem_core.dispatch.live import Live, sun_is_less
from cem_core.dispatch.memory import Trail
from cem_core.model import Action, Cause, Setpoint


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The setpoints in the order of the devices and by id, and their traces."""

    in_order: tuple[Setpoint, ...]
    setpoints: Mapping[str, Setpoint]
    trails: Mapping[str, Trail]
    allowed: Mapping[str, Trail]
    limited: frozenset[str]
    stopped_s: Mapping[str, float]


def order(frame: Frame) -> Orders:
    """Return the setpoints for the devices in ``frame``."""
    last = frame.memory.setpoints
    setpoints: dict[str, Setpoint] = {}
    trails: dict[str, Trail] = {}
    limited: list[str] = []
    allowed = frame.memory.allowed
    stopped_s = frame.memory.stopped_s
    for live in frame.lives:
        device_id = live.device.device_id
        before = last.get(device_id)
        setpoint = _setpoint(live, device_id, before)
        setpoints[device_id] = setpoint
        trail = live.trail
        if setpoint is not before:
            trail = _mark(frame, live, setpoint, before)
            if live.solar and before is not None:
                allowed = _lower(frame, live, setpoint, before, allowed)
        if trail:
            trails[device_id] = trail
        if live.limited:
            limited.append(device_id)
            if live.power_w == 0 and live.device.min_power_w and live.setpoint_w != 0:
                stopped_s = {**stopped_s, device_id: frame.at_s}
    return Orders(
        in_order=tuple(setpoints.values()),
        setpoints=setpoints,
        trails=trails,
        allowed=allowed,
        limited=frozenset(limited),
        stopped_s=stopped_s,
    )


def _setpoint(live: Live, device_id: str, before: Setpoint | None) -> Setpoint:
    action, power_w, cause = live.action, live.power_w, live.cause
    if live.state is None or not live.state.available:
        power_w, cause = live.setpoint_w, Cause.UNAVAILABLE
    elif live.limited:
        action = _limited_action(live, action)
    if (
        before is not None
        and before.power_w == power_w
        and before.cause is cause
        and before.action is action
        and before.limit_id == live.limit_id
        and before.use is live.use
    ):
        return before
    return Setpoint(
        device_id=device_id,
        action=action,
        power_w=power_w,
        cause=cause,
        limit_id=live.limit_id,
        use=live.use,
    )


def _limited_action(live: Live, action: Action) -> Action:
    if live.solar:
        return Action.CURTAIL
    if action is Action.BALANCE or not live.power_w:
        return action
    if live.power_w < 0:
        return Action.DISCHARGE
    return Action.CHARGE if action is Action.HOLD else action


def _mark(
    frame: Frame, live: Live, setpoint: Setpoint, before: Setpoint | None
) -> Trail:
    """Return where the device may be from now on until it has followed."""
    power_w = setpoint.power_w
    last_w = None if before is None else before.power_w
    # One that was away has fallen back meanwhile: it goes there anew.
    is_back = before is not None and before.cause is Cause.UNAVAILABLE
    if before is not None and last_w == power_w and not is_back:
        return live.trail
    if power_w is None and last_w is None:
        return live.trail
    if not is_back and _beyond(live, power_w):
        return live.trail
    rated_w = live.device.rated_power_w
    start_w = live.now_w if live.known else rated_w
    end_w = rated_w if power_w is None else power_w
    until_s = _until_s(frame, live, start_w, end_w)
    return (*live.trail, (until_s, start_w), (until_s, end_w))


def _until_s(frame: Frame, live: Live, start_w: int, end_w: int) -> float:
    """Return when an order of now is carried out at the latest."""
    until_s = frame.at_s + frame.settings.device_settle_s(live.device)
    if live.device.ramp_w_per_s:
        until_s += abs(end_w - start_w) / live.device.ramp_w_per_s
    return until_s


def _lower(
    frame: Frame,
    live: Live,
    setpoint: Setpoint,
    before: Setpoint,
    allowed: Mapping[str, Trail],
) -> Mapping[str, Trail]:
    """Remember what an inverter was allowed before this order, if that was more."""
    rated_w, device_id = live.device.rated_power_w, live.device.device_id
    last_w = rated_w if before.power_w is None else before.power_w
    power_w = rated_w if setpoint.power_w is None else setpoint.power_w
    if last_w <= power_w:
        return allowed
    until_s = _until_s(frame, live, last_w, power_w)
    still = [mark for mark in allowed.get(device_id, ()) if mark[0] > frame.at_s]
    return {**allowed, device_id: (*still, (until_s, last_w))}


def _beyond(live: Live, power_w: int | None) -> bool:
    """Tell whether an order asks again for what the device did not do before.

    Then it is not believed to be on its way.
    """
    if power_w is None or live.measured_w is None:
        return False
    if live.solar and live.setpoint_w is not None and power_w > live.measured_w:
        # The orders alone: every second mark, from the last one backwards.
        orders = live.trail[::-2] or ((0.0, live.setpoint_w),)
        return sun_is_less(live.measured_w, orders)
    if live.stuck:
        return power_w < live.measured_w
    able = live.device.rated_power_w, -live.device.rated_discharge_w
    return (live.most_able_w != able[0] and power_w > live.most_able_w) or (
        live.least_able_w != able[1] and power_w < live.least_able_w
    )
