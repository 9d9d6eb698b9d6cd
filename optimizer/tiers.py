"""The steps of a plan on the clock: fine ones first, coarser ones further on.

A step ends at a multiple of its length on the local clock, one of more than an hour
at a full hour. So the first is short where the start lies within one, and a coarser
tier begins only at a multiple of its own.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from math import gcd
from typing import Final

from cem_core.tariff import into_hour
from optimizer.home import Tier

_HOUR_MINUTES: Final = 60
_LEAST_SHARE: Final = 0.1  # of a step; a shorter first step is joined to the next


def edges(tiers: Sequence[Tier], start: datetime, zone: tzinfo) -> Iterator[datetime]:
    """Yield ``start`` and the end of each step, without end."""
    edge = start
    yield edge
    for place, tier in enumerate(tiers):
        step, last = timedelta(minutes=tier.step_minutes), place == len(tiers) - 1
        while last or not _is_over(tiers, place, edge, start, zone):
            length = step
            if edge == start:
                length = first_step(start, step, zone)
            edge += length
            yield edge


def first_step(start: datetime, step: timedelta, zone: tzinfo) -> timedelta:
    """Return the length of the step that begins at ``start``."""
    unit = _unit(step)
    left = unit - into_hour(start, zone) % unit
    if left == unit:
        return step
    return left if left >= _LEAST_SHARE * step else left + step


def _is_over(
    tiers: Sequence[Tier], place: int, edge: datetime, start: datetime, zone: tzinfo
) -> bool:
    until, following = tiers[place].until_minutes, tiers[place + 1]
    unit = _unit(timedelta(minutes=following.step_minutes))
    aligned = not into_hour(edge, zone) % unit
    return until is not None and aligned and edge - start >= timedelta(minutes=until)


def _unit(step: timedelta) -> timedelta:
    """Return what the clock times at which such steps end are multiples of."""
    minutes = gcd(step // timedelta(minutes=1), _HOUR_MINUTES)
    return timedelta(minutes=minutes)
