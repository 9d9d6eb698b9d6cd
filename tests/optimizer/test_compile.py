"""Matrices that are given other data equal those built for these data."""

from dataclasses import fields
from random import Random
from typing import Any

import highspy
from hypothesis import assume, given, settings, strategies as st
import numpy as np
import pytest

from optimizer.align import align, horizon_of
from optimizer.assemble import Parts, assemble
from optimizer.horizon import Horizon
from optimizer.matrices import Compiled, Entries
from optimizer.problem import structure
from optimizer.read_home import home_from_json
from optimizer.series import table
from optimizer.structures import Structures
from tests.examples import examples
from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, Json, at, home, series
from tests.optimizer.test_any_home import any_home

SMALLER = {
    "temperature_c",
    "to_ac_efficiency",
    "to_dc_efficiency",
    "charge_efficiency",
    "discharge_efficiency",
    "efficiency",
    "min_power_kw",
    "min_energy_kwh",
    "initial_energy_kwh",
    "final_energy_kwh",
    "reserve_kwh",
}
GREATER = {"max_c", "max_power_kw", "capacity_kwh"}
STRUCTURAL = {
    "phases",
    "min_on_minutes",
    "min_off_minutes",
    "held_minutes",
    "max_pause_minutes",
    "max_starts_per_hour",
    "schema",
    "step_minutes",
    "profile_step_minutes",
    "integration_minutes",
    "top",
    "netting_minutes",
}


def parts_of(given_home: Json, rows: Json) -> tuple[Parts, Horizon]:
    read, numbers = home_from_json(given_home), table(rows)
    horizon = horizon_of(read, numbers)
    return assemble(read, align(read, numbers, horizon), horizon), horizon


def moved(tree: Any, random: Random, name: str = "") -> Any:
    """Return ``tree`` with other numbers, all of them still allowed."""
    if isinstance(tree, dict):
        return {key: moved(value, random, key) for key, value in tree.items()}
    if isinstance(tree, list):
        return [moved(value, random, name) for value in tree]
    if isinstance(tree, bool) or not isinstance(tree, int | float):
        return tree
    if name in STRUCTURAL:
        return tree
    least, most = 1.0 if name in GREATER else 0.7, 1.0 if name in SMALLER else 1.3
    return tree * random.uniform(least, most)


def same(one: Compiled, other: Compiled) -> None:
    """Compare the numbers, and what HiGHS has of them, to 1e-9."""
    for numbers in fields(Entries):
        a, b = (getattr(matrices.entries, numbers.name) for matrices in (one, other))
        np.testing.assert_allclose(a, b, 1e-9, 1e-9)
    assert list(one.integers) == list(other.integers)
    assert list(one.cost_names) == list(other.cost_names)
    for a, b in ((one.closed, other.closed), (one.opened, other.opened)):
        a.give(one.entries)
        b.give(other.entries)
        held, fresh = a.highs.getLp(), b.highs.getLp()
        for name in ("col_lower_", "col_upper_", "row_lower_", "row_upper_"):
            np.testing.assert_allclose(
                getattr(held, name), getattr(fresh, name), 1e-9, 1e-9
            )
        np.testing.assert_allclose(dense(held), dense(fresh), 1e-9, 1e-9)


def dense(lp: highspy.HighsLp) -> Any:
    found = np.zeros((lp.num_col_, lp.num_row_))
    matrix = lp.a_matrix_
    rowwise = matrix.format_ == highspy.MatrixFormat.kRowwise
    starts, table_ = list(matrix.start_), found.T if rowwise else found
    for place in range(len(starts) - 1):
        part = slice(starts[place], starts[place + 1])
        table_[place, list(matrix.index_[part])] = matrix.value_[part]
    return found


