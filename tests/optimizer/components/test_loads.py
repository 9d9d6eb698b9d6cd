"""Water heaters, stores, flexible loads and generators against every on-off pattern.

A device that is on or off has 64 patterns in six steps; the plan has to cost what the
best of them costs, and to pass the judge.
"""

from collections.abc import Callable, Sequence
from itertools import product
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from optimizer.document import InputError
from optimizer.read_home import home_from_json
from tests.optimizer.homes import BATTERY, Json, at, home, plan, series
from tests.optimizer.judge import judge

STEPS = 6
POWER_KW = 2.0
ON_OFF = {"min_power_kw": POWER_KW, "max_power_kw": POWER_KW}
HEATER: Json = {
    **ON_OFF,
    "id": "boiler",
    "kind": "water_heater",
    "tank": {
        "volume_l": 100,
        "initial_c": 50,
        "min_c": 48,
        "max_c": 75,
        "loss_kw_per_k": 0.003,
        "draw_series": "draw_kw",
        "violation_per_kelvin_hour": 0.2,
    },
}
STORE: Json = {
    **ON_OFF,
    "id": "store",
    "kind": "storage",
    "capacity_kwh": 5,
    "min_energy_kwh": 1,
    "initial_energy_kwh": 2,
    "efficiency": 0.9,
    "loss_per_hour": 0.05,
    "demand_series": "draw_kw",
    "missing_price_per_kwh": 0.4,
}
LOAD: Json = {
    **ON_OFF,
    "id": "pool",
    "kind": "flexible_load",
    "energy_kwh": 6,
    "windows": [{"start": at(0), "end": at(2)}, {"start": at(3), "end": at(6)}],
    "preferred": [{"start": at(3), "end": at(5)}],
    "outside_price_per_kwh": 0.05,
}
GENERATOR: Json = {
    **ON_OFF,
    "id": "diesel",
    "kind": "generator",
    "fuel_cost_per_kwh": 0.3,
    "start_cost": 0.25,
    "max_energy_kwh": 8,
}
type Pattern = Sequence[float]
prices = st.lists(st.integers(-10, 80), min_size=STEPS, max_size=STEPS)
draws = st.lists(st.integers(0, 3), min_size=STEPS, max_size=STEPS)
few = settings(max_examples=25, deadline=None, derandomize=True)


def rows_of(cents: Sequence[int], draw: Sequence[int]) -> Json:
    return series(
        [c / 100 for c in cents],
        export_price=[c / 100 - 0.2 for c in cents],
        draw_kw=[float(kw) for kw in draw],
    )


def best_of(rows: Json, sign: int, cost: Callable[[Pattern], float]) -> float:
    """Return the least cost of all on-off patterns, buying and selling counted."""
    best = np.inf
    for power in product((0.0, POWER_KW), repeat=STEPS):
        net = np.array(rows["load_kw"]) + sign * np.array(power)
        paid = np.maximum(net, 0) @ np.array(rows["import_price"])
        paid -= np.maximum(-net, 0) @ np.array(rows["export_price"])
        best = min(best, float(paid) + cost(power))
    return best


def check(device: Json, rows: Json, expected: float) -> Json:
    result = plan(home(device), rows, gap=1e-9)
    assert result["status"] == "optimal"
    judge(home(device), rows, result)
    assert result["objective"] == pytest.approx(expected, abs=1e-5)
    return result


@few
@given(prices, draws)
def test_a_water_heater(cents: list[int], draw: list[int]) -> None:
    rows, tank = rows_of(cents, draw), HEATER["tank"]

    def cost(power: Pattern) -> float:
        water, cold = tank["initial_c"], 0.0
        for kw, drawn in zip(power, draw, strict=True):
            lost = tank["loss_kw_per_k"] * (water - 20)
            water += (kw - drawn - lost) / (100 * 4.186 / 3600)
            if water > tank["max_c"] + 1e-9:
                return np.inf
            cold += max(tank["min_c"] - water, 0)
        return float(tank["violation_per_kelvin_hour"] * cold)

    check(HEATER, rows, best_of(rows, 1, cost))


