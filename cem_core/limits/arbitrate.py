"""Many limits -> the one in force for each direction, scope and phase."""

from collections.abc import Hashable, Iterable, MutableMapping
from datetime import datetime
from typing import Final

from cem_core.model import LimitsInForce, LimitSource, PowerLimit
from cem_core.model.limit import PhaseSide, Side

# Of two equal limits with the same priority the one is shown that is least
# expected: an order before what the meter always does, that before the contract.
_SHOWN_LATER: Final = {LimitSource.METER: 1, LimitSource.CONTRACT: 2}


def arbitrate(limits: Iterable[PowerLimit], at: datetime) -> LimitsInForce:
    """Return the strictest of ``limits`` for each direction, scope and phase.

    The result does not depend on the order in which the limits are given. A lower
    priority can make a limit stricter and never laxer.
    """
    total: dict[Side, PowerLimit] = {}
    per_phase: dict[PhaseSide, PowerLimit] = {}
    reaching_all: dict[Side, PowerLimit] = {}
    for limit in limits:
        if not limit.in_force(at):
            continue
        side = limit.direction, limit.scope
        if limit.phase is not None:
            _keep_stricter(per_phase, (*side, limit.phase), limit)
            continue
        _keep_stricter(total, side, limit)
        if limit.reaches_all:
            _keep_stricter(reaching_all, side, limit)
    for side, limit in total.items():
        if limit.reaches_all:
            del reaching_all[side]
    return LimitsInForce(total, per_phase, reaching_all)


def _keep_stricter[Key: Hashable](
    found: MutableMapping[Key, PowerLimit], key: Key, limit: PowerLimit
) -> None:
    if key not in found or _rank(limit) < _rank(found[key]):
        found[key] = limit


def _rank(limit: PowerLimit) -> tuple[int, int, int, str]:
    return (
        limit.limit_w,
        -limit.priority,
        _SHOWN_LATER.get(limit.source, 0),
        limit.limit_id,
    )
