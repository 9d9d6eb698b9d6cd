"""Take power away at once, give it back gradually and only for good."""

from cem_core.dispatch.memory import Held
from cem_core.dispatch.settings import DispatchSettings


def ease(
    *,
    room_w: float,
    demand_w: float,
    held: Held | None,
    at_s: float,
    elapsed_s: float,
    limit_id: str | None,
    settings: DispatchSettings,
) -> tuple[float, Held | None]:
    """Return the budget for now, and what is still held back of the demand.

    ``room_w`` is what a limit leaves (infinite without one). Once it was too
    little, the budget rises at a ramp, after a delay, and stays clear of the
    room by more than noise: a load that trembles about the limit does not make
    the devices tremble with it.
    """
    if held is None or room_w < held.power_w:
        budget_w, cut_s = room_w, at_s
    else:
        # What no device could give (one was counted at its rated power, say)
        # need not be given back: the ramp starts at nothing, not below.
        budget_w, cut_s = max(held.power_w, min(0, room_w)), held.cut_s
        most_w = room_w - settings.give_back_hysteresis_w
        waited = at_s - cut_s >= settings.give_back_delay_s
        if waited and most_w > budget_w:
            risen_w = budget_w + settings.give_back_w_per_s * elapsed_s
            budget_w = min(risen_w, most_w)
        limit_id = limit_id or held.limit_id
    if budget_w >= demand_w:
        return budget_w, None
    return budget_w, Held(budget_w, cut_s, limit_id)
