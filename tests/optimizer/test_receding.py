"""A long horizon in windows: a plan that keeps every row, and a bound that is one."""

from dataclasses import replace
from random import Random
import time

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from optimizer.climb import Climb
from optimizer.dual_bound import dual_bound
from optimizer.linear import Linear, Run, aim_at
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.receding import Receding
from optimizer.series import table
from optimizer.timeline import timeline
from tests.examples import examples
from tests.optimizer.homes import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    ROOF,
    Json,
    at,
    home,
    plan,
    series,
)
from tests.optimizer.judge import judge
from tests.optimizer.test_any_home import any_home
from tests.optimizer.test_climb import drawn, optimum
from tests.optimizer.test_solve import compiled

LIMIT_S = 2.0


@pytest.fixture
def short_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    cut_short(monkeypatch)


def cut_short(patch: pytest.MonkeyPatch) -> None:
    """Let windows have four steps, and every home be a long one."""
    patch.setattr("optimizer.receding._LEAST_STEPS", 4)
    patch.setattr("optimizer.receding._MOST_STEPS", 4)
    patch.setattr("optimizer.climb._LONG", 0)


def receding(given_home: Json, rows: Json) -> tuple[Linear, Receding]:
    _, matrices = compiled(given_home, rows)
    linear = Linear(matrices, matrices.closed, time.monotonic() + 20)
    aim = aim_at(linear.instance, matrices.entries.cost, matrices.preferences)
    linear.minimise(aim)
    return linear, Receding(linear)


@pytest.mark.timeout(180)
@settings(max_examples=examples(8, 60), deadline=None)
@given(st.integers(0, 10**6), st.booleans(), st.booleans())
def test_windows_keep_every_row_and_their_bound_is_one(
    seed: int, few: bool, late: bool
) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    given_home, rows = drawn(random) if few else any_home(random)
    with pytest.MonkeyPatch.context() as patch:
        cut_short(patch)
        linear, windows = receding(given_home, rows)
        if late:  # then all is rounded at once
            linear.deadline, linear.patience_s = time.monotonic(), 20.0
        possible = windows.plan()
        windows.price()
        found = windows.found()
    matrices = linear.compiled
    best = optimum(matrices)
    low = dual_bound(linear, found.duals, windows.reach)
    if best is None:
        assert not (possible and matrices.keeps(found.values))
        return
    assert not windows.is_impossible
    close = 1e-6 * max(1.0, abs(best))
    assert low + matrices.offset <= best + close
    if possible:
        assert matrices.keeps(found.values)
        whole = found.values[matrices.integers]
        assert whole == pytest.approx(np.round(whole), abs=1e-6)
        assert float(matrices.entries.cost @ found.values) + matrices.offset >= (
            best - close
        )


@pytest.mark.usefixtures("short_windows")
def test_a_battery_over_windows_is_planned_as_over_the_whole() -> None:
    given_home = home({**BATTERY, "charge_efficiency": 0.9})
    rows = series([0.1, 0.1, 0.5, 0.5] * 6)
    linear, windows = receding(given_home, rows)
    assert windows.plan()
    windows.price()
    found = windows.found()
    best = optimum(linear.compiled)
    assert float(linear.aim.cost @ found.values) == pytest.approx(best)
    low = dual_bound(linear, found.duals, windows.reach)
    assert low == pytest.approx(best, rel=1e-5)


@pytest.mark.usefixtures("short_windows")
def test_the_peak_is_paid_once_by_all_windows_together() -> None:
    given_home = home(BATTERY, tariff={"capacity": {"price_per_kw": 4}})
    load_kw = [1.0, 3.0, 1.0, 2.0] * 6
    linear, windows = receding(given_home, series([0.2] * 24, load_kw=load_kw))
    assert windows.plan()
    windows.price()
    found = windows.found()
    best = optimum(linear.compiled)
    assert best is not None
    low = dual_bound(linear, found.duals, windows.reach)
    # Far above what the peak costs if each window pays the whole of it: -inf.
    assert best * 0.9 <= low + linear.compiled.offset <= best + 1e-6


@pytest.mark.usefixtures("short_windows")
def test_what_even_the_first_window_cannot_keep_is_impossible() -> None:
    given_home = home(BATTERY, grid={"import_limit_kw": 2})
    load_kw = [9.0] + [1.0] * 23
    _, windows = receding(given_home, series([0.2] * 24, load_kw=load_kw))
    assert not windows.plan()
    assert windows.is_impossible
    result = plan(given_home, series([0.2] * 24, load_kw=load_kw))
    assert result["status"] == "infeasible"
    assert result["relaxed"][0]["by"] == pytest.approx(7.0)


@pytest.mark.usefixtures("short_windows")
def test_longer_windows_find_what_short_ones_missed() -> None:
    """A load that only a battery filled long before can carry."""
    given_home = home(
        {**BATTERY, "capacity_kwh": 20, "charge_limit_kw": 1, "discharge_limit_kw": 9},
        grid={"import_limit_kw": 2},
    )
    load_kw = [1.0] * 20 + [9.0] + [1.0] * 11
    rows = series([0.5] * 16 + [0.5] * 16, load_kw=load_kw)
    _, windows = receding(given_home, rows)
    assert not windows.plan()
    assert not windows.is_impossible
    result = plan(given_home, rows)
    assert result["status"] == "optimal"
    assert result["relaxed"] == []


