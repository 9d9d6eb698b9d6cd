"""Plans judged by a second reading of the contract, and against every whole plan.

Data are whole kW, so that a brute force over whole powers finds good plans: none
may be cheaper than the optimiser's, whose own plan has to pass the judge.
"""

from itertools import product
from typing import Any

from hypothesis import given, settings, strategies as st
import numpy as np
from numpy.typing import NDArray

from tests.optimizer.homes import BATTERY, CAR, ROOF, Json, at, home, plan, series
from tests.optimizer.judge import judge

STEPS = 4
EXACT = {"gap": 1e-7}
# On Python 3.14 Hypothesis miscounts the references to its own generator.
small = settings(max_examples=40, deadline=None, derandomize=True)
type Powers = NDArray[np.int64]


@st.composite
def days(draw: Any) -> Json:
    cents = draw(st.lists(st.integers(-10, 50), min_size=STEPS, max_size=STEPS))
    margin = draw(st.integers(-3, 10))
    whole = st.lists(st.integers(0, 3), min_size=STEPS, max_size=STEPS)
    suns = st.lists(st.integers(0, 5), min_size=STEPS, max_size=STEPS)
    return series(
        [c / 100 for c in cents],
        export_price=[(c - margin) / 100 for c in cents],
        load_kw=[float(kw) for kw in draw(whole)],
        pv_kw=[float(kw) for kw in draw(suns)],
    )


def every(choices: tuple[int, ...]) -> Powers:
    return np.array(list(product(choices, repeat=STEPS)), int)


def cheapest(rows: Json, battery: Powers, car: Powers, keeps: Any = None) -> float:
    """Return the least cost of all pairs of powers that ``keeps`` lets pass."""
    net = (
        battery[:, None, :]
        + car[None, :, :]
        + np.array(rows["load_kw"])
        - np.array(rows["pv_kw"])
    )
    bought, sold = np.maximum(net, 0), np.maximum(-net, 0)
    cost = bought @ np.array(rows["import_price"])
    cost -= sold @ np.array(rows["export_price"])
    if keeps is not None:
        cost = np.where(keeps(battery[:, None, :], car[None, :, :], net), cost, np.inf)
    return float(cost.min(initial=np.inf))


def battery_powers(battery: Json) -> Powers:
    powers = every((-2, -1, 0, 1, 2))
    energy = battery["initial_energy_kwh"] + powers.cumsum(axis=1)
    least = max(battery.get("reserve_kwh", 0), battery.get("min_energy_kwh", 0))
    kept = (energy.min(axis=1) >= least) & (energy.max(axis=1) <= 4)
    if "max_cycles_per_day" in battery:
        given = np.maximum(-powers, 0).sum(axis=1)
        kept &= given <= battery["max_cycles_per_day"] * 4
    found: Powers = powers[kept]
    return found


def check(given_home: Json, rows: Json, least: float) -> None:
    result = plan(given_home, rows, **EXACT)
    assert result["status"] == "optimal"
    judge(given_home, rows, result)
    assert result["objective"] <= least + 1e-6


NO_CAR = np.zeros((1, STEPS), int)
SMALL = {
    **BATTERY,
    "capacity_kwh": 4,
    "initial_energy_kwh": 2,
    "charge_limit_kw": 2,
    "discharge_limit_kw": 2,
}


@small
@given(days(), st.integers(0, 2), st.sampled_from([0.25, 0.5, 0.75, None]))
def test_reserve_and_cycles(rows: Json, reserve: int, cycles: float | None) -> None:
    battery = {**SMALL, "reserve_kwh": reserve}
    if cycles is not None:
        battery["max_cycles_per_day"] = cycles
    least = cheapest(rows, battery_powers(battery), NO_CAR)
    check(home(battery, ROOF), rows, least)


@small
@given(days())
def test_a_battery_that_waits_for_surplus(rows: Json) -> None:
    battery = {**SMALL, "grid_charge": False}

    def keeps(battery: Powers, _: Powers, net: Powers) -> Any:
        return ~((battery > 0) & (net > 0)).any(axis=-1)

    least = cheapest(rows, battery_powers(battery), NO_CAR, keeps)
    check(home(battery, ROOF), rows, least)


