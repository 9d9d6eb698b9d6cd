"""What is paid for deviating from a baseline, and for being able to."""

from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

from cem_core.tariff import Deviation, FlexibilityPrice, covered_hours, delivered_kw
from optimizer.document import InputError
from optimizer.home_flexibility import Activation
from optimizer.read_home import home_from_json
from optimizer.schema import home_schema
from tests.optimizer.homes import (
    BATTERY,
    CAR,
    ROOF,
    Json,
    at,
    home,
    net_kw,
    plan,
    series,
)

LESS: Json = {
    "id": "evening",
    "direction": "reduce",
    "start": at(1),
    "end": at(3),
    "baseline_series": "baseline_kw",
    "power_kw": 2,
    "price_per_kwh": 0.5,
}
HELD: Json = {
    "id": "stand-by",
    "direction": "reduce",
    "start": at(1),
    "end": at(3),
    "power_kw": 3,
    "price_per_kw_hour": 0.02,
}


def selling(*devices: Json, minutes: int = 60, **sold: list[Json]) -> Json:
    given = {k: v for k, v in sold.items() if k in {"activations", "reservations"}}
    grid = {k: v for k, v in sold.items() if k not in given}
    return home(*devices, minutes=minutes, **grid) | {"flexibility": given}


def edges(result: Json) -> list[datetime]:
    times = [datetime.fromisoformat(time) for time in result["times"]]
    return [*times, times[-1] + timedelta(minutes=result["minutes"][-1])]


def settled(given: Json, rows: Json, result: Json) -> float:
    """Return what the engine pays for the net power, and for what is held."""
    cost = 0.0
    for sold in given["flexibility"].get("activations", []):
        price = FlexibilityPrice(
            power_kw=sold["power_kw"],
            price_per_kwh=sold.get("price_per_kwh", 0),
            penalty_per_kwh=sold.get("penalty_per_kwh", 0),
        )
        delivered = delivered_kw(
            Deviation(sold["direction"]),
            sold["power_kw"],
            net_kw(result),
            rows[sold["baseline_series"]],
        )
        start, end = (datetime.fromisoformat(sold[name]) for name in ("start", "end"))
        cost += price.cost(delivered, covered_hours(edges(result), start, end))
    for sold in given["flexibility"].get("reservations", []):
        price = FlexibilityPrice(
            power_kw=sold["power_kw"],
            price_per_kwh=sold.get("price_per_kw_hour", 0),
            penalty_per_kwh=sold.get("penalty_per_kw_hour", 0),
        )
        held = result["flexibility"][sold["id"]]["held_kw"]
        start, end = (datetime.fromisoformat(sold[name]) for name in ("start", "end"))
        cost += price.cost(held, covered_hours(edges(result), start, end))
    return cost


def test_a_battery_delivers_what_is_paid() -> None:
    rows = series([0.3] * 4, load_kw=1.5, baseline_kw=1.5, export_price=0.05)
    full = {**BATTERY, "initial_energy_kwh": 10, "final_energy_kwh": 6}
    given = selling(full, activations=[LESS])
    result = plan(given, rows)
    # 2 kW below 1.5 kW in both hours; there is no more to be had for more.
    assert result["flexibility"] == {"evening": {"delivered_kw": [0, 2, 2, 0]}}
    assert net_kw(result)[1:3] == pytest.approx([-0.5, -0.5])
    assert result["cost"]["flexibility"] == pytest.approx(-4 * 0.5)
    assert settled(given, rows, result) == pytest.approx(-4 * 0.5)


def test_what_lacks_costs_its_penalty() -> None:
    sold = {**LESS, "penalty_per_kwh": 0.2}
    rows = series([0.3] * 4, load_kw=1.0, baseline_kw=1.5)
    result = plan(selling(activations=[sold]), rows)
    # The load is 0.5 kW below its baseline; 1.5 kW of the 2 are missing.
    assert result["flexibility"]["evening"]["delivered_kw"] == [0, 0.5, 0.5, 0]
    assert result["cost"]["flexibility"] == pytest.approx(2 * (-0.5 * 0.5 + 1.5 * 0.2))


def test_the_wrong_direction_earns_nothing_and_costs_no_more() -> None:
    sold = {**LESS, "penalty_per_kwh": 0.2}
    rows = series([0.3] * 4, load_kw=4.0, baseline_kw=1.5)
    result = plan(selling(activations=[sold]), rows)
    assert result["flexibility"]["evening"]["delivered_kw"] == [0] * 4
    assert result["cost"]["flexibility"] == pytest.approx(4 * 0.2)


