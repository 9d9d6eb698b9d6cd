"""Exchanges of single steps: cheaper, never dearer, and no rule is broken."""

import time

import numpy as np
import pytest

from optimizer.exchange import exchange
from optimizer.linear import Linear, Run, aim_at
from tests.optimizer.homes import CAR, at, home, plan, series
from tests.optimizer.test_solve import compiled

SESSION = {"arrive": at(0), "depart": at(6), "energy_kwh": 16}
GIVEN = home({**CAR, "min_power_kw": 4.0, "max_power_kw": 4.0, "sessions": [SESSION]})
ROWS = series([0.3, 0.1, 0.2, 0.15, 0.25, 0.3])
WORST = [1.0, 0.0, 1.0, 0.0, 1.0, 1.0]  # by step: on or off
BEST = [0.0, 1.0, 1.0, 1.0, 1.0, 0.0]


def begun() -> tuple[Linear, Run]:
    _, matrices = compiled(GIVEN, ROWS)
    linear = Linear(matrices, matrices.closed, time.monotonic() + 10)
    linear.minimise(aim_at(linear.instance, matrices.entries.cost))
    linear.hold(matrices.integers, np.array(WORST))
    run = linear.run()
    linear.free(matrices.integers)
    assert run is not None
    return linear, run


def cost(linear: Linear, run: Run) -> float:
    return float(linear.aim.cost @ run.values)


def test_the_dearest_hours_are_exchanged_for_the_cheapest() -> None:
    linear, run = begun()
    better = exchange(linear, run, -np.inf, 100)
    assert better.values[linear.compiled.integers] == pytest.approx(BEST, abs=1e-6)
    money = cost(linear, better) + linear.compiled.offset
    assert money == pytest.approx(plan(GIVEN, ROWS, gap=1e-9)["objective"], abs=1e-6)


def test_it_ends_where_the_plan_is_good_enough_or_the_runs_are_used_up() -> None:
    linear, run = begun()
    assert exchange(linear, run, cost(linear, run), 100).values == pytest.approx(
        run.values
    )
    assert cost(linear, exchange(linear, run, -np.inf, 0)) == cost(linear, run)
    once = exchange(linear, run, cost(linear, run) - 1e-3, 100)
    assert cost(linear, once) < cost(linear, run)
    assert once.values[linear.compiled.integers] != pytest.approx(BEST, abs=1e-6)


def test_columns_are_free_afterwards() -> None:
    linear, run = begun()
    exchange(linear, run, -np.inf, 100)
    relaxed = linear.run()
    assert relaxed is not None
    assert cost(linear, relaxed) <= cost(linear, run)


def test_a_run_ends_once_it_is_dearer_than_what_is_known() -> None:
    linear, run = begun()
    linear.hold(linear.compiled.integers, np.array(WORST))
    assert linear.run(below=cost(linear, run) - 0.01) is None
    assert linear.run(below=cost(linear, run) + 0.01) is not None
