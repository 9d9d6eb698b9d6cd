"""§14a EnWG in a home in Germany: which of its devices count, and what they are left.

Elsewhere every device of a kind that can be controlled counts, and nothing is owed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from cem_core.model import Basis, LimitSource, PowerLimit
from cem_core.model.limit import DRAW
from cem_core.model.units import W_PER_KW, kw
from cem_core.tariff.enwg14a import Group, RatedDevice, shares_kw
from custom_components.cem.forms.para14a import (
    COUNTRY,
    GROUPS,
    NO_GROUP,
    NOT_REGISTERED,
    REGISTERED,
    VOLUNTARY,
)

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice

# Who orders in the operator's name: their limits bound what comes from the grid.
_OPERATORS: Final = (LimitSource.CONTROL_BOX, LimitSource.RELAY)


def applies(country: str | None) -> bool:
    """Tell whether §14a EnWG holds in ``country``."""
    return country == COUNTRY


def mark(devices: Iterable[ControlledDevice], country: str | None) -> int | None:
    """Mark the devices that count, with what each is left; return P_min in W.

    Return None where nothing is owed: in another country, or without such a device.
    """
    if not applies(country):
        return None
    known = {device.device_id: device for device in devices}
    rated = {each.device_id: each for each in filter(None, map(rating, known.values()))}
    shares_w = _whole(shares_kw(rated.values()))
    for device_id, device in known.items():
        if device.kind in GROUPS:
            device.model = replace(
                device.model,
                counts_as_controllable=device_id in shares_w,
                guaranteed_w=shares_w.get(device_id, 0),
            )
    return sum(shares_w.values()) if shares_w else None


def rating(device: ControlledDevice) -> RatedDevice | None:
    """Return how ``device`` is registered, None for an ordinary load.

    A form that was filled in before it asked for this counts as if it were new and
    registered: who does not know must not be let off a limit.
    """
    groups, data = GROUPS.get(device.kind), device.data
    if groups is None:
        return None
    group = data.get("para14a_group", groups[0].value)
    if group == NO_GROUP:
        return None
    registration = data.get("para14a_registration", REGISTERED)
    commissioned = data.get("para14a_commissioned")
    return RatedDevice(
        device_id=device.device_id,
        group=Group(group),
        rated_kw=data.get("para14a_rated_power", kw(device.model.rated_power_w)),
        commissioned=None if commissioned is None else date.fromisoformat(commissioned),
        registered=registration != NOT_REGISTERED,
        voluntary=registration == VOLUNTARY,
    )


def details(device: ControlledDevice) -> dict[str, Any]:
    """Return what the form says of ``device``, for its page."""
    rated = rating(device)
    return {
        "counts": device.model.counts_as_controllable,
        "group": None if rated is None else rated.group.value,
        "rated_power_kw": None if rated is None else rated.rated_kw,
        "commissioned": device.data.get("para14a_commissioned"),
        "registration": device.data.get("para14a_registration", REGISTERED),
        "grid_operator": device.data.get("para14a_operator"),
        "registration_number": device.data.get("para14a_number"),
    }


def for_plan(device: ControlledDevice) -> dict[str, Any]:
    """Return what HOME has to say of a device that limits leave alone."""
    counts = device.kind not in GROUPS or device.model.counts_as_controllable
    return {} if counts else {"controllable": False}


def by_grid_draw(
    limits: Iterable[PowerLimit], country: str | None
) -> tuple[PowerLimit, ...]:
    """Return ``limits`` with the basis that an operator's order has in ``country``."""
    if not applies(country):
        return tuple(limits)
    return tuple(
        replace(limit, basis=Basis.GRID_DRAW)
        if limit.source in _OPERATORS and (limit.direction, limit.scope) == DRAW
        else limit
        for limit in limits
    )


def _whole(shares_kw: Mapping[str, float]) -> dict[str, int]:
    """Return shares in whole W that add up to the whole of their sum."""
    marks_w, total_w = [0], 0.0
    for share_kw in shares_kw.values():
        total_w += share_kw * W_PER_KW
        marks_w.append(round(total_w))
    return {
        device_id: after - before
        for device_id, (before, after) in zip(shares_kw, pairwise(marks_w), strict=True)
    }
