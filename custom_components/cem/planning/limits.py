"""The power limits that a plan is made under, and until when each is taken to hold.

What bounds the connection for good, the contract and the meter's own limiter, is
`grid` in HOME; here is what somebody ordered: in force, announced, or failsafe. One
whose end nobody knows is taken to hold until the plan's end: a plan that hoped for an
earlier one would put the car off each time anew, and leave it empty.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from cem_core.dispatch import SITE
from cem_core.model import Basis, PowerLimit
from cem_core.model.units import kw
from custom_components.cem.const import Kind
from custom_components.cem.home import Home

_BASIS: Final = {Basis.CONSUMPTION: "gross", Basis.GRID_DRAW: "grid_draw"}
# The optimiser keeps a limit in every step that it touches; the shortest step.
_STEP: Final = timedelta(minutes=5)
_SLIVER: Final = timedelta(minutes=1)


def planned_limits(home: Home, until: datetime) -> Sequence[PowerLimit]:
    """Return what is ordered now, and what is to begin before ``until``."""
    found = {limit.limit_id: limit for limit in home.store.orders.limits}
    found |= {x.limit_id: x for x in home.snapshot.limits if x.is_order}
    return [
        limit
        for limit in found.values()
        # One phase is the fast loop's: a plan knows no phases of loads to come.
        if limit.phase is None and (limit.start is None or limit.start < until)
    ]


def turns(limits: Iterable[PowerLimit], until: datetime) -> Iterator[datetime]:
    """Yield when limits begin and end before ``until``: steps there have to be short."""
    for limit in limits:
        for time in (limit.start, limit.end):
            if time is not None and time < until:
                yield time


def limit_document(limit: PowerLimit) -> dict[str, Any]:
    """Return the limit as HOME writes it."""
    return {
        "id": limit.limit_id,
        "direction": limit.direction.value,
        "scope": limit.scope.value,
        "basis": _BASIS[limit.basis],
        "limit_kw": kw(limit.limit_w),
        "start": limit.start.isoformat() if limit.start else None,
        "end": _end(limit, limit.end).isoformat() if limit.end else None,
    }


def site_document(
    home: Home, devices: Iterable[Mapping[str, Any]]
) -> Iterator[dict[str, Any]]:
    """Yield what the line carries that all chargers among ``devices`` hang on."""
    chargers = [each["id"] for each in devices if each["kind"] == Kind.EV_CHARGER]
    if home.settings.site_w is not None and chargers:
        yield {
            "id": SITE,
            "direction": "import",
            "scope": "controllable",
            "limit_kw": kw(home.settings.site_w),
            "devices": chargers,
        }


def _end(limit: PowerLimit, end: datetime) -> datetime:
    """Return the end without the seconds that it has into a step.

    An order for two hours ends seconds after a step began: all of that step would be
    lost to it.
    """
    into = (end - datetime.min.replace(tzinfo=end.tzinfo)) % _STEP
    is_sliver = into < _SLIVER and (limit.start is None or limit.start < end - into)
    return end - into if is_sliver else end