@settings(max_examples=examples(60, 600), deadline=None)
@given(st.integers(0, 10**6))
def test_other_data_in_one_structure_equal_a_fresh_build(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    first, rows = any_home(random)
    second, other_rows = moved(first, random), moved(rows, random)
    before, after = parts_of(first, rows), parts_of(second, other_rows)
    assume(structure(*before) == structure(*after))
    structures = Structures()
    once = structures.compiled(*before)
    once.closed.give(once.entries)
    once.opened.give(once.entries)
    again = structures.compiled(*after)
    assert len(structures) == 1
    same(again, Structures().compiled(*after))


def test_a_coefficient_that_was_zero_comes_back() -> None:
    washer = {
        "id": "washer",
        "kind": "appliance",
        "profile_step_minutes": 60,
        "earliest_start": at(0),
        "latest_end": at(3),
    }
    structures = Structures()
    rows = series([0.1, 0.2, 0.3])
    for profile_kw in ([1.0, 2.0], [0.0, 2.0], [3.0, 0.0]):
        parts = parts_of(home({**washer, "profile_kw": profile_kw}), rows)
        same(structures.compiled(*parts), Structures().compiled(*parts))
    assert len(structures) == 1


def test_a_car_that_comes_and_goes_is_two_structures() -> None:
    structures = Structures()
    rows = series([0.1, 0.2, 0.3])
    session = {"arrive": at(0), "depart": at(2), "energy_kwh": 3}
    for sessions in ([session], [], [session], []):
        structures.compiled(*parts_of(home({**CAR, "sessions": sessions}), rows))
    assert len(structures) == 2


def test_only_the_last_structures_are_kept() -> None:
    structures = Structures()
    for steps in range(1, 12):
        structures.compiled(*parts_of(home(BATTERY), series([0.1] * steps)))
    assert len(structures) == 6


def test_data_of_another_length_are_refused() -> None:
    structures = Structures()
    parts, horizon = parts_of(home(BATTERY), series([0.1, 0.2]))
    matrices = structures.compiled(parts, horizon)
    data = {name: dict(part.data(horizon)) for name, part in parts.named().items()}
    data["load"]["load_kw"] = [1.0]
    with pytest.raises(ValueError, match="load: 1 of load_kw, compiled for 2"):
        matrices.give(data)


def many(factor: float) -> Json:
    """Return a home with one of everything that `any_home` does not draw."""
    parts = [
        {"up_to_kw": 2 * factor, "efficiency": 0.97 / factor},
        {"up_to_kw": 6 * factor, "efficiency": 0.9 / factor},
    ]
    battery = {
        **BATTERY,
        "charge_losses": parts,
        "discharge_losses": parts,
        "standby_kw": 0.02 * factor,
    }
    stay = {
        "arrive": at(0),
        "depart": at(3),
        "energy_kwh": 4 * factor,
        "ready_by": at(2),
        "late_price_per_kwh": 0.2 * factor,
        "missing_price_per_kwh": 0.5 * factor,
        "trip_kwh": 3 * factor,
    }
    vehicle = {"capacity_kwh": 40 * factor, "initial_energy_kwh": 9 * factor}
    ranges = [
        {"min_kw": 1.5 * factor, "max_kw": 3.7},
        {"min_kw": 4.14 * factor, "max_kw": 11},
    ]
    car = {**CAR, "sessions": [stay], "vehicle": vehicle, "power_ranges": ranges}
    floor = {
        "resistance_k_per_kw": 1 * factor,
        "capacitance_kwh_per_k": 3 * factor,
        "initial_c": 22 * factor,
    }
    tank = {
        "volume_l": 200 * factor,
        "initial_c": 50 / factor,
        "loss_kw_per_k": 0.002 * factor,
    }
    buffer = {
        "volume_l": 500 * factor,
        "initial_c": 33 / factor,
        "loss_kw_per_k": 0.003 * factor,
        "most_given_on_kw": 6 * factor,
    }
    pump = {
        **HEAT_PUMP,
        "min_power_kw": 1 / factor,
        "min_on_minutes": 120,
        "max_starts_per_hour": 1,
        "backup_heater_kw": 2 * factor,
        "thermal": {**HEAT_PUMP["thermal"], "floor": floor, "buffer": buffer},
        "hot_water": tank,
    }
    target = {"start": at(1), "end": at(2), "energy_kwh": 3 * factor}
    way = {
        "min_power_kw": 1 * factor,
        "max_power_kw": 4 * factor,
        "min_off_minutes": 60,
    }
    rod = way | {"id": "rod", "efficiency": 0.5 * factor, "start_minutes": 30}
    gas = way | {"id": "gas", "electric": False, "cost_per_hour": 0.4 * factor}
    store = {
        "id": "store",
        "kind": "storage",
        "max_power_kw": 2 * factor,
        "capacity_kwh": 6 * factor,
        "min_energy_kwh": 1 * factor,
        "initial_energy_kwh": 2 * factor,
        "efficiency": 0.9 / factor,
        "loss_per_hour": 0.01 * factor,
        "demand_series": "pv_kw",
        "cost_per_hour": 0.01 * factor,
        "sources": [rod, gas],
        "targets": [target],
    }
    cell = BATTERY | {
        "id": "cell",
        "charging": way,
        "giving": way | {"min_on_minutes": 60, "start_cost": 0.02 * factor},
        "turn_minutes": 60,
        "targets": [target],
    }
    load = {
        "id": "pool",
        "kind": "flexible_load",
        "max_power_kw": 2 * factor,
        "energy_kwh": 3 * factor,
        "windows": [{"start": at(0), "end": at(4)}],
        "preferred": [{"start": at(1), "end": at(2)}],
        "outside_price_per_kwh": 0.1 * factor,
        "value_per_kwh": 0.3 * factor,
    }
    inverter = {"id": "hybrid", "limit_kw": 4 * factor, "devices": ["battery"]}
    limit = {"id": "dso", "preset": "de_14a", "limit_kw": 4.2 * factor}
    phases = {"limit_kw": 8 * factor, "imbalance_limit_kw": 4.6 * factor}
    return home(
        *(battery, cell, car, pump, store, load),
        inverters=[inverter],
        limits=[limit],
        grid={"phases": phases},
    )


def test_further_devices_are_data_too() -> None:
    structures = Structures()
    for factor in (1.0, 1.01, 1.1):
        rows = series(
            [0.1 * factor, 0.3 * factor, 0.2 * factor, 0.4],
            pv_kw=[1.0 * factor, 0.0, 2.0, 0.5],
            cop=3.0 * factor,
            t_min_c=20.0 * factor,
            t_max_c=25.0 * factor,
            outdoor_temperature_c=3.0 * factor,
        )
        parts = parts_of(many(factor), rows)
        same(structures.compiled(*parts), Structures().compiled(*parts))
    assert len(structures) == 1
