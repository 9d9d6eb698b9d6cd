"""Parts of a home with a meter of their own: in cascade, or on a circuit of their own."""

from datetime import datetime, timedelta
from itertools import product
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
import pytest

from cem_core.tariff import Prices, cascade_bill, meter_bill
from optimizer.document import InputError
from optimizer.read_home import home_from_json
from optimizer.schema import home_schema
from tests.optimizer.homes import BATTERY, CAR, ROOF, Json, at, home, plan, series

HOUSEHOLD_METER: Json = {
    "id": "heating",
    "wiring": "cascade",
    "inner_meter": "household",
    "import_series": "heat_price",
}
DEVICE_METER: Json = {**HOUSEHOLD_METER, "inner_meter": "devices"}
NIGHT: Json = {
    "id": "night",
    "wiring": "own",
    "import_series": "night_price",
    "powered": {"hours": "22-7"},
}
RUN: Json = {
    "id": "pump",
    "kind": "appliance",
    "profile_kw": [3.0],
    "profile_step_minutes": 60,
    "earliest_start": at(0),
    "latest_end": at(4),
    "connection": "heating",
}


PROFILE = {"profile_kw", "profile_step_minutes", "earliest_start", "latest_end"}


def with_subs(*devices: Json, subs: list[Json], **fields: Any) -> Json:
    return home(*devices, **fields) | {"sub_connections": subs}


def net(counted: Json) -> NDArray[np.float64]:
    bought, sold = (np.array(counted[f"{n}_kw"], float) for n in ("import", "export"))
    result: NDArray[np.float64] = bought - sold
    return result


def settled(given: Json, rows: Json, result: Json) -> float:
    """Return the energy bill of a plan by what its meters count."""
    total, hours = net(result["grid"]), result["step_minutes"] / 60
    house = Prices(
        bought_per_kwh=rows["import_price"], sold_per_kwh=rows["export_price"]
    )
    meters = {name: net(counted) for name, counted in result["meters"].items()}
    (sub,) = given["sub_connections"]
    own_price = rows[sub["import_series"]]
    if sub["wiring"] == "own":
        nothing = rows.get(sub.get("export_series"), [0.0] * len(total))
        own = Prices(bought_per_kwh=own_price, sold_per_kwh=nothing)
        cost = meter_bill(house, meters["household"], hours=hours)
        return cost + meter_bill(own, meters[sub["id"]], hours=hours)
    inner, outer = rows["import_price"], own_price
    (counted,) = meters.values()
    if sub["inner_meter"] == "devices":
        inner, outer = outer, inner
    outer_prices = Prices(bought_per_kwh=outer, sold_per_kwh=rows["export_price"])
    return cascade_bill(outer_prices, inner, total, counted, hours=hours)


@pytest.mark.parametrize(
    ("pv_kw", "billed"),
    [
        # Nothing from the roof: 1 kWh at 0.40 and 3 kWh at 0.25.
        (0.0, 0.40 + 3 * 0.25),
        # The household comes first: 0.5 kWh of it is left to buy.
        (0.5, 0.5 * 0.40 + 3 * 0.25),
        # 1 kWh is left over for the heat pump, which buys 2 kWh.
        (2.0, 2 * 0.25),
        # 6 kWh: 1 for the household, 3 for the heat pump, 2 are sold.
        (6.0, -2 * 0.08),
    ],
)
def test_a_household_behind_the_heat_pump_s_meter(pv_kw: float, billed: float) -> None:
    run = {**RUN, "latest_end": at(1)}
    rows = series([0.40], export_price=0.08, pv_kw=pv_kw, heat_price=0.25)
    given = with_subs(ROOF, run, subs=[HOUSEHOLD_METER])
    result = plan(given, rows)
    assert result["cost"]["energy"] == pytest.approx(billed)
    assert settled(given, rows, result) == pytest.approx(billed)


@pytest.mark.parametrize(
    ("pv_kw", "billed"),
    [
        (0.0, 0.40 + 3 * 0.25),
        (0.5, 0.5 * 0.40 + 3 * 0.25),
        # The heat pump's meter counts all 3 kWh. Of the 2 kWh from the grid that is
        # one more than there is: it comes off the household's year.
        (2.0, 3 * 0.25 - 1 * 0.40),
        (6.0, 3 * 0.25 - 3 * 0.40 - 2 * 0.08),
    ],
)
def test_a_heat_pump_behind_the_household_s_meter(pv_kw: float, billed: float) -> None:
    run = {**RUN, "latest_end": at(1)}
    rows = series([0.40], export_price=0.08, pv_kw=pv_kw, heat_price=0.25)
    given = with_subs(ROOF, run, subs=[DEVICE_METER])
    result = plan(given, rows)
    assert result["cost"]["energy"] == pytest.approx(billed)
    assert settled(given, rows, result) == pytest.approx(billed)