def test_a_car_takes_more_when_that_is_paid() -> None:
    sold = {**LESS, "direction": "increase", "start": at(2), "end": at(4)}
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 4}
    car = {**CAR, "sessions": [session], "max_power_kw": 4}
    rows = series([0.1, 0.1, 0.3, 0.3], load_kw=1.0, baseline_kw=1.0)
    result = plan(selling(car, activations=[sold]), rows)
    assert result["flexibility"]["evening"]["delivered_kw"][2:] == pytest.approx([2, 2])
    assert result["devices"]["car"]["power_kw"] == pytest.approx([0, 0, 2, 2])


def test_a_window_that_covers_a_part_of_a_step_pays_for_that_part() -> None:
    sold = {**LESS, "start": at(1.5), "end": at(2.25)}
    rows = series([0.3] * 4, load_kw=1.0, baseline_kw=3.0)
    result = plan(selling(activations=[sold]), rows)
    assert result["cost"]["flexibility"] == pytest.approx(-0.5 * 2 * 0.75)


@pytest.mark.parametrize("seed", range(16))
def test_the_best_of_all_whole_plans_is_not_better(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    steps = 4
    sold = [
        {
            **LESS,
            "direction": random.choice(["reduce", "increase"]),
            "power_kw": random.choice([1, 2, 4]),
            "price_per_kwh": random.choice([0.0, 0.2, 0.6]),
            "penalty_per_kwh": random.choice([0.0, 0.3]),
        }
    ]
    rows = series(
        [round(random.uniform(-0.1, 0.5), 2) for _ in range(steps)],
        export_price=[round(random.uniform(-0.1, 0.2), 2) for _ in range(steps)],
        load_kw=[float(random.randint(0, 3)) for _ in range(steps)],
        pv_kw=[float(random.randint(0, 4)) for _ in range(steps)],
        baseline_kw=[float(random.randint(-2, 3)) for _ in range(steps)],
    )
    store = {
        **BATTERY,
        "capacity_kwh": 4,
        "initial_energy_kwh": 2,
        "charge_limit_kw": 2,
        "discharge_limit_kw": 2,
    }
    given = selling(store, ROOF, activations=sold)
    result = plan(given, rows, gap=0)
    start, end = (datetime.fromisoformat(sold[0][name]) for name in ("start", "end"))
    price = home_from_json(given).flexibility.activations[0].price
    hours = covered_hours(edges(result), start, end)
    best = np.inf
    for powers in product((-2, -1, 0, 1, 2), repeat=steps):
        energy = 2 + np.cumsum(powers)
        if energy.min() < 0 or energy.max() > 4:
            continue
        net = np.array(powers) + rows["load_kw"] - rows["pv_kw"]
        cost = float(np.maximum(net, 0) @ rows["import_price"])
        cost -= float(np.maximum(-net, 0) @ rows["export_price"])
        way, power = Deviation(sold[0]["direction"]), sold[0]["power_kw"]
        cost += price.cost(delivered_kw(way, power, net, rows["baseline_kw"]), hours)
        best = min(best, cost)
    assert result["objective"] <= best + 1e-6
    flexibility = result["cost"]["flexibility"]
    assert settled(given, rows, result) == pytest.approx(flexibility, abs=1e-6)


def test_energy_is_held_back_while_that_pays_more_than_using_it() -> None:
    rows = series([0.30, 0.30, 0.30, 0.30], load_kw=1.0)
    full = {**BATTERY, "initial_energy_kwh": 2}
    held = {**HELD, "hold_minutes": 30, "price_per_kw_hour": 0.5, "end": at(4)}
    result = plan(selling(full, reservations=[held]), rows)
    # 2 kWh last half an hour at 3 kW with half a kWh to spare.
    assert result["flexibility"]["stand-by"]["held_kw"][1:] == pytest.approx([3] * 3)
    assert result["cost"]["flexibility"] == pytest.approx(-3 * 3 * 0.5)
    assert result["cost"]["energy"] == pytest.approx(3.5 * 0.3)
    alone = plan(home(full), rows)
    assert alone["cost"]["energy"] == pytest.approx(2 * 0.3)


def test_power_that_is_planned_is_not_held_as_well() -> None:
    rows = series([0.9] * 3, load_kw=4.0)
    full = {**BATTERY, "initial_energy_kwh": 10}
    result = plan(selling(full, reservations=[{**HELD, "start": at(0)}]), rows)
    given = np.array(result["devices"]["battery"]["discharge_kw"])
    held = np.array(result["flexibility"]["stand-by"]["held_kw"])
    assert given.sum() == pytest.approx(10)
    assert (given + held <= 5 + 1e-6).all()


def test_a_roof_can_take_more_by_producing_less() -> None:
    held = {**HELD, "direction": "increase", "price_per_kw_hour": 0.1}
    rows = series([0.3] * 4, pv_kw=[0.0, 2.0, 3.0, 1.0])
    result = plan(selling({**ROOF, "curtailable": True}, reservations=[held]), rows)
    # A call of a quarter of an hour may begin at the end of its hour.
    assert result["flexibility"]["stand-by"]["held_kw"] == pytest.approx([0, 2, 1, 0])


def test_a_limit_of_the_connection_leaves_room_for_a_call() -> None:
    rows = series([0.3] * 4, load_kw=1.0)
    full = {**BATTERY, "initial_energy_kwh": 10, "charge_limit_kw": 0}
    full["final_energy_kwh"] = 10
    grid = {"export_limit_kw": 0.5}
    given = selling(full, reservations=[HELD]) | {"grid": grid}
    result = plan(given, rows)
    # The load of 1 kW and 0.5 kW that may be exported.
    assert result["flexibility"]["stand-by"]["held_kw"][1:3] == pytest.approx([1.5] * 2)


def test_nothing_is_held_while_an_operator_limits_devices() -> None:
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": 1,
        "start": at(2),
        "end": at(3),
    }
    held = {**HELD, "direction": "increase"}
    given = selling(BATTERY, reservations=[held]) | {"limits": [limit]}
    result = plan(given, series([0.3] * 4))
    # A call that begins late in hour 1 would reach into the limit.
    assert result["flexibility"]["stand-by"]["held_kw"] == [0] * 4


