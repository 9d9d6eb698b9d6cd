"""Matrices in HiGHS -> a solution with a proven bound, and what had to give way.

First nothing may give way. If that is impossible, each rank in order is brought
to its least violation and held there; the cost is minimised last. Then, with the
integers held, a linear run gives the exact powers and the marginal prices, and
among equally cheap plans the one that `prefer` likes best is taken.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
import time
from typing import Final

import highspy
import numpy as np

from optimizer.compile import Compiled, Indices
from optimizer.dive import dive
from optimizer.series import Numbers

VIOLATED: Final = 1e-4  # kWh; less is the solver's tolerance
_CLOSE: Final = 1e-6
_LOOSE: Final = 1e-5  # kWh; an integer may be 1e-6 off, times the power it switches
_CLOSE_SHARE: Final = 1e-9  # more would be given to the cost: a kWh in a thousand
_LEAST_GAP: Final = 1e-6  # of a violation, which is said with its size
_DIVE_SHARE: Final = 0.2
_FIRST_SHARE: Final = 0.7  # of the time, so that some is left to give way in


class SolverError(RuntimeError):
    """The solver stopped without anything to show."""


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


@dataclass(frozen=True, slots=True)
class _Run:
    status: highspy.HighsModelStatus
    values: Numbers | None
    bound: float

    @property
    def finished(self) -> bool:
        return self.status == highspy.HighsModelStatus.kOptimal


def solve(
    compiled: Compiled,
    giving: Sequence[Giving],
    *,
    gap: float,
    time_limit_s: float,
    prefer: Mapping[int, float],
) -> Solution:
    """Return the best solution found in ``time_limit_s``. Raises `SolverError`."""
    deadline = time.monotonic() + time_limit_s
    compiled.highs.setOptionValue("mip_rel_gap", gap)
    sure = _start(compiled, time_limit_s * _DIVE_SHARE, prefer) or not giving
    left = deadline - time.monotonic()
    run = _run(compiled, left if sure else left * _FIRST_SHARE)
    status = Status.OPTIMAL if run.finished else Status.FEASIBLE
    if run.values is None and giving:
        worst, run = _give_way(compiled, giving, deadline, _CLOSE)
        if run.values is None:
            worst, run = _give_way(compiled, giving, deadline, _LOOSE)
        if worst is not None:
            status = Status.INFEASIBLE if worst == 0 else Status.RELAXED
        else:
            status = Status.OPTIMAL if run.finished else Status.FEASIBLE
    if run.values is None:
        reason = compiled.highs.modelStatusToString(run.status)
        message = f"no plan within {time_limit_s:g} s (solver: {reason})"
        raise SolverError(message)
    return _exact(compiled, run, status, prefer)


def _start(compiled: Compiled, seconds: float, prefer: Mapping[int, float]) -> bool:
    """Give the solver a plan to begin with; tell whether one is found quickly."""
    values = dive(compiled, seconds, prefer)
    if values is None:
        return False
    start = highspy.HighsSolution()
    start.col_value = list(values)
    start.value_valid = True
    compiled.highs.setSolution(start)
    return True


def _run(compiled: Compiled, seconds: float) -> _Run:
    """Run the solver; status and values are lost once anything changes."""
    highs = compiled.highs
    # HiGHS counts its time limit from the instance's first run.
    highs.setOptionValue("time_limit", highs.getRunTime() + max(seconds, 0.2))
    highs.run()
    status = highs.getModelStatus()
    if status == highspy.HighsModelStatus.kNotset:
        message = "the solver did not run"
        raise SolverError(message)
    info = highs.getInfo()
    feasible = (
        info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    )
    values = np.array(highs.getSolution().col_value) if feasible else None
    mixed = bool(compiled.integer.any())
    bound = info.mip_dual_bound if mixed else info.objective_function_value
    return _Run(status, values, bound)


def _give_way(
    compiled: Compiled, giving: Sequence[Giving], deadline: float, close: float
) -> tuple[int | None, _Run]:
    """Open every slack; return the first rank that stays violated, and a plan.

    The least violation of each rank is held to within ``close`` kWh, so narrowly
    that the solver's tolerances may leave no plan at all.
    """
    infinite = highspy.kHighsInf
    every = np.arange(len(compiled.cost), dtype=np.int32)
    for part in giving:
        columns = np.append(part.slacks, np.int32(part.violation)).astype(np.int32)
        zeros = np.zeros(len(columns))
        compiled.set_bounds(columns, zeros, np.full(len(columns), infinite))
    worst, run = None, None
    gap = compiled.highs.getOptionValue("mip_rel_gap")[1]
    compiled.highs.setOptionValue("mip_rel_gap", _LEAST_GAP)
    for place, part in enumerate(sorted(giving, key=lambda part: part.rank)):
        aim = np.zeros(len(every))
        aim[part.violation] = 1.0
        compiled.set_cost(every, aim)
        left = (deadline - time.monotonic()) / (len(giving) + 1 - place)
        run = _run(compiled, left)
        if run.values is None:
            break
        least = float(run.values[part.violation])
        if least > VIOLATED and worst is None:
            worst = part.rank
        most = least * (1 + _CLOSE_SHARE) + close
        compiled.set_bounds(
            np.array([part.violation], np.int32), np.zeros(1), np.array([most])
        )
    compiled.set_cost(every, compiled.cost)
    compiled.highs.setOptionValue("mip_rel_gap", gap)
    if run is None or run.values is not None:
        run = _run(compiled, deadline - time.monotonic())
    return worst, run


def _exact(
    compiled: Compiled, run: _Run, status: Status, prefer: Mapping[int, float]
) -> Solution:
    """Hold the integers, solve the rest exactly and choose among equals."""
    highs = compiled.highs
    values = run.values
    if values is None:
        raise SolverError
    integers = np.flatnonzero(compiled.integer).astype(np.int32)
    if len(integers):
        held = np.round(values[integers])
        compiled.set_bounds(integers, held, held)
        kinds = np.full(len(integers), highspy.HighsVarType.kContinuous)
        highs.changeColsIntegrality(len(integers), integers, kinds)
    exact = _run(compiled, 10.0)
    row_dual = np.zeros(highs.getNumRow())
    if exact.finished and exact.values is not None:
        values = exact.values
        solution = highs.getSolution()
        row_dual = np.array(solution.row_dual)
        values = _settle(compiled, solution, prefer)
    objective = float(compiled.cost @ values + compiled.offset)
    bound = min(run.bound, objective)
    return Solution(
        status=status,
        values=values,
        row_dual=row_dual,
        objective=objective,
        bound=bound,
        gap=(objective - bound) / max(abs(objective), 1e-9),
    )


def _settle(
    compiled: Compiled, optimum: highspy.HighsSolution, prefer: Mapping[int, float]
) -> Numbers:
    """Return the plan that ``prefer`` costs least among those equally cheap.

    What has a price at the optimum is held (columns by reduced cost, rows by
    dual), which leaves exactly the plans of the same cost.
    """
    values = np.array(optimum.col_value)
    if not prefer:
        return values
    highs, tiny = compiled.highs, 1e-7
    priced = np.flatnonzero(np.abs(np.array(optimum.col_dual)) > tiny).astype(np.int32)
    compiled.set_bounds(priced, values[priced], values[priced])
    activity = np.array(optimum.row_value)
    rows = np.flatnonzero(np.abs(np.array(optimum.row_dual)) > tiny).astype(np.int32)
    for row in rows:
        highs.changeRowBounds(int(row), activity[row], activity[row])
    cost = np.zeros(len(compiled.cost))
    for column, weight in prefer.items():
        cost[column] = weight
    every = np.arange(len(cost), dtype=np.int32)
    compiled.set_cost(every, cost)
    run = _run(compiled, 5.0)
    if not run.finished or run.values is None:
        return values
    money = float(compiled.cost @ values)
    allowed = 1e-6 * abs(money + compiled.offset) + 1e-9
    dearer = float(compiled.cost @ run.values) - money
    return run.values if dearer <= allowed else values
