"""Carry out what a limit leaves: turn devices down to what each was granted."""

from collections.abc import Sequence
from typing import Final

from cem_core.dispatch.frame import Frame, spares
from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import Side
from cem_core.dispatch.shed import Claim
from cem_core.model import Cause, Direction, PowerLimit

# Of its rated power: what a curtailed inverter gets back is worth an order from here on.
_STEP_SHARE: Final = 0.02


def carry_out(
    frame: Frame, side: Side, asked: Sequence[Claim], cause: Cause, limit_id: str | None
) -> None:
    """Order each device of ``asked`` to what it was granted of the limit of a side."""
    sign = 1 if side[0] is Direction.IMPORT else -1
    for claim in asked:
        live, granted_w = frame.protected_first[claim.index], claim.granted_w
        if claim.helped_w:
            power_w = live.power_w or 0
            start_w = min(power_w, 0) if sign > 0 else max(power_w, 0)
            turn_down(live, start_w - sign * claim.helped_w, cause, limit_id)
            continue
        if live.solar and live.was_limited:
            granted_w = _steadied(live, granted_w, frame)
        if granted_w >= claim.wish_w:
            continue
        if not (live.battery or live.car_gives):
            turn_down(live, min(granted_w, live.device.rated_power_w), cause, limit_id)
        elif live.power_w is None or sign * live.power_w > granted_w:
            # (one that helps has gone further already)
            turn_down(live, sign * granted_w, cause, limit_id)


def _steadied(live: Live, granted_w: int, frame: Frame) -> int:
    """Return what an inverter is granted: it rises by steps that are worth an order.

    Its standing ceiling trembles with the load and with the sun on other roofs, and
    each order may wear a memory out.
    """
    last_w = live.setpoint_w
    if last_w is None:
        return granted_w
    rated_w = live.device.rated_power_w
    step_w = max(frame.settings.dead_band_w, round(_STEP_SHARE * rated_w))
    return last_w if last_w <= granted_w < last_w + step_w else granted_w


def turn_down_unknown(
    side: Side, limit: PowerLimit, unknown: Sequence[Live], frame: Frame
) -> None:
    """Order devices that do not tell their power to what is certainly kept."""
    for live in unknown:
        if live.state is None or not live.state.available:
            continue
        if spares(limit, live, blindly=True):
            continue
        power_w = min(live.floor_w, live.device.rated_power_w)
        if live.battery:
            power_w = 0
        elif side[0] is Direction.EXPORT:
            margin_w = frame.settings.margin(limit.limit_w)
            power_w = live.rounded(max(0, limit.limit_w - margin_w) // len(unknown))
        if live.power_w is None or power_w < live.power_w:
            turn_down(live, power_w, Cause.LIMIT, limit.limit_id)


def turn_down(live: Live, power_w: int, cause: Cause, limit_id: str | None) -> None:
    """Order ``live`` to ``power_w`` because of a limit."""
    live.power_w = power_w
    live.cause = cause
    live.limit_id = limit_id
    live.limited = True
