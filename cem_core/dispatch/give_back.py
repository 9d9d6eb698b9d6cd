"""Take power away at once, give it back gradually and only for good."""

from typing import Final

from cem_core.dispatch.memory import Held
from cem_core.dispatch.settings import DispatchSettings

_AT_ONCE_S: Final = 0.001


def ease(
    *,
    room_w: float,
    demand_w: float,
    full_w: float,
    held: Held | None,
    at_s: float,
    elapsed_s: float,
    limit_id: str | None,
    ordered: bool,
    chance: float,
    settings: DispatchSettings,
) -> tuple[float, Held | None]:
    """Return the budget for now, and what is still held back of the demand.

    ``room_w`` is what a limit leaves (infinite without one). Once it was too
    little, the budget rises at a ramp, after a delay, and stays clear of the
    room by more than noise: a load that trembles about the limit does not make
    the devices tremble with it.

    ``ordered``: ``limit_id`` is an operator's. When such a limit has ended, the
    budget rises to ``full_w``, all that the devices could use, evenly in a time
    that ``chance`` (0 to 1) chooses; also what nobody demanded under the limit is
    given back so, because a new plan may demand it the next moment.
    """
    if held is None or room_w < held.power_w:
        eased = Held(room_w, at_s, limit_id, ordered)
    else:
        # What no device could give (one was counted at its rated power, say)
        # need not be given back: the ramp starts at nothing, not below.
        power_w = max(held.power_w, min(0, room_w))
        most_w = room_w - settings.give_back_hysteresis_w
        rise_w_per_s = None
        if held.ordered and not ordered:
            most_w = min(most_w, full_w)
            rise_w_per_s = held.rise_w_per_s
            if rise_w_per_s is None:
                missing_w = max(0.0, most_w - power_w)
                rise_w_per_s = missing_w / max(_AT_ONCE_S, settings.return_s(chance))
            rate_w = rise_w_per_s
            ordered = power_w + rate_w * elapsed_s < most_w
        elif at_s - held.cut_s >= settings.give_back_delay_s:
            rate_w = settings.give_back_w_per_s
        else:
            rate_w = 0
        if most_w > power_w:
            power_w = min(power_w + rate_w * elapsed_s, most_w)
        limit_id = limit_id or held.limit_id
        eased = Held(power_w, held.cut_s, limit_id, ordered, rise_w_per_s)
    if eased.power_w >= demand_w and not eased.ordered:
        return eased.power_w, None
    return eased.power_w, eased
