"""A call of power that is held back: the moments that decide whether it can be met.

Between two steps' ends a plan's energies run straight, and what a call takes rises
straight until it ends, so that it is enough to look where either has a corner.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from optimizer.component import Expression
from optimizer.horizon import Horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """``hours`` of a call at most are over, ``part`` of step ``step`` is gone."""

    step: int
    part: float
    hours: float

    def at(self, energy_kwh: Callable[[int], Expression]) -> Expression:
        """Return what there is then of an energy told at steps' ends, -1 the start."""
        if self.part == 1:
            return energy_kwh(self.step)
        before, after = energy_kwh(self.step - 1), energy_kwh(self.step)
        return (1 - self.part) * before + self.part * after


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What has to hold of any call that begins within a step."""

    steps: range
    moments: tuple[Moment, ...]


def call(horizon: Horizon, t: int, hold_hours: float) -> Call:
    """Return the steps and moments of calls of ``hold_hours`` that begin in step t.

    Of what lies beyond the horizon only its end is looked at.
    """
    edges = [step * horizon.hours for step in range(horizon.steps + 1)]
    last = edges[t + 1] + hold_hours
    times = {edges[t] + hold_hours, last, *(e for e in edges if edges[t] < e < last)}
    seen = sorted({min(_whole(time, edges), edges[-1]) for time in times})
    found = [_moment(time, edges, t, hold_hours, seen) for time in seen]
    touched = [s for s in horizon.index if edges[t] <= edges[s] < last - _SAME_H]
    return Call(steps=range(t, touched[-1] + 1), moments=tuple(found))


_SAME_H = 1e-9


def _whole(time_h: float, edges: Sequence[float]) -> float:
    """Return the edge that is the same but for rounding, else the time."""
    return next((e for e in edges if abs(e - time_h) < _SAME_H), time_h)


def _moment(
    time_h: float,
    edges: Sequence[float],
    t: int,
    hold_hours: float,
    seen: Sequence[float],
) -> Moment:
    step = next(s for s in range(len(edges) - 1) if time_h <= edges[s + 1])
    # A call may go on beyond the last moment that is looked at.
    over = time_h - edges[t] if time_h < seen[-1] else hold_hours
    part = (time_h - edges[step]) / (edges[step + 1] - edges[step])
    return Moment(step=step, part=part, hours=min(hold_hours, over))
