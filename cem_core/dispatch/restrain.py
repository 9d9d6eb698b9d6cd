"""What a device is not ordered, whatever the plan says.

To switch too often; to draw more than its slowness allows; to rise before that is
for good. A limit may stop a device within its least run: an operator's order and the
protection of the connection stand above it. Its least rest holds against all.
"""

from collections.abc import Mapping

from cem_core.dispatch.frame import Frame
from cem_core.dispatch.live import Live
from cem_core.model import Cause


def restrain(frame: Frame) -> None:
    """Change what the devices in ``frame`` should do to what they may."""
    for live in frame.restrained:
        device = live.device
        if not live.commanded or live.cause is Cause.TEST:
            continue
        if device.standing_limit_w is not None:
            _stand(live, device.standing_limit_w)
        if device.min_on_s or device.min_off_s:
            _keep_as_it_is(frame, live)


def _stand(live: Live, most_w: int) -> None:
    device = live.device
    if not device.slow or device.has_contactor or live.solar:
        return
    if live.desired_w is None or live.desired_w > most_w:
        live.desired_w = live.rounded(most_w)


def _keep_as_it_is(frame: Frame, live: Live) -> None:
    device, last_w = live.device, live.setpoint_w
    switched_s = frame.memory.switched_s.get(device.device_id)
    if switched_s is None or last_w is None or live.desired_w is None:
        return
    since_s = frame.at_s - switched_s
    if last_w > 0 and not live.desired_w:
        # What a limit has lowered goes on at that; the limit itself may stop it.
        if since_s < device.min_on_s:
            live.desired_w = device.min_power_w or last_w
    elif live.desired_w and not last_w and since_s < device.min_off_s:
        live.desired_w = 0


def switched(frame: Frame) -> Mapping[str, float]:
    """Return when each device with a least run or rest was last switched."""
    switched_s = frame.memory.switched_s
    for live in frame.restrained:
        device_id, last_w = live.device.device_id, live.setpoint_w
        if last_w is None or bool(live.power_w) is not bool(last_w):
            switched_s = {**switched_s, device_id: frame.at_s}
    return switched_s


def rise_slowly(frame: Frame) -> Mapping[str, float]:
    """Let slow devices have more only once that stood for as long as they take.

    What a battery helps with for some seconds would come back as an order that
    they follow when the help is over. Returns since when each could have more.
    """
    since_s = {}
    for live in frame.slow:
        setpoint_w, power_w = live.setpoint_w, live.power_w
        if not live.was_limited or setpoint_w is None:
            continue
        if power_w is not None and power_w <= max(0, setpoint_w):
            continue
        device_id = live.device.device_id
        began_s = frame.memory.could_rise_s.get(device_id, frame.at_s)
        if frame.at_s - began_s < frame.settings.device_settle_s(live.device):
            since_s[device_id] = began_s
            live.power_w, live.limited = setpoint_w, True
            live.cause = Cause.GIVE_BACK
    return since_s