def called(
    battery: Json, rows: Json, result: Json, sold: Json, start_h: float
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Play a call second by second of a model: return energies and powers of it."""
    hours = result["minutes"][0] / 60
    plan_of = result["devices"]["battery"]
    t = int(start_h / hours + 1e-9)
    t = min(t, len(result["times"]) - 1)
    held = result["flexibility"][sold["id"]]["held_kw"][t]
    energy, grain, found, power = battery["initial_energy_kwh"], hours / 60, [], []
    eta_c, eta_d = battery["charge_efficiency"], battery["discharge_efficiency"]
    for k in range(len(result["times"]) * 60):
        s, time = k // 60, k * grain
        net = plan_of["charge_kw"][s] - plan_of["discharge_kw"][s]
        on = start_h - 1e-9 <= time < start_h + sold["hold_minutes"] / 60 - 1e-9
        if on:
            net += held if sold["direction"] == "increase" else -held
            power.append(net)
        if time > start_h + sold["hold_minutes"] / 60:
            break
        energy += grain * (net * eta_c if net > 0 else net / eta_d)
        found.append(energy)
    del rows
    return np.array(found), np.array(power or [0.0])


@pytest.mark.parametrize("seed", range(16))
def test_every_call_can_be_met(seed: int) -> None:
    """Play calls that begin anywhere in the window, after the plan as it stands."""
    random = Random(seed)  # noqa: S311 - a repeatable draw
    minutes = random.choice([15, 60])
    steps = 4 * 60 // minutes
    battery = {
        **BATTERY,
        "capacity_kwh": 6,
        "min_energy_kwh": 1,
        "initial_energy_kwh": random.choice([1, 3, 5.5]),
        "charge_efficiency": 0.9,
        "discharge_efficiency": 0.95,
    }
    sold = {
        **HELD,
        "direction": random.choice(["reduce", "increase"]),
        "hold_minutes": random.choice([15, 20, 60, 90]),
        "price_per_kw_hour": random.choice([0.02, 0.2]),
        "penalty_per_kw_hour": random.choice([0, 0.1]),
    }
    rows = series(
        [round(random.uniform(0, 0.5), 2) for _ in range(steps)],
        minutes=minutes,
        export_price=0.02,
        load_kw=[random.choice([0.5, 1, 3]) for _ in range(steps)],
        pv_kw=[random.choice([0.0, 2, 4]) for _ in range(steps)],
    )
    given = selling(battery, ROOF, minutes=minutes, reservations=[sold])
    result = plan(given, rows)
    assert result["status"] == "optimal"
    flexibility = result["cost"]["flexibility"]
    assert settled(given, rows, result) == pytest.approx(flexibility, abs=1e-6)
    assert max(result["flexibility"]["stand-by"]["held_kw"]) > 0
    for start_h in np.arange(1, 3, 1 / 12):
        energy, power = called(battery, rows, result, sold, float(start_h))
        assert energy.min() >= 1 - 1e-3
        assert energy.max() <= 6 + 1e-3
        assert np.abs(power).max() <= 5 + 1e-4


def test_held_power_is_as_much_as_could_be() -> None:
    """With no losses the bound is exact: a finer search finds nothing more."""
    sold = {**HELD, "hold_minutes": 90, "price_per_kw_hour": 1, "end": at(2)}
    battery = {
        **BATTERY,
        "capacity_kwh": 6,
        "initial_energy_kwh": 3,
        "charge_efficiency": 1,
        "discharge_efficiency": 1,
    }
    rows = series([0.3] * 4, load_kw=0.0)
    result = plan(selling(battery, reservations=[sold]), rows)
    held = result["flexibility"]["stand-by"]["held_kw"][1]
    # A call over an hour and a half from what is charged before and meanwhile.
    assert held == pytest.approx(3)
    more = {**sold, "power_kw": 9}
    most = plan(selling(battery, reservations=[more]), rows)
    # Full after the first hour: 6 kWh over an hour and a half.
    assert most["flexibility"]["stand-by"]["held_kw"][1] == pytest.approx(4)


@pytest.mark.parametrize(
    ("sold", "expected"),
    [
        (
            {"activations": [LESS, {**LESS, "id": "b", "start": at(2), "end": at(9)}]},
            "activations[1].start: overlaps evening, and a kW that is sold twice",
        ),
        ({"activations": [LESS, LESS]}, "activations[1].id: 'evening' is sold"),
        (
            {"activations": [{**LESS, "end": at(1)}]},
            "activations[0].end: must be after start",
        ),
        (
            {"reservations": [{**HELD, "devices": ["x"]}]},
            "devices[0]: 'x' is no device of this home",
        ),
        (
            {"reservations": [{**HELD, "devices": ["roof"]}]},
            "devices[0]: roof cannot deliver: it is no battery, and no solar",
        ),
    ],
)
def test_each_mistake_is_named(sold: Any, expected: str) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(selling(ROOF, **sold))
    assert expected in str(refused.value)


@pytest.mark.parametrize(
    ("fields", "more", "reason"),
    [
        ({"grid_charge": False}, {}, "charges from a surplus only"),
        (
            {},
            {"inverters": [{"id": "i", "limit_kw": 5, "devices": ["battery"]}]},
            "shares an inverter",
        ),
        (
            {"connection": "a"},
            {"sub_connections": [{"id": "a", "wiring": "own", "import_series": "x"}]},
            "is on a sub-connection",
        ),
    ],
)
def test_a_battery_that_cannot_deliver_is_named(
    fields: Json, more: Json, reason: str
) -> None:
    held = {**HELD, "direction": "increase", "devices": ["battery"]}
    with pytest.raises(InputError, match=f"battery cannot deliver: it {reason}"):
        home_from_json(selling({**BATTERY, **fields}, reservations=[held]) | more)


def test_opposite_directions_may_overlap() -> None:
    more = {**LESS, "id": "more", "direction": "increase"}
    both = home_from_json(selling(activations=[LESS, more])).flexibility.activations
    assert [type(each) for each in both] == [Activation, Activation]


def test_the_schema_has_them() -> None:
    sold = home_schema()["properties"]["flexibility"]["properties"]
    reservation = sold["reservations"]["items"]["properties"]
    assert reservation["direction"]["enum"] == ["reduce", "increase"]


def test_a_battery_says_what_it_is_paid_for() -> None:
    rows = series([0.3] * 4, load_kw=1.5, baseline_kw=1.5, export_price=0.05)
    full = {**BATTERY, "initial_energy_kwh": 10, "final_energy_kwh": 6}
    result = plan(selling(full, activations=[LESS]), rows)
    said = " ".join(reason["text"] for reason in result["reasons"])
    assert "evening pays €0.500/kWh for less import than agreed." in said


def test_a_battery_says_that_it_is_held_back() -> None:
    rows = series([0.3, 0.3, 0.5, 0.5], load_kw=1.0)
    held = {**HELD, "start": at(0), "end": at(2)}
    some = {**BATTERY, "initial_energy_kwh": 2, "charge_efficiency": 0.5}
    result = plan(selling(some, reservations=[held]), rows)
    keeps, _ = result["reasons"]
    assert "stand-by holds up to 3.00 kW back for a call." in keeps["text"]


def test_a_car_says_that_it_is_paid_to_draw() -> None:
    sold = {**LESS, "direction": "increase"}
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 4}
    car = {**CAR, "sessions": [session], "max_power_kw": 4}
    rows = series([0.1, 0.3, 0.3, 0.1], load_kw=1.0, baseline_kw=1.0)
    (reason,) = plan(selling(car, activations=[sold]), rows)["reasons"]
    assert "evening pays €0.500/kWh for more import than agreed." in reason["text"]
