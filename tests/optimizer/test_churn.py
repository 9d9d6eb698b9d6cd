"""A plan made again on nearly the same data is nearly the same plan."""

from itertools import pairwise
from random import Random
import time

import numpy as np
import pytest

from optimizer.align import align, horizon_of
from optimizer.assemble import assemble
from optimizer.linear import Linear, aim_at
from optimizer.optimize import Options, optimize
from optimizer.read_home import home_from_json
from optimizer.series import table
from optimizer.structures import Structures
from tests.optimizer.homes import BATTERY, CAR, HEAT_PUMP, ROOF, Json, at, home, series

STEPS = 48
DEVICES = ("battery", "car", "heat_pump")


def given(price: float, least_kw: float = 1.4) -> tuple[Json, Json]:
    random = Random(3)  # noqa: S311 - a repeatable draw
    session = {"arrive": at(0), "depart": at(11), "energy_kwh": 20}
    battery = {
        **BATTERY,
        "initial_energy_kwh": 5,
        "final_energy_kwh": 5,
        "charge_efficiency": 0.95,
        "discharge_efficiency": 0.95,
        "wear_per_kwh": 0.02,
    }
    car = {**CAR, "min_power_kw": least_kw, "sessions": [session]}
    rows = series(
        [0.25 + price * random.uniform(-1, 1) for _ in range(STEPS)],
        minutes=15,
        load_kw=[random.uniform(0.3, 0.8) for _ in range(STEPS)],
        pv_kw=[max(0.0, 3 * np.sin(t / 8)) for t in range(STEPS)],
        cop=3.0,
        t_min_c=20.0,
        t_max_c=22.5,
        outdoor_temperature_c=3.0,
    )
    capacity = {"price_per_kw": 4, "peak_so_far_kw": 4}
    tariff = {"capacity": capacity}
    return home(ROOF, battery, car, HEAT_PUMP, minutes=15, tariff=tariff), rows


def powers(result: Json) -> np.ndarray:
    """Return the powers in kW of what is planned, all steps in a row."""
    found = []
    for name in DEVICES:
        device = result["devices"][name]
        if "power_kw" in device:
            found.append(np.array(device["power_kw"]))
        else:
            found.append(np.subtract(device["charge_kw"], device["discharge_kw"]))
    return np.concatenate(found)


def churn(before: Json, after: Json) -> float:
    """Return the energy moved, as a share of the energy planned."""
    return float(
        np.abs(powers(after) - powers(before)).sum() / np.abs(powers(before)).sum()
    )


@pytest.mark.parametrize("price", [0.0, 0.05], ids=["flat", "hourly"])
def test_the_same_data_give_the_same_plan_from_any_basis(price: float) -> None:
    document, rows = given(price)
    structures = Structures()
    first, _, again = (
        optimize(home_from_json(document), table(r), Options(), structures)
        for r in (rows, given(price + 0.1)[1], rows)
    )
    assert churn(first, again) < 1e-3
    assert again["objective"] == pytest.approx(first["objective"], rel=1e-6)


@pytest.mark.parametrize("price", [0.0, 0.05], ids=["flat", "hourly"])
def test_a_slightly_other_load_moves_little(price: float) -> None:
    document, rows = given(price)
    random = Random(5)  # noqa: S311 - a repeatable draw
    other = {
        **rows,
        "load_kw": [kw * random.uniform(0.99, 1.01) for kw in rows["load_kw"]],
    }
    structures = Structures()
    first, again = (
        optimize(home_from_json(document), table(r), Options(), structures)
        for r in (rows, other)
    )
    assert churn(first, again) < 0.05


REPLANS = 12


def moved(price: float, start_cost: float) -> float:
    """Return the mean churn of re-plans on loads and prices that are a little off."""
    document, rows = given(price)
    document["devices"] = [
        {**d, "start_cost": start_cost} if d["id"] in {"car", "heat_pump"} else d
        for d in document["devices"]
    ]
    random, structures = Random(7), Structures()  # noqa: S311 - a repeatable draw

    def near(column: str, share: float) -> list[float]:
        return [x * random.uniform(1 - share, 1 + share) for x in rows[column]]

    plans = [
        optimize(
            home_from_json(document),
            table(
                {
                    **rows,
                    "load_kw": near("load_kw", 0.02),
                    "import_price": near("import_price", 0.005),
                }
            ),
            Options(gap=3e-3),
            structures,
        )
        for _ in range(REPLANS)
    ]
    return float(np.mean([churn(one, other) for one, other in pairwise(plans)]))


@pytest.mark.parametrize(
    ("price", "most"), [(0.0, 0.25), (0.05, 0.1)], ids=["flat", "hourly"]
)
def test_replans_on_nearly_the_same_data_move_little_where_starts_cost(
    price: float, most: float
) -> None:
    free, paid = moved(price, 0.0), moved(price, 0.02)
    print(f"churn {free:.3f} without a cost of starts, {paid:.3f} with")  # noqa: T201
    assert paid <= most
    assert price or paid < 0.5 * free


def test_with_flat_prices_a_car_charges_in_one_go_and_a_rest() -> None:
    document, rows = given(0.0)
    car = optimize(home_from_json(document), table(rows))["devices"]["car"]["power_kw"]
    on = np.array(car) > 0.01
    assert np.abs(np.diff(on.astype(int))).sum() <= 3
    assert on[:12].all()


@pytest.mark.parametrize("cents", [1e-6, 1e-4, 3e-4, 5.0])
def test_preferences_cost_less_than_a_millionth(cents: float) -> None:
    """Also where prices differ by so little that a preference could outweigh them."""
    document, rows = given(cents / 100)
    home, columns = home_from_json(document), table(rows)
    horizon = horizon_of(home, columns)
    parts = assemble(home, align(home, columns, horizon), horizon)
    compiled = Structures().compiled(parts, horizon)
    linear = Linear(compiled, compiled.closed, time.monotonic() + 60)
    cost = compiled.entries.cost
    paid = []
    for weights in (compiled.weights, None):
        linear.minimise(aim_at(linear.instance, cost, weights))
        run = linear.run()
        assert run is not None
        paid.append(float(cost @ run.values) + compiled.offset)
    preferred, cheapest = paid
    assert preferred - cheapest <= 1e-6 * abs(cheapest)


def test_a_run_and_the_warmth_stay_where_nothing_tells_times_apart() -> None:
    """Flat prices and free heat: replans on other loads give the same preferences."""
    washer = {
        "id": "washer",
        "kind": "appliance",
        "profile_kw": [2.0, 0.5, 0.5],
        "earliest_start": at(1),
        "latest_end": at(11),
        "preferred": [{"start": at(4), "end": at(7)}],
    }
    document, rows = given(0.0)
    document["devices"] = [washer, HEAT_PUMP]
    document["tariff"] = {}
    random, structures = Random(11), Structures()  # noqa: S311 - a repeatable draw
    free = {**rows, "import_price": [0.0] * STEPS, "export_price": [0.0] * STEPS}
    found = []
    for _ in range(6):
        load = [kw * random.uniform(0.9, 1.1) for kw in rows["load_kw"]]
        changed = table({**free, "load_kw": load})
        found.append(optimize(home_from_json(document), changed, None, structures))
    assert {plan["devices"]["washer"]["start"] for plan in found} == {at(4)}
    indoor = [plan["devices"]["heat_pump"]["indoor_temperature_c"] for plan in found]
    assert np.ptp(indoor, axis=0).max() < 1e-3
    assert np.array(indoor)[:, 8:20] == pytest.approx(21.25, abs=1e-3)