@few
@given(prices, draws, st.integers(1, STEPS))
def test_a_water_heater_is_whole_for_a_while(
    cents: list[int], draw: list[int], hours: int
) -> None:
    rows = rows_of(cents, draw)
    for_a_while = HEATER | {"whole_hours": hours}
    found = plan(home(for_a_while), rows, gap=1e-9)
    judge(home(for_a_while), rows, found)
    cost = plan(home(HEATER), rows, gap=1e-9)["objective"]
    assert found["objective"] <= cost + 1e-6
    if hours == STEPS:
        assert found["objective"] == pytest.approx(cost, abs=1e-6)


def test_what_is_not_whole_later_is_a_mean() -> None:
    # 2 kW for an hour is more than the water needs in any: it takes what is drawn.
    tank = HEATER["tank"] | {"initial_c": 48, "max_c": 75, "loss_kw_per_k": 0}
    heater = HEATER | {"tank": tank, "whole_hours": 2}
    rows = series([0.1] * STEPS, export_price=0.0, draw_kw=0.5)
    found = plan(home(heater), rows, gap=1e-9)
    power_kw = found["devices"]["boiler"]["power_kw"]
    assert set(power_kw[:2]) <= {0.0, POWER_KW}
    assert sum(power_kw) == pytest.approx(STEPS * 0.5)
    whole = plan(home(heater | {"whole_hours": None}), rows, gap=1e-9)
    assert set(whole["devices"]["boiler"]["power_kw"]) <= {0.0, POWER_KW}


@few
@given(prices, draws)
def test_a_store(cents: list[int], draw: list[int]) -> None:
    rows = rows_of(cents, draw)

    def cost(power: Pattern) -> float:
        # Meeting a demand later is worth no more than now: what can be met is met.
        energy, missed = STORE["initial_energy_kwh"], 0.0
        for kw, demand in zip(power, draw, strict=True):
            energy = 0.95 * energy + 0.9 * kw - demand
            unmet = max(-energy, 0.0)
            energy += unmet
            if energy > STORE["capacity_kwh"] + 1e-9:
                return np.inf
            missed += unmet + max(STORE["min_energy_kwh"] - energy, 0)
        return float(0.4 * missed)

    result = plan(home(STORE), rows, gap=1e-9)
    judge(home(STORE), rows, result)
    # Leaving a demand may keep the store above its least energy for longer.
    assert result["objective"] <= best_of(rows, 1, cost) + 1e-6


@few
@given(prices, st.sampled_from([None, 0.0, 0.3]))
def test_a_load_that_may_be_interrupted(cents: list[int], value: float | None) -> None:
    rows = rows_of(cents, [0] * STEPS)
    device = LOAD if value is None else {**LOAD, "value_per_kwh": value}

    def cost(power: Pattern) -> float:
        drawn = sum(power)
        enough = 6 <= drawn <= 8 if value is None else drawn <= 6
        if power[2] or not enough:
            return np.inf
        outside = drawn - power[3] - power[4]
        return 0.05 * outside - (value or 0.0) * drawn

    check(device, rows, best_of(rows, 1, cost))


@few
@given(prices, st.booleans())
def test_a_generator(cents: list[int], runs: bool) -> None:
    rows = rows_of(cents, [0] * STEPS)
    device = {**GENERATOR, "initially_on": runs}

    def cost(power: Pattern) -> float:
        before = [POWER_KW if runs else 0.0, *power[:-1]]
        starts = sum(now > then for now, then in zip(power, before, strict=True))
        return 0.3 * sum(power) + 0.25 * starts if sum(power) <= 8 else np.inf

    check(device, rows, best_of(rows, -1, cost))


def test_each_says_why() -> None:
    rows = rows_of([10, 60, 20, 30, 70, 40], [0, 1, 0, 0, 1, 0])
    result = plan(home(HEATER, STORE, LOAD, GENERATOR), rows)
    judge(home(HEATER, STORE, LOAD, GENERATOR), rows, result)
    keys = {reason["device"]: reason["key"] for reason in result["reasons"]}
    assert keys["pool"] == "load_runs_in_window"
    assert keys["diesel"] == "generator_makes"
    for device in ("boiler", "store", "pool", "diesel"):
        assert set(result["devices"][device]["action"]) <= {"run", "off"}


