"""Whatever the home: a plan that keeps its physics, never an exception."""

import json
from random import Random
from typing import Any

import pytest

from cem_core.model.plan_json import plan_from_json
from tests.optimizer.homes import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    NOON,
    ROOF,
    Json,
    at,
    home,
    plan,
    series,
)

LEVELS = [{"up_to_kw": 2, "price": 5}, {"up_to_kw": 8, "price": 12}]
BLOCKS = [
    {"up_to_kwh": 2, "price_per_kwh": 0.1},
    {"up_to_kwh": 8, "price_per_kwh": 0.3},
    {"price_per_kwh": 0.2},
]
NAMES = ("load", "{x}", "grid connection", "limit l0", "été", "capacity charge")


def device(random: Random, place: int, hours: float) -> Json:
    name = {"id": f"{random.choice(NAMES)} {place}"}
    match random.randrange(5):
        case 0:
            return {**ROOF, **name, "curtailable": random.random() < 0.5}
        case 1:
            return {**BATTERY, **name, **battery(random)}
        case 2:
            least = random.choice([0, 1.4, 4.14, 11])
            return {
                **CAR,
                **name,
                "min_power_kw": least,
                "sessions": stays(random, hours),
            }
        case 3:
            initial = random.choice([5, 20, 30])
            return {
                **HEAT_PUMP,
                **name,
                "thermal": {**HEAT_PUMP["thermal"], "initial_c": initial},
            }
        case _:
            return {**name, **appliance(random, hours)}


def battery(random: Random) -> Json:
    capacity = random.choice([0.1, 5, 10, 100])
    return {
        "capacity_kwh": capacity,
        "min_energy_kwh": random.uniform(0, capacity),
        "initial_energy_kwh": random.choice([0, capacity, random.uniform(0, capacity)]),
        "final_energy_kwh": random.choice([None, random.uniform(0, capacity)]),
        "charge_limit_kw": random.choice([0, 3, 5]),
        "discharge_limit_kw": random.choice([0, 3, 5]),
        "charge_efficiency": random.choice([1, 0.9, 0.5]),
        "wear_per_kwh": random.choice([0, 0.02]),
        "end_value_per_kwh": random.choice([0, 0.2]),
    }


def stays(random: Random, hours: float) -> list[Json]:
    found, begin = [], random.uniform(-3, hours)
    for _ in range(random.randrange(4)):
        end = begin + random.uniform(0.1, 6)
        energy = random.choice([0, 5, 30, 200])
        found.append({"arrive": at(begin), "depart": at(end), "energy_kwh": energy})
        begin = end + random.uniform(0, 4)
    return found


def appliance(random: Random, hours: float) -> Json:
    profile = [random.choice([0, 0.5, 2]) for _ in range(random.randint(1, 8))]
    minutes, begin = random.choice([7, 15, 60]), random.uniform(-5, hours + 2)
    end = begin + len(profile) * minutes / 60 + random.uniform(0.01, 8)
    return {
        "kind": "appliance",
        "profile_kw": profile,
        "profile_step_minutes": minutes,
        "earliest_start": at(begin),
        "latest_end": at(end),
    }


def surroundings(random: Random) -> Json:
    limits = [
        {
            "id": f"l{place}",
            "direction": random.choice(["import", "export"]),
            "scope": random.choice(["connection", "controllable"]),
            "limit_kw": random.choice([0, 2, 4.2]),
            "start": random.choice([None, at(random.uniform(-2, 5))]),
            "end": random.choice([None, at(random.uniform(5, 9))]),
        }
        for place in range(random.randrange(3))
    ]
    capacity = {
        "peak_so_far_kw": random.choice([0, 4]),
        "integration_minutes": random.choice([5, 15, 30, 60]),
        "top": random.choice([1, 3, 100]),
        "distinct_days": random.random() < 0.5,
        "masks": random.choice([[], [{"hours": "14-20", "weight": 2}]]),
        **random.choice([{"price_per_kw": 0}, {"price_per_kw": 4}, {"steps": LEVELS}]),
    }
    bought = {
        "spot_series": "import_price",
        "vat_share": 0.2,
        "blocks": random.choice([[], BLOCKS[:2], BLOCKS]),
        "imported_so_far_kwh": random.choice([0, 1, 20]),
    }
    several = [capacity, {"preset": "norway"}]
    return {
        "limits": limits,
        "grid": {"import_limit_kw": random.choice([None, 0, 3, 9])},
        "tariff": {
            "capacity": random.choice([None, capacity, several]),
            "import": random.choice([None, bought]),
            "netting_minutes": random.choice([None, 60]),
        },
    }


def any_home(random: Random) -> tuple[Json, Json]:
    """Return HOME and SERIES, drawn from ``random``."""
    minutes, steps = random.choice([5, 15, 20, 30, 60]), random.choice([1, 3, 8, 24])
    buy = [round(random.uniform(-0.2, 0.6), 2) for _ in range(steps)]
    rows = series(
        buy,
        minutes=minutes,
        export_price=[round(p - random.choice([-0.05, 0, 0.1, 0.3]), 2) for p in buy],
        load_kw=[random.choice([0.0, 0.5, 3, -1, 12]) for _ in range(steps)],
        pv_kw=[random.choice([0.0, 2, 9]) for _ in range(steps)],
        cop=3.0,
        t_min_c=20.0,
        t_max_c=22.0,
        outdoor_temperature_c=5.0,
    )
    hours = steps * minutes / 60
    devices = [device(random, place, hours) for place in range(random.randrange(6))]
    return home(*devices, minutes=minutes, **surroundings(random)), rows


@pytest.mark.parametrize("seed", range(60))
def test_any_home_gets_a_plan(seed: int) -> None:
    result = plan(*any_home(Random(seed)))  # noqa: S311 - a repeatable draw
    json.dumps(result, allow_nan=False)
    assert result["objective"] == pytest.approx(sum(result["cost"].values()), abs=1e-6)
    gave_way = result["status"] in {"relaxed", "infeasible"}
    assert bool(result["relaxed"]) == gave_way
    balance(result)
    plan_from_json(result, created_at=NOON)


def balance(result: dict[str, Any]) -> None:
    for t, load in enumerate(result["load_kw"]):
        power = load
        for planned in result["devices"].values():
            if planned["kind"] == "battery":
                charge, discharge = planned["charge_kw"][t], planned["discharge_kw"][t]
                assert min(charge, discharge) < 1e-4
                power += charge - discharge
            else:
                sign = -1 if planned["kind"] == "solar" else 1
                power += sign * planned["power_kw"][t]
        net = result["grid"]["import_kw"][t] - result["grid"]["export_kw"][t]
        assert net == pytest.approx(power, abs=1e-4)
