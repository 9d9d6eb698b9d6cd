"""Whether limits say the same as others did before."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from cem_core.model import PowerLimit

# A control box says how long, not until when: its end trembles with our clock.
_TREMBLES: Final = timedelta(seconds=5)


def agree(some: Iterable[PowerLimit], others: Iterable[PowerLimit]) -> bool:
    """Tell whether both hold the same limits, each until the same time.

    It is asked with each telegram.
    """
    one, other = ({x.limit_id: x for x in limits} for limits in (some, others))
    return one.keys() == other.keys() and all(
        _same(limit, other[limit_id]) for limit_id, limit in one.items()
    )


def _same(one: PowerLimit, other: PowerLimit) -> bool:
    if one is other:
        return True
    flow = one.direction is other.direction and one.scope is other.scope
    counted = one.basis is other.basis and one.phase == other.phase
    bound = one.limit_w == other.limit_w and one.start == other.start
    return flow and counted and bound and _near(one.end, other.end)


def _near(one: datetime | None, other: datetime | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) < _TREMBLES