@small
@given(days(), st.integers(0, 4), st.booleans(), st.integers(0, 2))
def test_a_car_that_gives_back(
    rows: Json, energy_kwh: int, borrows: bool, least_kw: int
) -> None:
    session = {
        "arrive": at(0),
        "depart": at(4),
        "energy_kwh": energy_kwh,
        "min_energy_kwh": -2 if borrows else 0,
        "max_energy_kwh": 6,
    }
    car = {
        **CAR,
        "min_power_kw": least_kw,
        "max_power_kw": 3,
        "bidirectional": True,
        "sessions": [session],
    }
    powers = every(tuple(p for p in range(-3, 4) if p == 0 or abs(p) >= least_kw))
    energy = powers.cumsum(axis=1)
    powers = powers[
        (energy.min(axis=1) >= session["min_energy_kwh"])
        & (energy.max(axis=1) <= 6)
        & (energy[:, -1] >= energy_kwh)
    ]
    battery = {**SMALL, "discharge_limit_kw": 1, "charge_limit_kw": 1}
    chosen = every((-1, 0, 1))
    stored = 2 + chosen.cumsum(axis=1)
    chosen = chosen[(stored.min(axis=1) >= 0) & (stored.max(axis=1) <= 4)]
    least = cheapest(rows, chosen, powers)
    check(home(battery, ROOF, car), rows, least)


@small
@given(days(), st.integers(0, 3), st.sampled_from(["gross", "grid_draw"]))
def test_a_limit_on_what_is_drawn_or_drawn_from_the_grid(
    rows: Json, limit_kw: int, basis: str
) -> None:
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 0}
    car = {**CAR, "min_power_kw": 2, "max_power_kw": 4, "sessions": [session]}
    # A car that is worth charging whenever it may: its limit binds.
    rows = {**rows, "import_price": [-0.1, *rows["import_price"][1:]]}
    rows["export_price"] = [
        min(b, s)
        for b, s in zip(rows["import_price"], rows["export_price"], strict=True)
    ]
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": limit_kw,
        "basis": basis,
        "start": at(0.5),
        "end": at(2.5),
    }

    def keeps(battery: Powers, car: Powers, net: Powers) -> Any:
        drawn = np.maximum(battery, 0) + car
        if basis == "grid_draw":
            drawn = np.minimum(drawn, np.maximum(net, 0))
        return (drawn[..., :3] <= limit_kw).all(axis=-1)

    least = cheapest(rows, battery_powers(SMALL), every((0, 2, 3, 4)), keeps)
    check(home(SMALL, ROOF, car, limits=[limit]), rows, least)


@small
@given(days(), st.integers(0, 9))
def test_phases_that_are_switched(rows: Json, energy_kwh: int) -> None:
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": energy_kwh}
    ranges = [{"min_kw": 1, "max_kw": 2}, {"min_kw": 4, "max_kw": 5}]
    car = {
        **CAR,
        "min_power_kw": 1,
        "max_power_kw": 5,
        "power_ranges": ranges,
        "sessions": [session],
    }
    powers = every((0, 1, 2, 4, 5))
    powers = powers[powers.sum(axis=1) >= energy_kwh]
    least = cheapest(rows, battery_powers(SMALL), powers)
    check(home(SMALL, ROOF, car), rows, least)


@small
@given(days(), st.sampled_from([0, 2, None]), st.booleans())
def test_a_battery_and_a_roof_behind_one_inverter(
    rows: Json, draw_limit_kw: int | None, grid_charge: bool
) -> None:
    """Half of what passes the inverter is lost, and it gives at most 1 kW."""
    inverter = {
        "id": "hybrid",
        "limit_kw": 1,
        "draw_limit_kw": draw_limit_kw,
        "to_ac_efficiency": 0.5,
        "to_dc_efficiency": 0.5,
        "devices": ["roof", "battery"],
    }
    battery = battery_powers(SMALL)[:, None, :]
    suns = every((0, 1, 2, 3, 4, 5))
    sun = suns[(suns <= np.array(rows["pv_kw"])).all(axis=1)][None, :, :]
    direct = sun - battery
    passed = np.where(direct > 0, 0.5 * direct, 2.0 * direct)
    most = 1 if draw_limit_kw is None else draw_limit_kw
    net = np.array(rows["load_kw"]) - passed
    bought, sold = np.maximum(net, 0), np.maximum(-net, 0)
    cost = bought @ np.array(rows["import_price"])
    cost -= sold @ np.array(rows["export_price"])
    kept = ((passed <= 1) & (passed >= -most)).all(axis=-1)
    if not grid_charge:
        kept &= ~((passed < 0) & (net > 0)).any(axis=-1)
    least = float(np.where(kept, cost, np.inf).min())
    roof = {**ROOF, "curtailable": True}
    behind = {**SMALL, "grid_charge": grid_charge}
    check(home(behind, roof, inverters=[inverter]), rows, least)
