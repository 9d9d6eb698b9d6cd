"""Many limits -> the one in force for each direction, scope and phase."""

from collections.abc import Hashable, Iterable, MutableMapping
from datetime import datetime
from typing import Final

from cem_core.model import Basis, LimitsInForce, LimitSource, PowerLimit
from cem_core.model.limit import DRAW, PhaseSide, Side

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
    consumption: dict[Side, PowerLimit] = {}
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
        if side == DRAW and limit.basis is Basis.CONSUMPTION:
            _keep_stricter(consumption, side, limit)
    for side, limit in total.items():
        if reaching_all.get(side) is limit:
            del reaching_all[side]
    by_draw = DRAW in total and total[DRAW].basis is Basis.GRID_DRAW
    return LimitsInForce(
        total, per_phase, reaching_all, consumption.get(DRAW) if by_draw else None
    )


def _keep_stricter[Key: Hashable](
    found: MutableMapping[Key, PowerLimit], key: Key, limit: PowerLimit
) -> None:
    if key not in found or _rank(limit) < _rank(found[key]):
        found[key] = limit


def _rank(limit: PowerLimit) -> tuple[int, bool, int, int, str]:
    return (
        limit.limit_w,
        limit.basis is Basis.GRID_DRAW,  # of equal powers it leaves more
        -limit.priority,
        _SHOWN_LATER.get(limit.source, 0),
        limit.limit_id,
    )
