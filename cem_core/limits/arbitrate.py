"""Many limits -> the one in force for each direction and scope."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from cem_core.model import Direction, LimitsInForce, LimitSource, PowerLimit, Scope

# Of two equal limits the one is shown that is least expected: an order before
# what the meter always does, and that before the contract.
_SHOWN_FIRST: Final = {
    LimitSource.ORDER: 0,
    LimitSource.METER: 1,
    LimitSource.CONTRACT: 2,
}


def arbitrate(limits: Iterable[PowerLimit], at: datetime) -> LimitsInForce:
    """Return the strictest of ``limits`` for each direction and scope.

    The result does not depend on the order in which the limits are given.
    """
    strictest: dict[tuple[Direction, Scope], PowerLimit] = {}
    for limit in limits:
        if not limit.in_force(at):
            continue
        key = limit.direction, limit.scope
        if key not in strictest or _rank(limit) < _rank(strictest[key]):
            strictest[key] = limit
    return LimitsInForce(strictest)


def _rank(limit: PowerLimit) -> tuple[int, int, str]:
    return limit.limit_w, _SHOWN_FIRST[limit.source], limit.limit_id