def test_an_exclusive_night_circuit_runs_at_night_alone() -> None:
    run = {**RUN, "connection": "night", "latest_end": at(24)}
    rows = series([0.10] * 24, night_price=[0.2] * 10 + [0.3] + [0.4] * 13)
    result = plan(with_subs(run, subs=[NIGHT]), rows)
    power = result["devices"]["pump"]["power_kw"]
    # From noon: powered from hour 10 (22:00) to hour 18 (6:00-7:00).
    assert [t for t, kw in enumerate(power) if kw] == [10]
    assert result["cost"]["energy"] == pytest.approx(24 * 0.10 + 3 * 0.30)
    assert result["meters"]["night"]["import_kw"] == pytest.approx(power)
    assert result["meters"]["household"]["import_kw"] == pytest.approx([1] * 24)


def test_solar_does_not_reach_a_meter_beside_the_household_s() -> None:
    sub = {k: v for k, v in NIGHT.items() if k != "powered"}
    run = {**RUN, "connection": "night", "latest_end": at(1)}
    rows = series([0.40], export_price=0.08, pv_kw=4.0, night_price=0.2)
    result = plan(with_subs(ROOF, run, subs=[sub]), rows)
    assert result["cost"]["energy"] == pytest.approx(3 * 0.2 - 3 * 0.08)
    # At the connection they meet all the same.
    assert net(result["grid"]) == pytest.approx([0])


def test_a_step_partly_without_power_is_without() -> None:
    sub = {**NIGHT, "powered": {"hours": "22:30-7"}}
    run = {**RUN, "connection": "night", "latest_end": at(24)}
    rows = series([0.10] * 24, night_price=[0.1] * 11 + [0.2] + [0.3] * 12)
    result = plan(with_subs(run, subs=[sub]), rows)
    assert result["devices"]["pump"]["power_kw"][11] == pytest.approx(3)


def test_what_has_to_run_without_power_is_said() -> None:
    run = {**RUN, "connection": "night", "latest_end": at(2)}
    result = plan(with_subs(run, subs=[NIGHT]), series([0.1] * 2, night_price=0.1))
    assert result["status"] == "relaxed"
    assert result["relaxed"][0]["constraint"].startswith("pump")


def test_a_line_has_a_limit_of_its_own() -> None:
    sub = {**HOUSEHOLD_METER, "import_limit_kw": 2}
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 6}
    car = {**CAR, "connection": "heating", "sessions": [session]}
    rows = series([0.4] * 4, heat_price=[0.1, 0.2, 0.3, 0.4], load_kw=1)
    result = plan(with_subs(car, subs=[sub]), rows)
    assert result["devices"]["car"]["power_kw"] == pytest.approx([2, 2, 2, 0])
    assert result["status"] == "optimal"
    (reason,) = result["reasons"]
    assert "The line of heating carries its 2 kW." in reason["text"]


def test_a_sub_connection_has_a_capacity_charge_of_its_own() -> None:
    own = {k: v for k, v in NIGHT.items() if k != "powered"}
    own["capacity"] = {"integration_minutes": 60, "price_per_kw": 5}
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 8}
    car = {**CAR, "connection": "night", "sessions": [session]}
    rows = series([0.4] * 4, night_price=[0.1, 0.2, 0.3, 0.4], load_kw=[9, 1, 1, 1])
    result = plan(with_subs(car, subs=[own]), rows)
    assert result["devices"]["car"]["power_kw"] == pytest.approx([2] * 4)
    assert result["cost"]["capacity"] == pytest.approx(10)


def test_the_home_s_own_charge_is_on_its_own_meter() -> None:
    own = {k: v for k, v in NIGHT.items() if k != "powered"}
    tariff = {"capacity": {"integration_minutes": 60, "price_per_kw": 5}}
    run = {**RUN, "connection": "night", "latest_end": at(1)}
    rows = series([0.4], night_price=0.1, load_kw=1.5)
    beside = plan(with_subs(run, subs=[own], tariff=tariff), rows)
    assert beside["cost"]["capacity"] == pytest.approx(5 * 1.5)
    cascade = {**DEVICE_METER, "import_series": "night_price"}
    run = {**run, "connection": "heating"}
    one_meter = plan(with_subs(run, subs=[cascade], tariff=tariff), rows)
    assert one_meter["cost"]["capacity"] == pytest.approx(5 * 4.5)


