"""A plan that brings a new month's peak: told while there is time to do otherwise."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from cem_core.model.units import w

_QUARTER: Final = timedelta(minutes=15)
# Rounding of the plan, and what nobody is billed for.
_WORTH_TELLING_W: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakAhead:
    """The first clock quarter hour that is planned above the month's peak."""

    start: datetime
    mean_w: int
    peak_so_far_w: int


def peak_ahead(
    plan: Mapping[str, Any] | None, so_far_w: int | None
) -> PeakAhead | None:
    """Return the new peak that ``plan`` (PLAN) brings in the month of its start.

    ``so_far_w``: the highest quarter hour of the month, None: none is known, and then
    each would be a new one. Steps longer than a quarter hour count with their mean.
    """
    if plan is None or so_far_w is None or "grid" not in plan:
        return None
    if not plan["grid"]["import_kw"]:
        return None  # a plan by rules foretells no power at the connection
    quarters: dict[datetime, float] = {}
    times = [datetime.fromisoformat(time) for time in plan["times"]]
    steps = zip(times, plan["minutes"], plan["grid"]["import_kw"], strict=True)
    for start, minutes, import_kw in steps:
        if start.month != times[0].month:
            break
        at, end = start, start + timedelta(minutes=minutes)
        while at < end:
            quarter = _quarter(at)
            until = min(end, quarter + _QUARTER)
            share = (until - at) / _QUARTER
            quarters[quarter] = quarters.get(quarter, 0.0) + share * import_kw
            at = until
    for quarter, mean_kw in quarters.items():
        if w(mean_kw) > so_far_w + _WORTH_TELLING_W:
            return PeakAhead(start=quarter, mean_w=w(mean_kw), peak_so_far_w=so_far_w)
    return None


def _quarter(time: datetime) -> datetime:
    return time.replace(minute=time.minute // 15 * 15, second=0, microsecond=0)
