"""After a power cut: each device may draw more only when its own time has come.

All homes of a street have their power back at the same moment, and all that was off
or is cold asks for it at once. So each device draws how long it waits, as power comes
back after an operator's limit (`give_back`), and those times are given out in order of
need. What generates waits likewise and then rises no faster than EN 50549-1, 4.10.2,
asks of a plant that had tripped. Nothing is turned down for it: what a device did when
it was first measured it may go on with. What nobody measures is taken to be off: an
order of before the cut says nothing of it.
"""

from collections.abc import Sequence
from math import inf
from typing import Final

from cem_core.dispatch.fleet import Fleet
from cem_core.dispatch.frame import Frame
from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import Comeback
from cem_core.dispatch.settings import DispatchSettings
from cem_core.model import Action, Cause, Device, DeviceKind

_RUNS_W: Final = 100  # what draws less stands by
# Each step of a ramp is an order, which an inverter may write to its memory.
_RAMP_STEP_S: Final = 60.0
_LEFT_ALONE: Final = (Cause.TEST, Cause.NOT_CONNECTED)
_FREE_W: Final = inf


def come_back(
    devices: Sequence[Device],
    *,
    since_s: float,
    chances: Sequence[float],
    settings: DispatchSettings,
) -> Comeback:
    """Return when each of ``devices`` may rise after power was back at ``since_s``.

    ``chances`` has one draw, evenly from 0 to 1, for each device. Loads have their
    turn as they keep their power under a limit, then batteries; the sun is not theirs
    to wait for.
    """
    fleet = Fleet.of(devices)
    drawn_s = [since_s + settings.return_after_cut_s(chance) for chance in chances]
    in_order = [devices[place] for place in (*fleet.protected_first, *fleet.fixed)]
    in_turns = sorted(
        (device for device in in_order if device.kind is not DeviceKind.SOLAR),
        key=lambda device: device.kind is DeviceKind.BATTERY,
    )
    suns = [device for device in in_order if device.kind is DeviceKind.SOLAR]
    turns_s = sorted(drawn_s[: len(in_turns)])
    free_s = zip([*in_turns, *suns], [*turns_s, *drawn_s[len(in_turns) :]], strict=True)
    return Comeback(
        since_s=since_s, free_s={device.device_id: at_s for device, at_s in free_s}
    )


def await_turn(frame: Frame) -> Comeback | None:
    """Hold what the devices in ``frame`` should do more than when they came back.

    Returns what is left of the comeback, None when it is over.
    """
    comeback = frame.memory.comeback
    if comeback is None or frame.at_s >= ends_s(comeback, frame.settings):
        return None
    seen_w = comeback.seen_w
    for live in frame.lives:
        device_id = live.device.device_id
        if (free_s := comeback.free_s.get(device_id)) is None:
            continue  # it came with a changed configuration
        if device_id not in seen_w and live.measured_w is not None:
            seen_w = {**seen_w, device_id: live.measured_w}
        if not live.commanded or live.protection or live.cause in _LEFT_ALONE:
            continue
        before_w = seen_w.get(device_id, 0)
        if live.solar:
            most_w = _produced_w(frame, live, before_w, free_s)
            _at_most(live, most_w)
            continue
        most_fed_in_w = _FREE_W
        if live.two_way:
            most_fed_in_w = _produced_w(frame, live, -before_w, free_s)
            _discharge_at_most(live, most_fed_in_w)
        if frame.at_s < free_s:
            _wait(live, before_w)
        if live.action is Action.BALANCE and (
            frame.at_s < free_s or most_fed_in_w < _FREE_W
        ):
            _balance_by_orders(live)
    return Comeback(since_s=comeback.since_s, free_s=comeback.free_s, seen_w=seen_w)


def ends_s(comeback: Comeback, settings: DispatchSettings) -> float:
    """Return when the last device is free, and its ramp over."""
    return max(comeback.free_s.values(), default=comeback.since_s) + ramp_s(settings)


def ramp_s(settings: DispatchSettings) -> float:
    """Return how long generation takes from nothing to its rated power."""
    return _RAMP_STEP_S / settings.reconnect_share_per_min


def _produced_w(frame: Frame, live: Live, before_w: int, free_s: float) -> float:
    """Return what may be fed in by now of what was ``before_w`` at first."""
    device, share = live.device, frame.settings.reconnect_share_per_min
    rated_w = device.rated_power_w if live.solar else device.rated_discharge_w
    steps = max(0.0, (frame.at_s - free_s) // _RAMP_STEP_S)
    power_w = max(0, before_w) + steps * share * rated_w
    return _FREE_W if power_w >= rated_w else power_w


def _wait(live: Live, before_w: int) -> None:
    if live.device.kind is DeviceKind.APPLIANCE:
        if live.desired_w and before_w < _RUNS_W:
            live.action, live.desired_w = Action.HOLD, None
            live.cause = Cause.POWER_CUT
        return
    step_w = live.device.step_w
    runs = before_w >= max(_RUNS_W, live.device.min_power_w)
    # Rounded up: what runs is not to be turned down.
    before_w = -(-before_w // step_w) * step_w if runs else 0
    _at_most(live, max(before_w, live.floor_w))


def _balance_by_orders(live: Live) -> None:
    """Keep a battery from balancing by a logic of its own, which knows no turns."""
    if live.desired_w is None:
        return
    live.cause = Cause.POWER_CUT
    live.action = Action.HOLD
    if live.desired_w:
        live.action = Action.CHARGE if live.desired_w > 0 else Action.DISCHARGE


def _at_most(live: Live, most_w: float) -> None:
    if most_w >= live.device.rated_power_w:
        return
    if live.desired_w is None or live.desired_w > most_w:
        live.desired_w, live.cause = live.rounded(most_w), Cause.POWER_CUT
        if live.solar:
            live.action = Action.CURTAIL


def _discharge_at_most(live: Live, most_w: float) -> None:
    if live.desired_w is not None and -live.desired_w > most_w:
        live.desired_w, live.cause = live.rounded(-most_w), Cause.POWER_CUT