def test_a_price_by_calendar() -> None:
    prices = {"day": 0.3, "night": 0.1}
    bought = {"supply": {"preset": "belgium_day_night", "prices": prices}}
    sub: Json = {"id": "heating", "wiring": "cascade", "import": bought}
    run = {**RUN, "latest_end": at(12)}
    result = plan(with_subs(run, subs=[sub]), series([0.4] * 12))
    assert result["devices"]["pump"]["power_kw"][10] == pytest.approx(3)
    assert result["cost"]["energy"] == pytest.approx(12 * 0.4 + 3 * 0.1)


def test_a_battery_shifts_from_the_dear_meter_s_hours() -> None:
    """Behind the household's meter it serves the household, at the household's price."""
    rows = series([0.40, 0.40], heat_price=[0.10, 0.10], load_kw=[0.0, 2.0])
    at_home = plan(
        with_subs(BATTERY, RUN | {"latest_end": at(2)}, subs=[DEVICE_METER]), rows
    )
    outer = {**BATTERY, "connection": "heating"}
    at_pump = plan(
        with_subs(outer, RUN | {"latest_end": at(2)}, subs=[DEVICE_METER]), rows
    )
    assert at_home["cost"]["energy"] == pytest.approx(3 * 0.1 + 2 * 0.4)
    assert at_pump["cost"]["energy"] <= at_home["cost"]["energy"] + 1e-9


@pytest.mark.parametrize("seed", range(24))
def test_the_cheapest_of_all_runs_is_found_and_billed(seed: int) -> None:
    """Try every start of a run on either side, prices crossing and below zero."""
    random = Random(seed)  # noqa: S311 - a repeatable draw
    steps = 5
    sub = dict(random.choice([HOUSEHOLD_METER, DEVICE_METER, NIGHT]))
    sub.pop("powered", None)
    own: str = sub["import_series"]

    def draw(low: float, high: float) -> list[float]:
        return [round(random.uniform(low, high), 2) for _ in range(steps)]

    rows = series(
        draw(-0.1, 0.5),
        export_price=draw(-0.1, 0.3),
        load_kw=[random.choice([0.0, 1, 3]) for _ in range(steps)],
        pv_kw=[random.choice([0.0, 2, 6]) for _ in range(steps)],
    ) | {own: draw(-0.1, 0.5)}
    inside = {**RUN, "connection": sub["id"], "profile_kw": [3.0, 1.0]}
    outside = {**RUN, "id": "dishes", "profile_kw": [2.0, 0.5], "connection": None}
    for run in (inside, outside):
        run["latest_end"] = at(steps)
    given = with_subs(ROOF, inside, outside, subs=[sub])
    result = plan(given, rows, gap=0)
    house = Prices(
        bought_per_kwh=rows["import_price"], sold_per_kwh=rows["export_price"]
    )
    nothing = [0.0] * steps
    costs = []
    for one, other in product(range(steps - 1), repeat=2):
        pump, rest = np.zeros(steps), np.array(rows["load_kw"]) - rows["pv_kw"]
        pump[one : one + 2] = [3, 1]
        rest[other : other + 2] += [2, 0.5]
        if sub["wiring"] == "own":
            beside = Prices(bought_per_kwh=rows[own], sold_per_kwh=nothing)
            cost = meter_bill(house, rest, hours=1) + meter_bill(beside, pump, hours=1)
        else:
            first, second = (rows[own], rows["import_price"])
            inner = rest
            if sub["inner_meter"] == "devices":
                first, second, inner = second, first, pump
            outer = Prices(bought_per_kwh=first, sold_per_kwh=rows["export_price"])
            cost = cascade_bill(outer, second, rest + pump, inner, hours=1)
        costs.append(cost)
    assert result["objective"] == pytest.approx(min(costs), abs=1e-6)
    assert settled(given, rows, result) == pytest.approx(
        result["cost"]["energy"], abs=1e-6
    )


