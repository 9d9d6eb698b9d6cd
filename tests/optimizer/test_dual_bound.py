"""Weak duality: no duals, however bad, say more than the optimum costs."""

from random import Random
import time

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from optimizer.dual_bound import dual_bound
from optimizer.linear import Linear, Run, aim_at
from optimizer.timeline import timeline
from tests.optimizer.homes import HEAT_PUMP, home, series
from tests.optimizer.test_any_home import any_home
from tests.optimizer.test_solve import compiled


def relaxed(given_home: object, rows: object) -> tuple[Linear, Run] | None:
    _, matrices = compiled(given_home, rows)  # type: ignore[arg-type]
    linear = Linear(matrices, matrices.closed, time.monotonic() + 20)
    linear.minimise(aim_at(linear.instance, matrices.entries.cost))
    run = linear.run()
    return None if run is None else (linear, run)


@settings(max_examples=30, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.floats(0, 2))
def test_no_bound_is_above_the_linear_optimum(seed: int, noise: float) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    found = relaxed(*any_home(random))
    if found is None:
        return
    linear, run = found
    wrong = np.random.default_rng(seed).normal(1, noise, len(run.row_dual()))
    reach = timeline(linear.compiled)
    low = dual_bound(linear, run.row_dual() * wrong, reach)
    assert low <= run.bound + 1e-6 * max(1.0, abs(run.bound))


def test_the_solvers_own_duals_prove_the_optimum() -> None:
    rows = series([0.1, 0.5, 0.2, 0.4], cop=3.0, t_min_c=20.0, t_max_c=22.0)
    rows["outdoor_temperature_c"] = [5.0] * 4
    found = relaxed(home(HEAT_PUMP, grid={"import_limit_kw": 4}), rows)
    assert found is not None
    linear, run = found
    opened = linear.compiled.opened  # whose rows of one column are rows
    whole = Linear(linear.compiled, opened, time.monotonic() + 20)
    whole.minimise(aim_at(opened, linear.compiled.entries.cost))
    again = whole.run()
    assert again is not None
    low = dual_bound(whole, again.row_dual(), timeline(linear.compiled))
    assert low == pytest.approx(run.bound, abs=1e-6)


def test_without_duals_each_column_is_at_its_better_bound() -> None:
    found = relaxed(home(grid={"export_limit_kw": 2}), series([0.1, -0.5]))
    assert found is not None
    linear, _ = found
    none = np.zeros(linear.compiled.row_count)
    cost = linear.aim.cost
    better = np.where(cost > 0, linear.lower, linear.upper)[cost != 0]
    low = dual_bound(linear, none, timeline(linear.compiled))
    assert low == pytest.approx(float(cost[cost != 0] @ better))
