"""A standing ceiling for solar under a cap on export.

The sun comes out faster than an inverter hears of it. So as long as one produces it
is told beforehand how far it may go, also while it produces less than that: what the
cap leaves beside what flows out already. Where a battery could store more the ceiling
is a little higher, and follows when the battery has taken what came.
"""

from collections.abc import Sequence
from typing import Final

from cem_core.dispatch.frame import Frame
from cem_core.dispatch.live import Live, sun_is_less
from cem_core.dispatch.shed import Claim

# At night and at dawn nothing comes all at once.
_PRODUCES_SHARE: Final = 0.05
# Of what it could produce: how far an inverter goes ahead of the batteries.
_AHEAD_SHARE: Final = 0.05


def unused_w(frame: Frame, asked: Sequence[Claim]) -> list[tuple[Claim, int]]:
    """Return the claims of inverters at work and what each might produce beyond."""
    found = []
    for claim in asked:
        live = frame.protected_first[claim.index]
        if not live.solar or not _at_work(live):
            continue
        most_w = live.device.rated_power_w if live.power_w is None else live.power_w
        if most_w > claim.wish_w:
            found.append((claim, most_w - claim.wish_w))
    return found


def _at_work(live: Live) -> bool:
    # One that is ordered something anyway is ordered no more than fits.
    produces = live.now_w > _PRODUCES_SHARE * live.device.rated_power_w
    if produces or live.power_w is not None:
        return True
    # It may produce that little because it was told to.
    if not live.was_limited or live.setpoint_w is None:
        return False
    return not sun_is_less(live.measured_w, live.trail or ((0.0, live.setpoint_w),))


def claim_all(frame: Frame, asked: Sequence[Claim]) -> None:
    """Claim all that inverters at work could produce: nothing shows what they do."""
    for claim in asked:
        live = frame.protected_first[claim.index]
        if live.solar and (live.measured_w is None or _at_work(live)):
            most_w = live.device.rated_power_w if live.power_w is None else live.power_w
            claim.wish_w = claim.demand_w = max(claim.wish_w, most_w)


def raise_ceilings(
    budget_w: float, asked: Sequence[Claim], unused: Sequence[tuple[Claim, int]]
) -> None:
    """Let the inverters in ``unused`` produce, in all, what is left of the budget."""
    left_w = budget_w - sum(claim.granted_w - claim.helped_w for claim in asked)
    spare_w = sum(claim.help_w - claim.helped_w for claim in asked)
    in_all_w = sum(more_w for _, more_w in unused)
    left_w = max(0.0, left_w) + min(spare_w, _AHEAD_SHARE * in_all_w)
    for claim, more_w in unused:
        most_w = claim.wish_w + more_w
        if claim.granted_w >= claim.wish_w:
            share_w = min(more_w, left_w * more_w / in_all_w)
            steps = int((claim.granted_w + share_w) // claim.step_w)
            claim.granted_w = most_w if share_w >= more_w else steps * claim.step_w
        claim.wish_w = most_w
