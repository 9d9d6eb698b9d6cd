"""What one device asks of a limit's budget."""

from cem_core.dispatch.frame import Frame
from cem_core.dispatch.live import Live
from cem_core.dispatch.shed import Claim
from cem_core.model import Action, Device


def consumer(frame: Frame, live: Live, place: int) -> Claim:
    """Return what ``live`` asks for to draw."""
    device = live.device
    floor_w = 0 if live.battery else live.floor_w
    claim = Claim(
        place, _wish_w(frame, live), device.min_power_w, device.step_w, floor_w
    )
    if live.was_limited:
        _use_only(frame, live, claim)
    if frame.memory.insisted and _is_cut(frame, device):
        claim.waits = True
        claim.use_only(0)
    return claim


def producer(frame: Frame, live: Live, place: int) -> Claim:
    """Return what ``live`` asks for to feed in."""
    device = live.device
    if live.solar:
        return Claim(place, _wish_w(frame, live), 0, device.step_w)
    least_w = device.min_power_w if live.car_gives else 0
    return Claim(place, max(0, -live.to_come_w), least_w, device.step_w)


def sun(frame: Frame, live: Live, place: int) -> Claim:
    """Return the claim of what an inverter produces now (see `ceiling`).

    What it might produce is not claimed: nothing is to be stored for it yet.
    """
    wish_w = _wish_w(frame, live)
    if live.measured_w is not None:
        wish_w = min(wish_w, max(0, live.measured_w))
    return Claim(place, wish_w, 0, live.device.step_w)


def helper(live: Live, place: int, spare_w: int) -> Claim:
    """Return a claim of nothing that adds up to ``spare_w`` to the budget."""
    step_w = live.device.step_w
    claim = Claim(place, 0, 0, step_w)
    claim.help_w = max(0, spare_w) // step_w * step_w
    return claim


def may_help(frame: Frame, live: Live) -> bool:
    """Tell whether a battery may be ordered to help others keep a limit."""
    return (
        live.commanded
        and live.action is not Action.OFF
        and frame.settings.battery_keeps_limits
    )


def _wish_w(frame: Frame, live: Live) -> int:
    """Return what ``live`` would draw (solar: produce) if it were free to."""
    if live.power_w is not None:
        return max(0, live.power_w)
    usage = frame.memory.usage.get(live.device.device_id)
    if live.was_limited or live.measured_w is None:
        return max(live.device.rated_power_w, 0 if usage is None else usage.peak_w)
    return max(0, live.measured_w, 0 if usage is None else usage.drawn_w)


def _use_only(frame: Frame, live: Live, claim: Claim) -> None:
    """Lower the claim of a device under a limit to what it can use of it now."""
    device = live.device
    usage = frame.memory.usage.get(device.device_id)
    if usage is not None and usage.reserve_w is not None:
        claim.use_only(usage.reserve_w)
    if device.ramp_w_per_s:
        claim.use_only(_reach_w(frame, live))
    if frame.memory.stopped_s and live.setpoint_w == 0 and _waits(frame, device):
        claim.waits = True
        claim.use_only(live.floor_w)


def _reach_w(frame: Frame, live: Live) -> int:
    """Return what a device that ramps can reach: what it cannot use others get."""
    reach_s = frame.settings.device_settle_s(live.device)
    reach_w = live.now_w + live.device.ramp_w_per_s * reach_s
    return max(live.device.min_power_w, live.rounded(reach_w))


def _waits(frame: Frame, device: Device) -> bool:
    """Tell whether a limit stopped ``device`` too short a while ago."""
    stopped_s = frame.memory.stopped_s.get(device.device_id)
    if stopped_s is None:
        return False
    rests_s = max(frame.settings.restart_after_s, device.min_off_s)
    return frame.at_s - stopped_s < rests_s


def _is_cut(frame: Frame, device: Device) -> bool:
    """One that was cut for not obeying gets nothing while the limit holds."""
    insistence = frame.memory.insisted.get(device.device_id)
    return insistence is not None and insistence.cut and not insistence.bridges