@pytest.mark.parametrize("seed", range(16))
def test_a_plan_with_stores_on_both_sides_is_billed_as_it_says(seed: int) -> None:
    random = Random(seed)  # noqa: S311 - a repeatable draw
    steps = 8
    sub = dict(random.choice([HOUSEHOLD_METER, DEVICE_METER, NIGHT]))
    sub.pop("powered", None)
    own: str = sub["import_series"]

    def draw(low: float, high: float) -> list[float]:
        return [round(random.uniform(low, high), 2) for _ in range(steps)]

    rows = series(
        draw(-0.1, 0.5),
        export_price=draw(-0.1, 0.3),
        load_kw=[random.choice([0.2, 1, 3]) for _ in range(steps)],
        pv_kw=[random.choice([0.0, 2, 6]) for _ in range(steps)],
    ) | {own: draw(-0.1, 0.5)}
    session = {"arrive": at(0), "depart": at(8), "energy_kwh": 10}
    given = with_subs(
        {**ROOF, "curtailable": True},
        {**BATTERY, "initial_energy_kwh": 5, "charge_efficiency": 0.9},
        {**BATTERY, "id": "other", "connection": sub["id"], "initial_energy_kwh": 2},
        {**CAR, "connection": sub["id"], "sessions": [session]},
        subs=[sub],
    )
    result = plan(given, rows)
    assert result["status"] == "optimal"
    assert settled(given, rows, result) == pytest.approx(
        result["cost"]["energy"], abs=1e-6
    )
    both = [result["devices"][name] for name in ("battery", "other")]
    for store in both:
        at_once = np.minimum(store["charge_kw"], store["discharge_kw"])
        assert at_once.max() < 1e-4


def test_what_a_car_s_energy_is_worth_is_by_its_own_meter() -> None:
    session = {"arrive": at(0), "depart": at(2), "energy_kwh": 4}
    car = {**CAR, "max_power_kw": 4, "connection": "heating", "sessions": [session]}
    rows = series([0.4, 0.4], heat_price=[0.2, 0.1])
    result = plan(with_subs(car, subs=[HOUSEHOLD_METER]), rows)
    assert result["marginal_price"] == pytest.approx([0.4, 0.4])
    assert result["devices"]["car"]["marginal_value_per_kwh"] == pytest.approx(
        [0.1] * 2
    )
    (reason,) = result["reasons"]
    assert reason["saving"] == pytest.approx(4 * 0.1)


@pytest.mark.parametrize(
    ("subs", "devices", "expected"),
    [
        ([{"id": "a"}], [], "sub_connections[0].wiring: missing"),
        (
            [{**NIGHT, "import_series": None}],
            [],
            "sub_connections[0].import: give either import or import_series",
        ),
        ([NIGHT, NIGHT], [], "sub_connections[1].id: 'night' names another"),
        (
            [{**NIGHT, "id": "household"}],
            [],
            "sub_connections[0].id: 'household' is the home's own meter",
        ),
        (
            [NIGHT, HOUSEHOLD_METER],
            [],
            "sub_connections[1].wiring: a cascade has to be the one",
        ),
        (
            [{**HOUSEHOLD_METER, "export_series": "x"}],
            [],
            "sub_connections[0].export: in a cascade the household's meter sells",
        ),
        (
            [{**HOUSEHOLD_METER, "capacity": {"price_per_kw": 1}}],
            [],
            "sub_connections[0].capacity: needs inner_meter: devices",
        ),
        (
            [{**NIGHT, "capacity": {}}],
            [],
            "sub_connections[0].capacity: missing: price_per_kw, steps or a preset",
        ),
        ([], [RUN], "devices[0].connection: 'heating' is no sub-connection"),
        (
            [NIGHT],
            [{**BATTERY, "connection": "night", "standby_kw": 0.1}],
            "devices[0].standby_kw: draws at all times, but night has hours of power",
        ),
    ],
)
def test_each_mistake_is_named(
    subs: list[Json], devices: list[Json], expected: str
) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(with_subs(*devices, subs=subs))
    assert expected in str(refused.value)


def test_a_missing_price_column_is_named() -> None:
    given = with_subs(RUN, subs=[HOUSEHOLD_METER])
    with pytest.raises(InputError, match="no column heat_price, which the sub-conn"):
        plan(given, series([0.1] * 4))


def test_the_schema_has_them() -> None:
    fields = home_schema()["properties"]["sub_connections"]["items"]["properties"]
    assert fields["wiring"]["enum"] == ["own", "cascade"]


def test_a_night_has_its_hours_on_the_local_clock() -> None:
    """Nine hours a night on all days (CWaPE), ten in the night of the longer day."""
    start = datetime.fromisoformat("2026-10-24T12:00:00+02:00")
    rows = series([0.1] * 24, night_price=0.1)
    rows["time"] = [(start + timedelta(hours=t)).isoformat() for t in range(24)]
    run = {
        **RUN,
        "kind": "flexible_load",
        "connection": "night",
        "energy_kwh": 10,
        "max_power_kw": 1,
        "windows": [{"start": rows["time"][0], "end": "2026-10-25T11:00:00+01:00"}],
    }
    run = {k: v for k, v in run.items() if k not in PROFILE}
    result = plan(with_subs(run, subs=[NIGHT]), rows)
    power = result["devices"]["pump"]["power_kw"]
    assert power == pytest.approx([0] * 10 + [1] * 10 + [0] * 4)