def long_home(steps: int) -> tuple[Json, Json]:
    """Return a home over ``steps`` quarter hours, with something of everything."""
    days = range(0, steps // 4 - 24, 24)
    sessions = [
        {"arrive": at(day + 6), "depart": at(day + 19), "energy_kwh": 25}
        for day in days
    ]
    given_home = home(
        {**BATTERY, "charge_efficiency": 0.95, "wear_per_kwh": 0.02},
        {**CAR, "sessions": sessions},
        {**HEAT_PUMP},
        {**ROOF, "curtailable": True},
        minutes=15,
        grid={"import_limit_kw": 9, "export_limit_kw": 6},
        tariff={"capacity": {"price_per_kw": 4, "peak_so_far_kw": 3}},
    )
    hour = np.arange(steps) / 4
    day_hour = (12 + hour) % 24
    sun = np.clip(np.sin((day_hour - 7) / 11 * np.pi), 0, None) * (day_hour < 18)
    rows = series(
        (0.2 + 0.05 * np.sin(day_hour / 24 * 6.28) + 0.02 * np.sin(hour)).tolist(),
        minutes=15,
        load_kw=(0.5 + 0.3 * np.sin(hour * 0.7) ** 2).tolist(),
        pv_kw=(4 * sun * (0.5 + 0.4 * np.sin(hour / 40))).tolist(),
        cop=3.0,
        t_min_c=19.5,
        t_max_c=22.0,
        outdoor_temperature_c=(4 + 4 * np.sin(day_hour / 24 * 6.28)).tolist(),
    )
    return given_home, rows


@pytest.fixture
def runs_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect how long each linear run of a large problem was allowed to take."""
    allowed: list[float] = []
    run = Linear.run

    def counted(linear: Linear, below: float = np.inf) -> Run | None:
        if linear.lower.size > 10_000:
            allowed.append(linear.seconds_left + linear.patience_s)
        return run(linear, below)

    monkeypatch.setattr(Linear, "run", counted)
    return allowed


@pytest.mark.timeout(120)
@pytest.mark.parametrize("steps", [2_880, pytest.param(10_000, marks=pytest.mark.soak)])
def test_a_long_horizon_has_a_plan_and_a_proven_gap_in_two_seconds(
    steps: int, runs_of_the_whole: list[float]
) -> None:
    given_home, rows = long_home(steps)
    found = optimize(
        home_from_json(given_home), table(rows), Options(time_limit_s=LIMIT_S)
    )
    judge(given_home, rows, found)
    assert found["status"] in {"optimal", "feasible"}
    assert found["relaxed"] == []
    assert found["bound"] <= found["objective"]
    assert found["gap"] >= 0
    # Windows alone take what they need; the whole gets no second more than there is.
    assert all(seconds <= LIMIT_S for seconds in runs_of_the_whole)


def test_columns_are_in_the_steps_of_their_balance() -> None:
    session = {"arrive": at(1), "depart": at(4), "energy_kwh": 3}
    given_home = home(
        BATTERY,
        {**CAR, "sessions": [session]},
        tariff={"capacity": {"price_per_kw": 4}},
    )
    _, matrices = compiled(given_home, series([0.2] * 6))
    reach = timeline(matrices)
    car = matrices.model.part["device car"]
    battery = matrices.model.part["device battery"]
    above = matrices.model.part["capacity charge 0"].window[0].above
    assert reach.first[matrices.columns_of(car.charge.values())].tolist() == [1, 2, 3]
    assert reach.first[matrices.columns_of(battery.energy.values())].tolist() == [
        *range(6)
    ]
    place = matrices.columns_of([above])[0]
    assert (reach.first[place], reach.last[place]) == (0, 5)


@pytest.mark.usefixtures("short_windows")
def test_a_plan_far_too_late_is_still_a_plan_of_all_windows() -> None:
    linear, windows = receding(home(BATTERY), series([0.1, 0.1, 0.5, 0.5] * 6))
    linear.deadline, linear.patience_s = time.monotonic() - 100, 10.0
    assert windows.plan()
    assert linear.compiled.keeps(windows.found().values)


@pytest.mark.usefixtures("short_windows")
def test_a_problem_whose_steps_are_not_told_is_left_to_the_ladder() -> None:
    """As is one of several scenarios, each of which has steps of its own."""
    _, matrices = compiled(home(BATTERY), series([0.1, 0.5] * 12))
    untold = replace(matrices, balance=matrices.balance[:0])
    linear = Linear(untold, untold.closed, time.monotonic() + 20)
    climb = Climb(linear, aim_at(linear.instance, untold.entries.cost), 1e-3)
    climb.climb()
    assert climb.done
