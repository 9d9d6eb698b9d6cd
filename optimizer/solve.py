"""Matrices in HiGHS -> a solution with a proven bound, and what had to give way.

The linear optimum is a bound and nearly a plan; a dive makes it whole. Only where
the gap between the two is too large branch and bound goes on from there. At first
nothing may give way. If that is impossible, each rank in order is brought to its
least violation and held there; the cost is minimised last.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
import time
from typing import Final

import numpy as np

from optimizer.dive import dive
from optimizer.exact import Neighbourhood, search
from optimizer.linear import Aim, Linear, Run, SolverError, aim_at
from optimizer.matrices import Compiled, Indices
from optimizer.series import Numbers

VIOLATED: Final = 1e-4  # kWh; less is the solver's tolerance
_CLOSE: Final = 1e-6
_LOOSE: Final = 1e-5  # kWh; an integer may be 1e-6 off, times the power it switches
_CLOSE_SHARE: Final = 1e-9  # more would be given to the cost: a kWh in a thousand
_LEAST_GAP: Final = 1e-6  # of a violation, which is said with its size
_LEAST_SECONDS: Final = 0.2
_BUILD_SECONDS: Final = 1e-4  # a column, to build a tighter model; on a slow machine
_PREFERENCES_COST: Final = 1e-6
_ALIKE: Final = 0.1  # an integer of a plan and of the linear optimum
_ENOUGH: Final = 0.5  # of the gap, to stop a search near a plan at


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
    values: Numbers
    row_dual: Numbers
    objective: float
    bound: float
    gap: float
    compiled: Compiled  # whose columns and rows they are


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    run: Run
    root: Run
    bound: float
    linear: Linear


def solve(
    compiled: Compiled,
    giving: Callable[[], Sequence[Giving]],
    *,
    gap: float,
    time_limit_s: float,
    tighter: Callable[[], Compiled] | None = None,
) -> Solution:
    """Return the best solution found in ``time_limit_s``. Raises `SolverError`.

    ``giving`` is asked only where something has to give way, ``tighter`` for a
    model with the same columns and more rows where the gap is too large.
    """
    deadline = time.monotonic() + max(time_limit_s, _LEAST_SECONDS)
    linear, worst = Linear(compiled, compiled.closed, deadline), None
    found = _minimise(linear, _money(linear), gap, tighter)
    if found is not None and _gap(found, _money(linear)) > gap < _PREFERENCES_COST:
        # So fine a gap leaves nothing to preferences.
        pure = aim_at(linear.instance, compiled.entries.cost)
        found = _better(found, _minimise(linear, pure, gap), pure)
    ranks = giving() if found is None else ()
    for close in (_CLOSE, _LOOSE):
        if found is None and ranks and linear.seconds_left > 0:
            linear = Linear(compiled, compiled.opened, deadline)
            worst = _give_way(linear, ranks, close)
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
    return Solution(
        status=status,
        values=values,
        row_dual=found.run.row_dual,
        objective=objective,
        bound=bound,
        gap=reached,
        compiled=found.linear.compiled,
    )


def gap_between(objective: float, bound: float) -> float:
    """Return the share of the cost that a better plan could save at most."""
    apart = objective - bound
    return 0.0 if apart <= _CLOSE * _CLOSE else apart / max(abs(objective), _CLOSE)


def _money(linear: Linear) -> Aim:
    compiled = linear.compiled
    return aim_at(linear.instance, compiled.entries.cost, compiled.weights)


def _minimise(
    linear: Linear,
    aim: Aim,
    gap: float,
    tighter: Callable[[], Compiled] | None = None,
) -> _Found | None:
    """Return the best plan and a bound, None if there is no plan."""
    found, possible = _linear(linear, aim, gap, careful=tighter is None)
    if not possible:
        return None
    if found is not None and _gap(found, aim) <= gap:
        return found
    bound = -np.inf if found is None else found.bound
    enough = linear.seconds_left > _BUILD_SECONDS * len(linear.lower)
    if tighter is not None and enough and linear.compiled.half_on:
        compiled = tighter()
        linear = Linear(compiled, compiled.closed, linear.deadline)
        again, _ = _linear(linear, aim, gap, careful=True)
        found = _better(found, again, aim)
        if found is not None and _gap(found, aim) <= gap:
            return found
    if found is not None:
        found = _nearby(found, aim, gap)
        if _gap(found, aim) <= gap:
            return found
    searched = search(linear, None if found is None else found.run.values, gap)
    bound = max(bound, searched.bound, -np.inf if found is None else found.bound)
    if searched.values is not None:
        run = _exact(linear, searched.values)
        other = _Found(run=run, root=run, bound=bound, linear=linear)
        return _better(found, other, aim)
    return None if found is None else replace(found, bound=bound)


def _linear(
    linear: Linear, aim: Aim, gap: float, *, careful: bool
) -> tuple[_Found | None, bool]:
    """Return the dive's plan, and whether there can be one."""
    linear.minimise(aim)
    root = linear.run()
    if root is None:
        return None, False
    whole = dive(linear, root, careful=careful)
    if whole is None:
        return None, True
    found = _Found(run=whole, root=root, bound=root.bound, linear=linear)
    surer = replace(found, bound=root.bound + aim.spread)
    if _gap(found, aim) > gap >= _gap(surer, aim):
        found = replace(found, bound=max(root.bound, _bound(linear, aim)))
    return found, True


def _nearby(found: _Found, aim: Aim, gap: float) -> _Found:
    """Return the best plan near ``found``: what it shares with the root is held."""
    linear, integers = found.linear, found.linear.compiled.integers
    root, own = found.root.values[integers], np.round(found.run.values[integers])
    alike = np.abs(root - own) < _ALIKE
    offset = linear.compiled.offset
    enough = found.bound + gap * _ENOUGH * abs(found.bound + offset)
    near = Neighbourhood(columns=integers[alike], values=own[alike], target=enough)
    searched = search(linear, found.run.values, gap * _ENOUGH, near)
    if searched.values is None:
        return found
    run = _exact(linear, searched.values)
    other = replace(found, run=run)
    return min(other, found, key=lambda found: float(aim.cost @ found.run.values))


def _gap(found: _Found, aim: Aim) -> float:
    offset = found.linear.compiled.offset
    objective = float(aim.cost @ found.run.values)
    return gap_between(objective + offset, found.bound + offset)


def _better(one: _Found | None, other: _Found | None, aim: Aim) -> _Found | None:
    """Return the cheaper with the higher bound of both."""
    if one is None or other is None:
        return one or other
    bound = max(one.bound, other.bound)
    cheaper = min(other, one, key=lambda found: float(aim.cost @ found.run.values))
    return replace(cheaper, bound=bound)


def _bound(linear: Linear, aim: Aim) -> float:
    """Return what no plan is cheaper than, without the preferences' uncertainty."""
    linear.minimise(aim_at(linear.instance, aim.cost))
    run = linear.run()
    linear.minimise(aim)
    return -np.inf if run is None else run.bound


def _exact(linear: Linear, values: Numbers) -> Run:
    """Hold the integers: the exact powers and the marginal prices."""
    integers = linear.compiled.integers
    linear.hold(integers, np.round(values[integers]))
    run = linear.run()
    linear.free(integers)
    if run is not None:
        return run
    rows = linear.compiled.row_count
    return Run(values=values, row_dual=np.zeros(rows), bound=-np.inf)


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