def test_a_load_without_enough_time_is_relaxed() -> None:
    device = {**LOAD, "windows": [{"start": at(0), "end": at(2)}]}
    result = plan(home(device), rows_of([10] * STEPS, [0] * STEPS))
    assert result["status"] == "relaxed"
    (entry,) = result["relaxed"]
    assert entry["constraint"] == "pool energy by 14:00"
    assert entry["by"] == pytest.approx(2)


def test_a_load_whose_windows_go_on_after_the_plan_waits() -> None:
    device = {**LOAD, "windows": [{"start": at(0), "end": at(8)}]}
    result = plan(home(device), rows_of([30] * STEPS, [0] * STEPS))
    # Two hours after the plan can bring 4 of the 6 kWh.
    assert sum(result["devices"]["pool"]["power_kw"]) == pytest.approx(2)


def test_a_pool_is_heated_by_its_heat_pump() -> None:
    tank: Json = {"volume_l": 40_000, "initial_c": 26, "min_c": 26, "max_c": 28}
    tank |= {"loss_kw_per_k": 0.5, "ambient_c": 15}
    pool = {**HEATER, "id": "pool", "tank": tank, "cop_series": "cop"}
    rows = {**rows_of([20] * STEPS, [0] * STEPS), "cop": [5.0] * STEPS}
    result = plan(home({**pool, "min_power_kw": 0}), rows)
    judge(home({**pool, "min_power_kw": 0}), rows, result)
    # 5.5 kW are lost; in the last hour letting go of 0.1 K is cheaper.
    assert sum(result["devices"]["pool"]["power_kw"]) == pytest.approx(5.5, rel=1e-2)


@pytest.mark.parametrize(
    ("device", "where", "text"),
    [
        ({**LOAD, "windows": []}, "windows", "at least one window"),
        (
            {**LOAD, "preferred": [{"start": at(3), "end": at(2)}]},
            "preferred[0].end",
            "must be after start",
        ),
        ({**LOAD, "preferred": []}, "outside_price_per_kwh", "needs preferred"),
        ({**STORE, "initial_energy_kwh": 6}, "initial_energy_kwh", "capacity_kwh, 5"),
        ({**GENERATOR, "min_power_kw": 3}, "min_power_kw", "is more than max_power"),
        (
            {**HEATER, "tank": {"volume_l": 1, "initial_c": 9, "loss_kw_per_k": 1}},
            "tank.volume_l",
            "loses its heat within",
        ),
        (
            {**HEATER, "tank": {"volume_l": 99, "initial_c": 9, "max_c": 40}},
            "tank.min_c",
            "is more than max_c, 40",
        ),
    ],
)
def test_what_does_not_fit_is_named(device: Json, where: str, text: str) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(home(device))
    (problem,) = refused.value.problems
    assert problem.where == f"devices[0].{where}"
    assert text in problem.text


def test_an_optional_load_or_a_generator_never_makes_a_home_dearer() -> None:
    rows = rows_of([10, 60, 20, -5, 70, 40], [0] * STEPS)
    alone: Any = plan(home(BATTERY), rows, gap=1e-9)["objective"]
    for device in ({**LOAD, "value_per_kwh": 0.2}, GENERATOR):
        more = plan(home(BATTERY, device), rows, gap=1e-9)["objective"]
        assert more <= alone + 1e-6


def test_preferred_windows_without_a_price_decide_between_equals() -> None:
    window, better = {"start": at(0), "end": at(6)}, {"start": at(3), "end": at(5)}
    load = {**LOAD, "windows": [window], "preferred": [better]}
    load["outside_price_per_kwh"] = 0
    flat = plan(home(load), series([0.2] * 6))["devices"]["pool"]["power_kw"]
    assert [kw > 0 for kw in flat] == [True, False, False, True, True, False]
    dearer = series([0.2, 0.2, 0.2, 0.21, 0.21, 0.21])
    power = plan(home(load), dearer)["devices"]["pool"]["power_kw"]
    assert [kw > 0 for kw in power] == [True, True, True, False, False, False]
