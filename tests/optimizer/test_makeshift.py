"""Where the linear optimum comes too late, there is a plan and an honest bound."""

from collections.abc import Callable
from random import Random
import time

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from optimizer.climb import Climb
from optimizer.linear import Linear, Run, aim_at
from optimizer.makeshift import least_cost
from optimizer.matrices import Compiled
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from tests.examples import examples
from tests.optimizer.homes import BATTERY, CAR, Json, at, home, series
from tests.optimizer.test_climb import climbing, drawn, optimum, plan_of
from tests.optimizer.test_solve import compiled

LATE_S = 5.0


def first_run_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every linear run with stores free end as if its time were over."""
    run = Linear.run

    def late(linear: Linear, below: float = np.inf) -> Run | None:
        if linear.aim.spread:
            linear.is_late, linear.deadline = True, time.monotonic()
            return None
        return run(linear, below)

    monkeypatch.setattr(Linear, "run", late)


def climb_late(climb: Climb) -> Compiled:
    climb.linear.patience_s = LATE_S
    climb.climb()
    return climb.linear.compiled


@settings(max_examples=examples(6, 60), deadline=None)
@given(st.integers(0, 10**6))
def test_a_makeshift_plan_keeps_every_row_and_its_bound_is_one(seed: int) -> None:
    given_home, rows = drawn(Random(seed))  # noqa: S311 - a repeatable draw
    _, matrices = compiled(given_home, rows)
    best = optimum(matrices)
    with pytest.MonkeyPatch.context() as patch:
        first_run_late(patch)
        climb, _ = climbing(given_home, rows, 1e-3)
        climb_late(climb)
    low = climb.bound + matrices.offset
    if best is None:
        assert climb.best is None
        return
    assert low <= best + 1e-6
    if climb.best is None:
        return  # only a store that gives could have kept a limit
    values = climb.best.values
    assert matrices.keeps(values)
    assert values[matrices.integers] == pytest.approx(
        np.round(values[matrices.integers]), abs=1e-6
    )
    assert float(matrices.entries.cost @ values) + matrices.offset >= best - 1e-6


def test_stores_rest_in_it_and_all_else_is_cheapest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first_run_late(monkeypatch)
    session = {"arrive": at(0), "depart": at(3), "energy_kwh": 11}
    given_home = home(BATTERY, {**CAR, "sessions": [session]})
    rows = series([0.3, 0.1, 0.3, 0.9], load_kw=1.0)
    climb, _ = climbing(given_home, rows, 1e-3)
    matrices = climb_late(climb)
    cost = float(matrices.entries.cost @ plan_of(climb).values) + matrices.offset
    assert cost == pytest.approx(0.3 + 12 * 0.1 + 0.3 + 0.9)


def test_it_is_told_with_the_gap_that_is_proven(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first_run_late(monkeypatch)
    found = late_plan(lambda _: -1.0, monkeypatch)
    assert found["status"] == "feasible"
    assert found["bound"] == pytest.approx(-1.0)
    assert found["gap"] == pytest.approx((0.6 + 1.0) / 0.6)


def test_without_a_bound_it_is_not_called_feasible(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first_run_late(monkeypatch)
    found = late_plan(lambda _: -np.inf, monkeypatch)
    assert found["status"] == "relaxed"
    assert found["gap"] is None
    assert found["relaxed"] == []


def late_plan(bound: Callable[[Linear], float], patch: pytest.MonkeyPatch) -> Json:
    patch.setattr("optimizer.climb.least_cost", lambda linear, _: bound(linear))
    rows = series([0.1, 0.5], load_kw=1.0)
    options = Options(time_limit_s=0.2)
    return optimize(home_from_json(home(BATTERY)), table(rows), options)


def test_the_least_cost_takes_each_column_at_its_better_bound() -> None:
    _, matrices = compiled(home(BATTERY), series([0.1, 0.5], load_kw=1.0))
    linear = Linear(matrices, matrices.closed, time.monotonic() + LATE_S)
    linear.minimise(aim_at(linear.instance, matrices.entries.cost))
    run = linear.run()
    assert run is not None
    cost = matrices.entries.cost
    low = least_cost(linear, cost)
    assert low <= run.bound + 1e-9
    free = np.where(np.isfinite(linear.upper), linear.upper, 0.0)
    assert low == pytest.approx(
        float(np.minimum(cost * linear.lower, cost * free)[cost != 0].sum())
    )


def test_a_long_horizon_has_a_plan_within_any_limit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("optimizer.solve._PATIENCE_S", 0.01)
    steps = 2000
    sessions = [
        {"arrive": at(day), "depart": at(day + 12), "energy_kwh": 20}
        for day in range(0, steps - 12, 24)
    ]
    given_home = home(
        {**BATTERY, "charge_efficiency": 0.9},
        {**CAR, "min_power_kw": 4.14, "sessions": sessions},
        tariff={"capacity": {"price_per_kw": 4}},
    )
    prices = [0.2 + 0.1 * ((7 * t) % 24) / 24 for t in range(steps)]
    found = optimize(
        home_from_json(given_home),
        table(series(prices, load_kw=0.5)),
        Options(time_limit_s=0.1),
    )
    assert found["status"] in {"optimal", "feasible"}
    assert found["bound"] <= found["objective"]
    assert found["gap"] > 0
    energy_kwh = found["devices"]["car"]["energy_kwh"]
    assert min(energy_kwh[day + 11] for day in range(0, steps - 12, 24)) >= 20 - 1e-3
