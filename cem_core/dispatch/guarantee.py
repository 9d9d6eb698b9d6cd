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
        (claim, need_w)
        for claim in claims
        if (need_w := _need_w(claim, lives[claim.index])) > claim.floor_w
    ]
    spare_w = budget_w - sum(claim.floor_w for claim in claims)
    missing_w = 0.0
    while owed:
        missing_w = sum(need_w - claim.floor_w for claim, need_w in owed) - spare_w
        if missing_w <= sum(_lendable_w(claim, need_w) for claim, need_w in owed):
            break
        owed.pop()
    lent_w = max(0.0, missing_w)
    for claim, need_w in reversed(owed):
        lends_w = min(lent_w, _lendable_w(claim, need_w))
        lent_w -= lends_w
        claim.guarantee(lives[claim.index].rounded(need_w - lends_w))


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
