"""Take power away at once, give it back gradually and only for good."""

from typing import Final

from cem_core.dispatch.memory import Held, Return
from cem_core.dispatch.settings import DispatchSettings

_AT_ONCE_S: Final = 0.001


def ease(
    *,
    room_w: float,
    clear_w: float,
    demand_w: float,
    waits: bool,
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
    little, the budget rises at a ramp, after a delay, and stays ``clear_w`` below
    the room: a load that trembles about the limit does not make the devices
    tremble with it. While a device ``waits`` to run again the budget stays held.

    ``ordered``: ``limit_id`` is an operator's. When such a limit has ended, what
    is demanded comes back evenly in a time that ``chance`` (0 to 1) chooses; that
    goes also for what is demanded only afterwards, by a new plan.
    """
    if held is None or room_w < held.power_w:
        done = room_w >= demand_w and not (waits or ordered)
        return room_w, None if done else Held(room_w, at_s, limit_id, ordered)
    # What no device could give (one was counted at its rated power, say)
    # need not be given back: the ramp starts at nothing, not below.
    power_w = max(held.power_w, min(0, room_w))
    most_w, back = room_w - clear_w, None
    if held.ordered and not ordered:
        lasts_s = max(_AT_ONCE_S, settings.return_s(chance))
        back = held.returning or Return(power_w, at_s, lasts_s)
        wanted_w = min(demand_w, most_w)
        rate_w = max(0.0, wanted_w - back.start_w) / back.lasts_s
        power_w = max(power_w, min(power_w + rate_w * elapsed_s, wanted_w))
        is_over = at_s + elapsed_s - back.start_s >= back.lasts_s
        if is_over and power_w >= wanted_w:
            back = None
    elif at_s - held.cut_s >= settings.give_back_delay_s and most_w > power_w:
        rate_w = float(settings.give_back_w_per_s)
        if limit_id is not None and demand_w <= most_w:  # nobody has to wait
            rate_w = max(rate_w, (demand_w - power_w) / settings.give_back_all_s)
        power_w = min(power_w + rate_w * elapsed_s, most_w)
    still_ordered = ordered or back is not None
    if power_w >= demand_w and not (waits or still_ordered):
        return power_w, None
    limit_id = limit_id or held.limit_id
    return power_w, Held(power_w, held.cut_s, limit_id, still_ordered, back)
