"""Matrices in HiGHS -> a solution with a proven bound, and what had to give way.

The linear optimum is a bound and nearly a plan; a dive makes it whole. Only where
the gap between the two is too large branch and bound goes on from there. At first
nothing may give way. If that is impossible, each rank in order is brought to its
least violation and held there; the cost is minimised last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cache
import time
from typing import Final

import numpy as np

from optimizer.climb import Climb, Method, gap_between
from optimizer.linear import Aim, Linear, Run, SolverError, aim_at
from optimizer.matrices import Compiled, Indices
from optimizer.series import Numbers

VIOLATED: Final = 1e-4  # kWh; less is the solver's tolerance
_CLOSE: Final = 1e-6
_LOOSE: Final = 1e-5  # kWh; an integer may be 1e-6 off, times the power it switches
_CLOSE_SHARE: Final = 1e-9  # more would be given to the cost: a kWh in a thousand
_LEAST_GAP: Final = 1e-6  # of a violation, which is said with its size
_LEAST_SECONDS: Final = 0.2
_HEADROOM: Final = 0.04  # of the time limit: no run of the solver ends just in time
_PATIENCE_S: Final = 10.0  # after the time limit, for want of any plan
_PREFERENCES_COST: Final = 1e-6


class Status(StrEnum):
    """How good a solution is."""

    OPTIMAL = "optimal"
    FEASIBLE = "feasible"
    RELAXED = "relaxed"
    INFEASIBLE = "infeasible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Giving:
    """The columns of one rank: its violation in kWh and its slacks."""

    rank: int
    violation: int
    slacks: Indices


@dataclass(frozen=True, slots=True, kw_only=True)
class Solution:
    """Values by column, duals by row (cost per unit of the row's right side)."""

    status: Status
    method: Method
    values: Numbers
    duals: Callable[[], Numbers] = field(repr=False)
    objective: float
    bound: float
    gap: float
    compiled: Compiled  # whose columns and rows they are

    @property
    def row_dual(self) -> Numbers:
        """The duals by row: unpacked when first asked for, as few are."""
        return self.duals()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    run: Run
    bound: float
    linear: Linear
    method: Method


def solve(
    compiled: Compiled,
    giving: Callable[[], Sequence[Giving]],
    *,
    gap: float,
    time_limit_s: float,
    tighter: Callable[[], Compiled] | None = None,
) -> Solution:
    """Return the best solution found in ``time_limit_s``. Raises `SolverError`.

    While there is no plan at all the linear problem may take longer: then it is
    rounded at once.

    ``giving`` is asked only where something has to give way, ``tighter`` for a
    model with the same columns and more rows where the gap is too large.
    """
    seconds = max(time_limit_s * (1 - _HEADROOM), _LEAST_SECONDS)
    deadline = time.monotonic() + seconds
    linear, worst = Linear(compiled, compiled.closed, deadline), None
    linear.patience_s = _PATIENCE_S
    found = _minimise(linear, _money(linear), gap, tighter)
    if (
        gap < _PREFERENCES_COST
        and found is not None
        and _gap(found, _money(linear)) > gap
    ):
        # So fine a gap leaves nothing to preferences.
        pure = aim_at(linear.instance, compiled.entries.cost)
        found = _better(found, _minimise(linear, pure, gap), pure)
    ranks = giving() if found is None else ()
    for close in (_CLOSE, _LOOSE):
        patience_s = linear.seconds_left + _PATIENCE_S
        if found is None and ranks and patience_s > 0:
            linear = Linear(compiled, compiled.opened, deadline)
            worst = _give_way(linear, ranks, close)
            linear.patience_s = _PATIENCE_S
            found = _minimise(linear, _money(linear), gap)
    if found is None:
        message = f"no plan in the {time_limit_s:.1f} s left to the solver"
        raise SolverError(message)
    values, offset = found.run.values, compiled.offset
    objective = float(compiled.entries.cost @ values + offset)
    bound = min(found.bound + offset, objective)
    reached = gap_between(objective, bound)
    if worst is not None:
        status = Status.INFEASIBLE if worst == 0 else Status.RELAXED
    else:
        status = Status.OPTIMAL if reached <= gap else Status.FEASIBLE
        if not np.isfinite(bound):
            status = Status.RELAXED  # feasible is said with a proven gap only
    return Solution(
        status=status,
        method=found.method,
        values=values,
        duals=cache(found.run.row_dual),
        objective=objective,
        bound=bound,
        gap=reached,
        compiled=found.linear.compiled,
    )


def _money(linear: Linear) -> Aim:
    compiled = linear.compiled
    return aim_at(linear.instance, compiled.entries.cost, compiled.preferences)


def _minimise(
    linear: Linear,
    aim: Aim,
    gap: float,
    tighter: Callable[[], Compiled] | None = None,
) -> _Found | None:
    """Return the best plan and a bound, None if there is no plan."""
    climb = Climb(linear, aim, gap)
    climb.climb(tighter)
    if climb.best is None:
        return None
    return _Found(
        run=climb.best,
        bound=climb.bound,
        linear=climb.best_linear,
        method=climb.method,
    )


def _gap(found: _Found, aim: Aim) -> float:
    offset = found.linear.compiled.offset
    objective = float(aim.cost @ found.run.values)
    return gap_between(objective + offset, found.bound + offset)


def _better(one: _Found, other: _Found | None, aim: Aim) -> _Found:
    """Return the cheaper with the higher bound of both."""
    if other is None:
        return one
    bound = max(one.bound, other.bound)
    cheaper = min(other, one, key=lambda found: float(aim.cost @ found.run.values))
    return replace(cheaper, bound=bound)


def _give_way(linear: Linear, giving: Sequence[Giving], close: float) -> int | None:
    """Open every slack; return the first rank that stays violated, if any.

    The least violation of each rank is held to within ``close`` kWh, so narrowly
    that the solver's tolerances may leave no plan at all.
    """
    worst = None
    for part in giving:
        columns = np.append(part.slacks, np.int32(part.violation)).astype(np.int32)
        none, any_ = np.zeros(len(columns)), np.full(len(columns), np.inf)
        linear.bound(columns, none, any_)
    for part in sorted(giving, key=lambda part: part.rank):
        cost = np.zeros(len(linear.lower))
        cost[part.violation] = 1.0
        linear.patience_s = _PATIENCE_S
        found = _minimise(linear, aim_at(linear.instance, cost), _LEAST_GAP)
        if found is None:
            break
        least = float(found.run.values[part.violation])
        if least > VIOLATED and worst is None:
            worst = part.rank
        most = least * (1 + _CLOSE_SHARE) + close
        column = np.array([part.violation], np.int32)
        linear.bound(column, np.zeros(1), np.array([most]))
    return worst
