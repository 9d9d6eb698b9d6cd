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
from tests.optimizer.judge import judge

GRID_DRAW = {"direction": "import", "scope": "controllable", "basis": "grid_draw"}
PHASES = {"limit_kw": 5.75, "imbalance_limit_kw": 4.6}
LEVELS = [{"up_to_kw": 2, "price": 5}, {"up_to_kw": 8, "price": 12}]
BLOCKS = [
    {"up_to_kwh": 2, "price_per_kwh": 0.1},
    {"up_to_kwh": 8, "price_per_kwh": 0.3},
    {"price_per_kwh": 0.2},
]
NAMES = ("load", "{x}", "grid connection", "limit l0", "été", "capacity charge")


def device(random: Random, place: int, hours: float) -> Json:  # noqa: PLR0911
    name: Json = {"id": f"{random.choice(NAMES)} {place}"}
    name |= {"phases": random.choice([[], [], [1], [2, 3]])}
    match random.randrange(8):
        case 0:
            return {**ROOF, **name, "curtailable": random.random() < 0.5}
        case 1:
            return {**BATTERY, **name, **battery(random)}
        case 2:
            least = random.choice([0, 1.4, 4.14, 11])
            return {
                **CAR,
                **name,
                **both_ways(random),
                "min_power_kw": least,
                "start_cost": random.choice([0, 0.1]),
                "initially_on": random.random() < 0.3,
                "sessions": stays(random, hours),
            }
        case 3:
            initial = random.choice([5, 20, 30])
            return {
                **HEAT_PUMP,
                **name,
                "start_cost": random.choice([0, 0.1]),
                "thermal": {**HEAT_PUMP["thermal"], "initial_c": initial},
            }
        case 4:
            return {**name, **appliance(random, hours)}
        case 5:
            return {**name, **generator(random)}
        case 6:
            return {**name, **programme(random, hours)}
        case _:
            return {**name, **water_heater(random, hours)}


def running(random: Random) -> Json:
    least = random.choice([0, 0, 1, 2])
    # Of a mean nobody can tell how often it was started.
    whole_hours = random.choice([None, None, 1])
    return {
        "whole_hours": whole_hours,
        "min_power_kw": least,
        "max_power_kw": 2,
        "min_on_minutes": random.choice([0, 0, 30, 90]),
        "min_off_minutes": random.choice([0, 0, 45]),
        "max_starts_per_hour": random.choice([None, None, 1]),
        "initially_on": random.random() < 0.3,
        "held_minutes": random.choice([0, 0, 0, 30]),
        "start_cost": 0 if whole_hours else random.choice([0, 0.5]),
    }


def generator(random: Random) -> Json:
    return {
        **running(random),
        "kind": "generator",
        "fuel_cost_per_kwh": random.choice([0.1, 0.4]),
        "max_energy_kwh": random.choice([None, 5]),
    }


def water_heater(random: Random, hours: float) -> Json:
    cycle = {"temperature_c": 55, "by": at(random.uniform(-1, hours + 3))}
    tank = {
        "volume_l": random.choice([200, 500]),
        "initial_c": random.choice([30, 50, 58]),
        "max_c": 58,
        "loss_kw_per_k": random.choice([0, 0.003]),
        "draw_series": random.choice([None, "draw_kw"]),
        "legionella": random.choice([None, cycle]),
    }
    cop = random.choice([None, "cop"])
    return {**running(random), "kind": "water_heater", "tank": tank, "cop_series": cop}


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
        "self_discharge_per_hour": random.choice([0, 0, 0.01]),
        "max_cycles_per_day": random.choice([None, None, 0, 0.5]),
        "reserve_kwh": random.choice([0, 0, random.uniform(0, capacity)]),
        "grid_charge": random.random() < 0.7,
        "controllable": random.random() < 0.8,
    }


def both_ways(random: Random) -> Json:
    if random.random() < 0.6:
        return {}
    return {
        "bidirectional": True,
        "discharge_limit_kw": random.choice([None, 3, 11]),
        "discharge_efficiency": random.choice([None, 0.8]),
        "wear_per_kwh": random.choice([0, 0.05]),
    }


def stays(random: Random, hours: float) -> list[Json]:
    found, begin = [], random.uniform(-3, hours)
    for _ in range(random.randrange(4)):
        end = begin + random.uniform(0.1, 6)
        energy = random.choice([0, 5, 30, 200])
        stay = {"arrive": at(begin), "depart": at(end), "energy_kwh": energy}
        wish = {"preferred_energy_kwh": 40, "late_price_per_kwh": 0.2}
        found.append(
            {
                **stay,
                "max_power_kw": random.choice([None, None, 11]),
                **random.choice([{}, {}, wish]),
            }
        )
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
        **random.choice(
            [
                {},
                {"preferred": [{"start": at(begin), "end": at(begin + 2)}]},
                {
                    "preferred": [{"start": at((begin + end) / 2), "end": at(end)}],
                    "outside_price_per_kwh": random.choice([0, 0.2]),
                },
            ]
        ),
    }


