"""Leave each device its guaranteed minimum before the rest is shared out.

§14a EnWG guarantees a sum to a home with an energy manager; each device here has a
share of it (`Device.guaranteed_w`). A device that cannot run at its share (a car
needs 6 A on each phase) gets the least that it runs at, lent by those that can be
turned down further. Batteries have none: to charge can wait.
"""

from collections.abc import Sequence
from typing import Final

from cem_core.dispatch.live import Live
from cem_core.dispatch.shed import Claim
from cem_core.model import DeviceKind

_LENT_SHARE: Final = 0.5  # the most that a device lends of its own minimum


def leave_minimum(
    budget_w: float, claims: Sequence[Claim], lives: Sequence[Live]
) -> None:
    """Give ``claims``, those kept longest first, what each is guaranteed.

    Where ``budget_w`` does not allow all of it, those kept least go without.
    """
    owed = [
        (claim, live, need_w)
        for claim in claims
        if (need_w := _need_w(claim, live := lives[claim.index])) > claim.floor_w
    ]
    others_w = sum(claim.floor_w for claim in claims)
    while owed:
        left_w = budget_w - others_w + sum(claim.floor_w for claim, _, _ in owed)
        missing_w = sum(need_w for _, _, need_w in owed) - left_w
        lendable_w = sum(_lendable_w(claim, need_w) for claim, _, need_w in owed)
        if missing_w <= lendable_w:
            break
        owed.pop()
    else:
        return
    for claim, live, need_w in reversed(owed):
        lent_w = min(max(missing_w, 0), _lendable_w(claim, need_w))
        missing_w -= lent_w
        claim.guarantee(live.rounded(need_w - lent_w))


def _need_w(claim: Claim, live: Live) -> int:
    """Return what is to be left: its share, or the least that it runs at."""
    share_w = live.device.guaranteed_w
    if not share_w or live.device.kind is DeviceKind.BATTERY:
        return 0
    need_w = min(max(share_w, claim.min_w), claim.demand_w)
    return live.rounded(need_w)


def _lendable_w(claim: Claim, need_w: int) -> float:
    least_w = max(_LENT_SHARE * need_w, claim.min_w, claim.floor_w)
    return max(0.0, need_w - least_w)
