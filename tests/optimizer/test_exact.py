"""Branch and bound beside the linear instance, and what HiGHS is known to do."""

import time

import highspy
import numpy as np
import pytest

from optimizer.exact import Neighbourhood, search
from optimizer.instance import new_highs
from optimizer.linear import Linear, aim_at
from optimizer.matrices import Compiled
from tests.optimizer.homes import CAR, at, home, plan, series
from tests.optimizer.test_solve import compiled

SESSION = {"arrive": at(0), "depart": at(6), "energy_kwh": 24}
GIVEN = home({**CAR, "min_power_kw": 4.0, "sessions": [SESSION]})
ROWS = series([0.3, 0.1, 0.2, 0.15, 0.25, 0.3])


def linear() -> Linear:
    _, matrices = compiled(GIVEN, ROWS)
    found = Linear(matrices, matrices.closed, time.monotonic() + 10)
    found.minimise(aim_at(found.instance, matrices.entries.cost))
    return found


def money(matrices: Compiled, values: np.ndarray | None) -> float:
    assert values is not None
    return float(matrices.entries.cost @ values) + matrices.offset


def test_it_finds_the_optimum_and_proves_it() -> None:
    problem = linear()
    found = search(problem, None, 1e-9)
    best = plan(GIVEN, ROWS, gap=1e-9)["objective"]
    assert money(problem.compiled, found.values) == pytest.approx(best, abs=1e-6)
    assert found.bound + problem.compiled.offset == pytest.approx(best, abs=1e-6)
    assert not found.impossible


def test_the_linear_instance_keeps_its_basis() -> None:
    problem = linear()
    assert problem.run() is not None
    search(problem, None, 1e-3)
    assert problem.run() is not None
    assert problem.instance.highs.getInfo().simplex_iteration_count == 0


def test_a_known_plan_is_where_it_starts() -> None:
    problem = linear()
    best = search(problem, None, 1e-9).values
    assert best is not None
    short = linear()
    short.deadline = time.monotonic()  # no time to find anything else
    again = search(short, best, 1e-9)
    assert money(short.compiled, again.values) == pytest.approx(
        money(problem.compiled, best), abs=1e-6
    )


def test_near_a_plan_what_is_held_stays() -> None:
    problem = linear()
    columns = problem.compiled.integers[:1]
    near = Neighbourhood(columns=columns, values=np.ones(1), target=-np.inf)
    found = search(problem, None, 1e-9, near)
    assert found.values is not None
    assert found.values[columns] == pytest.approx([1.0])
    assert money(problem.compiled, found.values) > 0.1 + plan(GIVEN, ROWS)["objective"]


def test_an_impossible_problem_is_told_from_a_slow_one() -> None:
    problem = linear()
    every = problem.compiled.integers
    problem.bound(every, np.zeros(len(every)), np.zeros(len(every)))
    found = search(problem, None, 1e-3)
    assert found.values is None
    assert found.impossible


def test_every_solver_of_ours_has_one_thread() -> None:
    # Another number of threads in the same process makes HiGHS not run at all.
    assert new_highs().getOptionValue("threads")[1] == 1


def test_status_and_values_are_gone_once_a_bound_changes() -> None:
    problem = linear()
    assert problem.run() is not None
    highs = problem.instance.highs
    assert highs.getModelStatus() == highspy.HighsModelStatus.kOptimal
    problem.hold(problem.compiled.integers[:1], np.ones(1))
    assert highs.getModelStatus() == highspy.HighsModelStatus.kNotset