def programme(random: Random, hours: float) -> Json:
    run = appliance(random, hours)
    longest = random.choice([0, 30, 600])
    sections = [
        {
            "id": f"section {place}",
            "options": [
                {
                    "id": f"option {number}",
                    "profile_kw": [random.choice([0, 0.5, 2]) for _ in range(length)],
                    "interruptible": random.random() < 0.5,
                    "max_pause_minutes": longest,
                }
                for number, length in enumerate(lengths)
            ],
        }
        for place, lengths in enumerate(random.choice([[[3]], [[2, 5], [1]]]))
    ]
    return {
        "kind": "programme",
        "sections": sections,
        "begun": random.random() < 0.3,
        **{
            key: run[key]
            for key in ("profile_step_minutes", "earliest_start", "latest_end")
        },
    }


def surroundings(random: Random) -> Json:
    limits = [
        {
            "id": f"l{place}",
            "direction": random.choice(["import", "export"]),
            "scope": random.choice(["connection", "controllable"]),
            "limit_kw": random.choice([0, 2, 4.2]),
            **random.choice([{}, GRID_DRAW]),
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
        "grid": {
            "import_limit_kw": random.choice([None, 0, 3, 9]),
            "phases": random.choice([None, PHASES]),
        },
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
        draw_kw=random.choice([0.0, 1.5]),
        t_min_c=20.0,
        t_max_c=22.0,
        outdoor_temperature_c=5.0,
    )
    hours = steps * minutes / 60
    devices = [device(random, place, hours) for place in range(random.randrange(6))]
    around = surroundings(random)
    if random.random() < 0.3:
        devices, around["inverters"] = behind_an_inverter(random, devices)
    return home(*devices, minutes=minutes, **around), rows


def behind_an_inverter(random: Random, devices: list[Json]) -> tuple[list[Json], Any]:
    """Return the devices with the first battery and the roofs on one bus."""
    roofs = [d for d in devices if d["kind"] == "solar"]
    shared = roofs + [d for d in devices if d["kind"] == "battery"][:1]
    if not shared:
        return devices, []
    inverter = {
        "id": "hybrid",
        "limit_kw": random.choice([1, 5, 50]),
        "draw_limit_kw": random.choice([None, 0, 3]),
        "to_ac_efficiency": random.choice([1, 0.97, 0.8]),
        "to_dc_efficiency": random.choice([1, 0.95, 0.7]),
        "devices": [d["id"] for d in shared],
    }
    alike: Json = {"controllable": random.random() < 0.8, "phases": []}
    placed = [{**d, **alike} if d in shared else d for d in devices]
    return [
        {**d, "curtailable": True} if d in roofs or d["kind"] == "solar" else d
        for d in placed
    ], [inverter]


@pytest.mark.parametrize("seed", range(120))
def test_any_home_gets_a_plan(seed: int) -> None:
    given, rows = any_home(Random(seed))  # noqa: S311 - a repeatable draw
    result = plan(given, rows)
    json.dumps(result, allow_nan=False)
    assert result["objective"] == pytest.approx(sum(result["cost"].values()), abs=1e-6)
    gave_way = result["status"] in {"relaxed", "infeasible"}
    assert bool(result["relaxed"]) == gave_way
    if not gave_way:
        judge(given, rows, result, money=plain(given["tariff"]))
    balance(given, result)
    explained(result)
    plan_from_json(result, created_at=NOON)


def explained(result: dict[str, Any]) -> None:
    """Whatever costs more than its alternative says why it is done."""
    for reason in result["reasons"]:
        if reason["saving"] is not None and reason["saving"] < 0:
            last = reason["also"][-1]["key"]
            assert last in {
                "cheaper_as_a_whole",
                "nothing_much_cheaper",
                "nothing_better_is_left",
            }


def plain(tariff: Json) -> bool:
    """Tell whether the columns alone say what energy costs."""
    return tariff["import"] is None and tariff.get("netting_minutes") is None


def balance(given: Json, result: dict[str, Any]) -> None:
    behind = {name for each in given.get("inverters", []) for name in each["devices"]}
    for t, load in enumerate(result["load_kw"]):
        power = load
        for inverter in result.get("inverters", {}).values():
            power += inverter["from_home_kw"][t] - inverter["to_home_kw"][t]
        for name, planned in result["devices"].items():
            if name in behind:
                continue
            if planned["kind"] == "battery":
                charge, discharge = planned["charge_kw"][t], planned["discharge_kw"][t]
                assert min(charge, discharge) < 1e-4
                power += charge - discharge
            else:
                sign = -1 if planned["kind"] in {"solar", "generator"} else 1
                power += sign * planned["power_kw"][t]
        net = result["grid"]["import_kw"][t] - result["grid"]["export_kw"][t]
        assert net == pytest.approx(power, abs=1e-4)
