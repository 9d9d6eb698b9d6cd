"""Constraints on half-on devices cut off no whole plan, and a good part of the gap."""

from random import Random
import time

from hypothesis import given, settings, strategies as st
import pytest

from optimizer.linear import Linear, Run, aim_at
from optimizer.matrices import Compiled
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from optimizer.structures import Structures
from tests.examples import examples
from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, ROOF, Json, at, home, series
from tests.optimizer.test_compile import parts_of

STEPS = 8
LIMIT = {"id": "dso", "direction": "import", "scope": "connection", "limit_kw": 7}


def three_phase(random: Random, price_per_kw: float) -> tuple[Json, Json]:
    cars = [
        {
            **CAR,
            "id": f"car {place}",
            "min_power_kw": 4.14,
            "sessions": [
                {
                    "arrive": at(0),
                    "depart": at(STEPS / 4),
                    "energy_kwh": random.uniform(1, 3),
                }
            ],
        }
        for place in range(random.choice([1, 1, 2]))
    ]
    battery = {**BATTERY, "initial_energy_kwh": 3, "final_energy_kwh": 2}
    others = random.sample([battery, HEAT_PUMP, ROOF], random.randrange(4))
    capacity = {"price_per_kw": price_per_kw, "peak_so_far_kw": random.uniform(0, 6)}
    given_home = home(
        *cars,
        *others,
        minutes=15,
        grid={"import_limit_kw": 14},
        limits=random.choice([[], [LIMIT]]),
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


def relaxed(matrices: Compiled) -> Run:
    linear = Linear(matrices, matrices.closed, time.monotonic() + 10)
    linear.minimise(aim_at(linear.instance, matrices.entries.cost))
    run = linear.run()
    assert run is not None
    return run


@settings(max_examples=examples(15, 150), deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([0.0, 0.1, 4.0]))
def test_no_best_plan_is_cut_off_and_the_bound_only_rises(
    seed: int, price_per_kw: float
) -> None:
    given_home, rows = three_phase(Random(seed), price_per_kw)  # noqa: S311
    plan = optimize(home_from_json(given_home), table(rows), Options(gap=1e-7))
    if plan["status"] != "optimal":
        return
    parts = parts_of(given_home, rows)
    loose = Structures().compiled(*parts)
    tight = Structures().compiled(*parts, tight=True)
    assert tight.row_count > loose.row_count
    low, high = (
        relaxed(matrices).bound + matrices.offset for matrices in (loose, tight)
    )
    assert low - 1e-6 <= high <= plan["objective"] + 1e-6


def test_a_three_phase_car_below_a_peak_has_a_smaller_gap() -> None:
    session = {"arrive": at(0), "depart": at(6), "energy_kwh": 20}
    car = {**CAR, "min_power_kw": 4.14, "sessions": [session]}
    battery = {**BATTERY, "initial_energy_kwh": 3, "charge_efficiency": 0.9}
    capacity = {"price_per_kw": 4, "peak_so_far_kw": 4}
    given_home = home(car, battery, minutes=15, tariff={"capacity": capacity})
    rows = series([0.2 + 0.01 * (t % 7) for t in range(24)], minutes=15, load_kw=0.6)
    best = optimize(home_from_json(given_home), table(rows), Options(gap=1e-6))
    parts = parts_of(given_home, rows)
    low, high = (
        relaxed(matrices).bound + matrices.offset
        for matrices in (
            Structures().compiled(*parts),
            Structures().compiled(*parts, tight=True),
        )
    )
    assert best["objective"] - high < 0.5 * (best["objective"] - low)
    assert best["objective"] == pytest.approx(high, rel=0.02)
