"""When a run that a compressor offers begins and ends, as the plan has it.

The plan's powers are all that moves it (`compressor.next_step`): here they are read as
that function will read them while they are carried out.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from cem_core.eebus.compressor import BEGINS_AT, PAUSES_BELOW
from cem_core.eebus.offer import Offer, Phase

_UNDER_WAY: Final = frozenset({Phase.SCHEDULED, Phase.RUNNING})
_TO_COME: Final = frozenset({Phase.AVAILABLE, Phase.PAUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """One run from ``start`` to ``end``; ``begun``: it is under way already."""

    start: datetime
    end: datetime
    power_w: float
    begun: bool

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return round((self.end - self.start) / timedelta(minutes=1))


def planned_run(
    run: Offer, edges: Sequence[datetime], power_w: Sequence[float]
) -> PlannedRun | None:
    """Return the run in a plan, None where it does not begin in it.

    ``power_w`` is what the heat pump is given in each step between two ``edges``. It
    lasts until clearly less is given, and no shorter than it has to.
    """
    if not run.commanded or run.power_w <= 0:
        return None
    begun = run.phase in _UNDER_WAY
    if not begun and run.phase not in _TO_COME:
        return None
    earliest = edges[0] + timedelta(seconds=0.0 if begun else run.earliest_s)
    least_w = (PAUSES_BELOW if begun else BEGINS_AT) * run.power_w
    first = _first(
        t
        for t, given_w in enumerate(power_w)
        if given_w >= least_w and edges[t + 1] > earliest
    )
    if first is None or (begun and first > 0):
        return None
    less_w = PAUSES_BELOW * run.power_w
    last = _first(t for t in range(first, len(power_w)) if power_w[t] < less_w)
    start = max(edges[first], earliest)
    end = edges[len(power_w) if last is None else last]
    if not begun:
        end = max(end, start + timedelta(seconds=run.run_min_s))
    return PlannedRun(start=start, end=end, power_w=run.power_w, begun=begun)


def _first(places: Iterable[int]) -> int | None:
    return next(iter(places), None)
