"""Every rung's bound is below the optimum, and none of its plans breaks a row."""

from collections.abc import Callable
from random import Random
import time

import highspy
from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from optimizer.climb import Climb
from optimizer.linear import Linear, Run, aim_at
from optimizer.matrices import Compiled
from optimizer.structures import Structures
from tests.examples import examples
from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, ROOF, Json, at, home, series
from tests.optimizer.test_compile import parts_of

STEPS = 10
PUMP = {**HEAT_PUMP, "min_power_kw": 1.0, "min_on_minutes": 30, "min_off_minutes": 30}


def drawn(random: Random) -> tuple[Json, Json]:
    session = {
        "arrive": at(0),
        "depart": at(STEPS / 4),
        "energy_kwh": random.uniform(1, 4),
    }
    car = {**CAR, "min_power_kw": 4.14, "sessions": [session]}
    if random.random() < 0.4:
        car |= {"bidirectional": True, "discharge_efficiency": 0.9}
    battery = {
        **BATTERY,
        "initial_energy_kwh": 3,
        "final_energy_kwh": 2,
        "charge_efficiency": 0.9,
    }
    others = random.sample([battery, PUMP, ROOF], random.randrange(1, 4))
    capacity = {
        "price_per_kw": random.choice([0.2, 4]),
        "peak_so_far_kw": random.uniform(0, 4),
    }
    given_home = home(
        car,
        *others,
        minutes=15,
        grid={"import_limit_kw": 14},
        tariff={"capacity": capacity},
    )
    rows = series(
        [random.uniform(0.05, 0.4) for _ in range(STEPS)],
        minutes=15,
        load_kw=[random.uniform(0, 2) for _ in range(STEPS)],
        pv_kw=[random.uniform(0, 3) for _ in range(STEPS)],
        cop=3.0,
        t_min_c=20.0,
        t_max_c=22.0,
        outdoor_temperature_c=5.0,
    )
    return given_home, rows


def optimum(matrices: Compiled) -> float | None:
    """Return the least cost, by HiGHS alone on the rows as they were compiled."""
    entries, lp = matrices.entries, highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(entries.cost), len(entries.row_lower)
    lp.col_cost_, lp.offset_ = entries.cost, matrices.offset
    lp.col_lower_, lp.col_upper_ = entries.lower, entries.upper
    lp.row_lower_, lp.row_upper_ = entries.row_lower, entries.row_upper
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_, lp.a_matrix_.index_ = matrices.starts, matrices.indices
    lp.a_matrix_.value_ = entries.coefficients
    kinds = [highspy.HighsVarType.kContinuous] * len(entries.cost)
    for column in matrices.integers:
        kinds[column] = highspy.HighsVarType.kInteger
    lp.integrality_ = kinds
    highs = highspy.Highs()
    highs.setOptionValue("output_flag", False)
    highs.setOptionValue("threads", 1)
    highs.setOptionValue("mip_rel_gap", 1e-7)
    highs.passModel(lp)
    highs.run()
    if highs.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return float(highs.getInfo().objective_function_value)


def climbing(given_home: Json, rows: Json, gap: float) -> tuple[Climb, Structures]:
    structures, parts = Structures(), parts_of(given_home, rows)
    matrices = structures.compiled(*parts)
    linear = Linear(matrices, matrices.closed, time.monotonic() + 20)
    aim = aim_at(linear.instance, matrices.entries.cost, matrices.weights)
    return Climb(linear, aim, gap), structures


@settings(max_examples=examples(8, 60), deadline=None)
@given(st.integers(0, 10**6))
def test_no_bound_is_above_the_optimum_and_no_plan_below_it(seed: int) -> None:
    given_home, rows = drawn(Random(seed))  # noqa: S311 - a repeatable draw
    parts = parts_of(given_home, rows)
    best = optimum(Structures().compiled(*parts))
    if best is None:
        return
    climb, structures = climbing(given_home, rows, 1e-4)
    seen: list[float] = []
    rungs = "_relax", "_dive", "_exchange", "_split", "_root", "_improve", "_search"
    for name in rungs:
        rung = getattr(climb, name)

        def watched(*args: object, rung: object = rung, **named: object) -> None:
            rung(*args, **named)  # type: ignore[operator]
            seen.append(climb.bound + climb.linear.compiled.offset)

        setattr(climb, name, watched)
    climb.climb(lambda: structures.compiled(*parts, tight=True))
    assert climb.best is not None
    matrices = climb.best_linear.compiled
    cost = float(matrices.entries.cost @ climb.best.values) + matrices.offset
    near = 1e-5 * max(1, abs(best))
    assert max(seen) <= best + near
    assert cost >= best - near
    assert climb.done
    assert matrices.keeps(climb.best.values)
    whole = climb.best.values[matrices.integers]
    assert whole == pytest.approx(np.round(whole), abs=1e-5)


