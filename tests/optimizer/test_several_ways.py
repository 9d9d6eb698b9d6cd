"""Storages filled in several ways and batteries that run and rest.

Against every pattern of being on in a few steps of an hour.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import product

from hypothesis import given, settings, strategies as st
import numpy as np
import pytest

from optimizer.document import InputError
from optimizer.horizon import Horizon
from optimizer.read_home import home_from_json
from optimizer.wished_energy import wished_kwh
from tests.optimizer.homes import BATTERY, Json, at, home, plan, series

STEPS = 5
few = settings(max_examples=25, deadline=None, derandomize=True)
prices = st.lists(st.integers(-10, 80), min_size=STEPS, max_size=STEPS)
draws = st.lists(st.integers(0, 4), min_size=STEPS, max_size=STEPS)
least_hours = st.integers(0, 3)
TANK: Json = {
    "id": "tank",
    "kind": "storage",
    "min_power_kw": 1,
    "max_power_kw": 1,
    "efficiency": 3,
    "cost_per_hour": 0.05,
    "capacity_kwh": 6,
    "initial_energy_kwh": 2,
    "demand_series": "draw_kw",
    "missing_price_per_kwh": 0.9,
}
ROD: Json = {"id": "rod", "min_power_kw": 2, "max_power_kw": 2, "efficiency": 1}
GAS: Json = {
    "id": "gas",
    "electric": False,
    "min_power_kw": 4,
    "max_power_kw": 4,
    "efficiency": 0.9,
    "cost_per_hour": 1.2,
}


def kept(on: Sequence[int], run: int, rest: int) -> bool:
    """Tell whether runs and rests inside the pattern are as long as they have to be.

    It is off when the plan starts, for long; what the end cuts off is any length.
    """
    since, before = -100, 0
    for t, now in enumerate(on):
        if now != before:
            if t - since < (run if before else rest):
                return False
            since, before = t, now
    return True


def patterns(run: int, rest: int) -> Iterator[tuple[int, ...]]:
    for each in product((0, 1), repeat=STEPS):
        if kept(each, run, rest):
            yield each


def best_tank(
    cents: Sequence[int], draw: Sequence[int], second: Json, run: int, rest: int
) -> float:
    """Return what the best two patterns cost."""
    price, least = np.array(cents) / 100, np.inf
    for pump in product((0, 1), repeat=STEPS):
        for other in patterns(run, rest):
            energy, missed = TANK["initial_energy_kwh"], 0.0
            filled = 3 * np.array(pump) + np.array(other) * (
                second["max_power_kw"] * second["efficiency"]
            )
            for gained, wanted in zip(filled, draw, strict=True):
                energy += gained - wanted
                missed += max(-energy, 0.0)
                energy = max(energy, 0.0)
                if energy > TANK["capacity_kwh"] + 1e-9:
                    break
            else:
                drawn = second["max_power_kw"] * np.array(other)
                electric = np.array(pump) + drawn * second.get("electric", True)
                cost = electric @ price + 0.05 * sum(pump) + 0.9 * missed
                cost += second.get("cost_per_hour", 0.0) * sum(other)
                least = min(least, float(cost))
    return least


@few
@given(prices, draws, st.sampled_from([ROD, GAS]), least_hours, least_hours)
def test_each_way_runs_and_rests_by_itself(
    cents: list[int], draw: list[int], second: Json, run: int, rest: int
) -> None:
    way = second | {"min_on_minutes": 60 * run, "min_off_minutes": 60 * rest}
    rows = series(
        [c / 100 for c in cents],
        export_price=[c / 100 for c in cents],
        load_kw=0.0,
        draw_kw=[float(kw) for kw in draw],
    )
    found = plan(home(TANK | {"sources": [way]}), rows, gap=1e-9)
    assert found["status"] == "optimal"
    expected = best_tank(cents, draw, second, run, rest)
    assert found["objective"] == pytest.approx(expected, abs=1e-5)
    own, other = (each["power_kw"] for each in found["devices"]["tank"]["sources"])
    electric = np.array(own) + np.array(other) * second.get("electric", True)
    assert found["devices"]["tank"]["power_kw"] == pytest.approx(list(electric))


def test_what_a_start_takes_is_ordered_with_the_rest() -> None:
    way = ROD | {"start_minutes": 30}
    store = TANK | {"sources": [way], "missing_price_per_kwh": 9.0}
    store |= {"initial_energy_kwh": 0}
    rows = series([0.2] * 3, load_kw=0.0, draw_kw=[4.0, 4.0, 4.0])
    tank = plan(home(store), rows)["devices"]["tank"]
    assert tank["power_kw"][0] == pytest.approx(2.0)  # 1, and 2 for half of the hour
    assert tank["order_kw"][0] == pytest.approx(3.0)
    assert tank["action"] == ["run"] * 3


def best_battery(cents: Sequence[int], run: int, rest: int, turn: int) -> float:
    """Return what the best pattern of charging (1), giving (-1) and resting costs."""
    price, least = np.array(cents) / 100, np.inf
    for pattern in product((-1, 0, 1), repeat=STEPS):
        charges, gives = ([int(w == way) for w in pattern] for way in (1, -1))
        if not (kept(charges, run, rest) and kept(gives, run, 0)):
            continue
        if any(
            pattern[s] * pattern[t] == -1
            and all(w == 0 for w in pattern[s + 1 : t])
            and t - s - 1 < turn
            for t in range(STEPS)
            for s in range(t)
        ):
            continue
        energy = 4.0 + 2.0 * np.cumsum(pattern)
        if energy.min() >= 0 and energy.max() <= 8:
            least = min(least, float(2.0 * np.array(pattern) @ price))
    return least


@few
@given(prices, least_hours, least_hours, st.integers(0, 2))
def test_a_battery_runs_rests_and_turns(
    cents: list[int], run: int, rest: int, turn: int
) -> None:
    way = {"min_power_kw": 2, "max_power_kw": 2, "min_on_minutes": 60 * run}
    device = BATTERY | {
        "capacity_kwh": 8,
        "initial_energy_kwh": 4,
        "charging": way | {"min_off_minutes": 60 * rest},
        "giving": way,
        "turn_minutes": 60 * turn,
    }
    price = [c / 100 for c in cents]
    rows = series(price, export_price=price, load_kw=0.0)
    found = plan(home(device), rows, gap=1e-9)
    assert found["status"] == "optimal"
    expected = best_battery(cents, run, rest, turn)
    assert found["objective"] == pytest.approx(expected, abs=1e-5)


def test_a_run_under_way_goes_on() -> None:
    way = {"max_power_kw": 5, "min_power_kw": 1, "initially_on": True}
    device = BATTERY | {"charging": way | {"held_minutes": 120}}
    battery = plan(home(device), series([0.9, 0.9, 0.1, 0.1]))["devices"]["battery"]
    assert battery["charge_kw"][:2] == pytest.approx([1, 1])


@pytest.mark.parametrize("kind", ["battery", "storage"])
def test_a_target_is_met_when_it_begins_and_until_it_ends(kind: str) -> None:
    target = {"start": at(2), "end": at(3), "energy_kwh": 5}
    if kind == "battery":
        device = BATTERY | {"targets": [target]}
    else:
        device = TANK | {"min_power_kw": 0, "targets": [target], "capacity_kwh": 9}
    rows = series([0.1, 0.9, 0.9, 0.9, 0.9], draw_kw=0.0, export_price=0.8)
    found = plan(home(device), rows)["devices"][device["id"]]["energy_kwh"]
    assert found[1] >= 5 - 1e-6
    assert found[2] >= 5 - 1e-6
    if kind == "battery":
        assert found[3] < 5


@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(1, 120), st.floats(0, 10)),
        max_size=4,
    )
)
def test_no_target_is_forgotten_by_steps_of_any_length(
    found: list[tuple[int, int, float]],
) -> None:
    device = TANK | {
        "targets": [
            {"start": at(s / 60), "end": at((s + n) / 60), "energy_kwh": kwh}
            for s, n, kwh in found
        ],
        "capacity_kwh": 10,
    }
    [store] = home_from_json(home(device)).devices
    begin = store.targets[0].start if store.targets else None  # type: ignore[union-attr] # it is a storage
    if begin is None:
        return
    origin = begin - timedelta(minutes=found[0][0])
    minutes = (0, 5, 10, 15, 30, 60, 120, 180, 240, 300, 360, 420)
    edges = tuple(origin + timedelta(minutes=each) for each in minutes)
    horizon = Horizon(edges=edges, zone=origin.tzinfo)  # type: ignore[arg-type] # as a home has it
    wished = wished_kwh(store.targets, 1.0, horizon)  # type: ignore[union-attr] # as above
    assert min(wished) >= 1
    for target in store.targets:  # type: ignore[union-attr] # as above
        ends = [t for t in range(horizon.steps) if horizon.time(t + 1) >= target.start]
        # It is met when it begins, or at the end of the step in which it does.
        assert wished[ends[0]] >= target.energy_kwh


@pytest.mark.parametrize(
    ("fields", "where"),
    [
        ({"sources": [ROD | {"max_power_kw": 1}]}, "sources[0].min_power_kw"),
        (
            {"targets": [{"start": at(2), "end": at(1), "energy_kwh": 1}]},
            "targets[0].end",
        ),
        (
            {"targets": [{"start": at(1), "end": at(2), "energy_kwh": 7}]},
            "targets[0].energy_kwh",
        ),
    ],
)
def test_what_does_not_fit_is_said(fields: Json, where: str) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(home(TANK | fields))
    assert where in str(refused.value)
