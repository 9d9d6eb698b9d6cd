"""Up to where a storage is to be filled by when: its target profile of FRBC."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from s2python.frbc import FRBCFillLevelTargetProfile

from cem_core.s2.power import Span
from cem_core.s2.storage import share


def wished(
    profile: FRBCFillLevelTargetProfile | None,
    levels: Span,
    now: datetime,
    capacity_kwh: float,
) -> Iterator[dict[str, Any]]:
    """Yield what it is to hold and when, as targets of HOME that are not over."""
    for begin, end, least in _parts(profile, levels):
        if end > now and least > 0:
            yield {
                "start": begin.isoformat(),
                "end": end.isoformat(),
                "energy_kwh": least * capacity_kwh,
            }


def sessions(
    profile: FRBCFillLevelTargetProfile | None,
    levels: Span,
    begin: datetime,
    capacity_kwh: float,
    stored_kwh: float,
) -> Iterator[dict[str, Any]]:
    """Yield what must be in it by when from ``begin`` on, as a session of HOME.

    Of several the first: the level is met once, and what follows starts from it.
    """
    for due, _, least in _parts(profile, levels):
        missing_kwh = least * capacity_kwh - stored_kwh
        if due > begin and missing_kwh > 0:
            yield {
                "arrive": begin.isoformat(),
                "depart": due.isoformat(),
                "energy_kwh": missing_kwh,
            }
            return


def _parts(
    profile: FRBCFillLevelTargetProfile | None, levels: Span
) -> Iterator[tuple[datetime, datetime, float]]:
    """Yield from when to when how full it has to be at least, from 0 to 1."""
    if profile is None:
        return
    begin = profile.start_time
    for element in profile.elements:
        end = begin + element.duration.to_timedelta()
        yield begin, end, share(element.fill_level_range.start_of_range, levels)
        begin = end