def plan_of(climb: Climb) -> Run:
    assert climb.best is not None
    return climb.best


def three_phases() -> tuple[Json, Json]:
    session = {"arrive": at(0), "depart": at(2.5), "energy_kwh": 7}
    car = {**CAR, "min_power_kw": 4.14, "sessions": [session]}
    battery = {**BATTERY, "initial_energy_kwh": 3, "discharge_limit_kw": 1}
    capacity = {"price_per_kw": 4, "peak_so_far_kw": 1}
    prices = [0.2 + 0.01 * (t % 7) for t in range(STEPS)]
    given_home = home(car, battery, minutes=15, tariff={"capacity": capacity})
    return given_home, series(prices, minutes=15, load_kw=0.6)


def test_rungs_raise_the_bound_of_a_three_phase_car_and_lose_no_plan() -> None:
    given_home, rows = three_phases()
    climb, structures = climbing(given_home, rows, 1e-6)
    parts = parts_of(given_home, rows)
    costs, bounds = [], []
    for name in ("_dive", "_exchange", "_split", "_root"):
        rung = getattr(climb, name)

        def watched(*args: object, rung: object = rung, **named: object) -> None:
            before = climb.bound
            rung(*args, **named)  # type: ignore[operator]
            costs.append(float(climb.aim.cost @ plan_of(climb).values))
            bounds.append(climb.bound - before)

        setattr(climb, name, watched)
    climb.climb(lambda: structures.compiled(*parts, tight=True))
    assert costs == sorted(costs, reverse=True)
    assert max(bounds) > 0.01


def test_without_time_there_is_still_a_plan_and_its_bound() -> None:
    given_home, rows = three_phases()
    climb, _ = climbing(given_home, rows, 1e-6)
    climb.linear.deadline = time.monotonic() - 1
    climb.linear.patience_s = 20
    climb.climb()
    matrices = climb.linear.compiled
    assert matrices.keeps(plan_of(climb).values)
    whole = plan_of(climb).values[matrices.integers]
    assert whole == pytest.approx(np.round(whole), abs=1e-6)
    best = optimum(matrices)
    assert best is not None
    assert climb.bound + matrices.offset <= best + 1e-6


def test_without_patience_either_there_is_none() -> None:
    climb, _ = climbing(*three_phases(), 1e-6)
    climb.linear.deadline = time.monotonic() - 1
    climb.climb()
    assert climb.best is None
    assert climb.bound == -np.inf


def heated() -> tuple[Json, Json]:
    rows = series(
        [0.2 + 0.01 * (t % 7) for t in range(STEPS)],
        minutes=15,
        cop=3.0,
        t_min_c=20.0,
        t_max_c=22.0,
        outdoor_temperature_c=5.0,
    )
    capacity = {"price_per_kw": 4, "peak_so_far_kw": 12}
    return home(PUMP, minutes=15, tariff={"capacity": capacity}), rows


@pytest.mark.parametrize(("problem", "kept"), [(three_phases, True), (heated, False)])
def test_a_tightened_model_is_left_where_no_half_peak_is_paid(
    problem: Callable[[], tuple[Json, Json]], kept: bool
) -> None:
    given_home, rows = problem()
    climb, structures = climbing(given_home, rows, 1e-6)
    parts, loose = parts_of(given_home, rows), climb.linear
    climb._relax()
    climb._dive(careful=False)
    assert not climb.done
    climb._tighten(lambda: structures.compiled(*parts, tight=True))
    assert (climb.linear is not loose) is kept
