"""A constraint's price is what loosening it a little saves, solved again."""

from collections.abc import Callable
from copy import deepcopy

import pytest

from cem_core.model.message_json import message_from_json
from cem_core.model.render import Renderer
from tests.optimizer.homes import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    ROOF,
    Json,
    at,
    home,
    plan,
    series,
)

type Change = Callable[[Json, Json, float], None]

LITTLE = 0.01
EXACT = {"gap": 1e-9}
PRICES = [0.30, 0.34, 0.41, 0.47, 0.24, 0.11, 0.13, 0.19, 0.28, 0.36, 0.32, 0.26]
SESSION = {"arrive": at(1), "depart": at(9), "energy_kwh": 17.3}
LOSSY = {
    **BATTERY,
    "charge_efficiency": 0.95,
    "discharge_efficiency": 0.93,
    "wear_per_kwh": 0.01,
}
ROWS = series(
    PRICES,
    load_kw=[0.6, 1.1, 2.2, 2.4, 1.3, 0.8, 0.4, 0.5, 0.9, 1.4, 1.2, 0.7],
    pv_kw=[1.9, 0.6, 0, 0, 0, 0, 0, 0, 0.3, 2.1, 4.6, 5.2],
    cop=3.0,
    t_min_c=20.0,
    t_max_c=22.5,
    outdoor_temperature_c=2.0,
)
DSO = {
    "id": "dso",
    "direction": "import",
    "scope": "controllable",
    "limit_kw": 4.2,
    "start": at(5),
    "end": at(8),
}


def saved(given: Json, rows: Json, change: Change) -> float:
    """Return by how much a unit less of a wish, or more of a limit, is cheaper."""
    costs: list[float] = []
    for by in (-LITTLE, LITTLE):
        other, table = deepcopy(given), deepcopy(rows)
        change(other, table, by)
        costs.append(plan(other, table, **EXACT)["objective"])
    return (costs[0] - costs[1]) / (2 * LITTLE)


def price(result: Json, constraint: str) -> float:
    found: list[float] = [
        c["price"] for c in result["constraints"] if c["constraint"] == constraint
    ]
    assert found
    return sum(found)


def more_import(given: Json, rows: Json, by: float) -> None:
    del rows
    given["grid"]["import_limit_kw"] += by


def more_export(given: Json, rows: Json, by: float) -> None:
    del rows
    given["grid"]["export_limit_kw"] += by


def more_of_the_limit(given: Json, rows: Json, by: float) -> None:
    del rows
    given["limits"][0]["limit_kw"] += by


def more_peak(given: Json, rows: Json, by: float) -> None:
    del rows
    given["tariff"]["capacity"]["peak_so_far_kw"] += by


def less_for_the_car(given: Json, rows: Json, by: float) -> None:
    del rows
    given["devices"][-1]["sessions"][0]["energy_kwh"] -= by


def less_at_the_end(given: Json, rows: Json, by: float) -> None:
    del rows
    given["devices"][0]["final_energy_kwh"] -= by


def less_warmth(given: Json, rows: Json, by: float) -> None:
    del given
    rows["t_min_c"] = [bound - by for bound in rows["t_min_c"]]


CAR_THERE = {**CAR, "min_power_kw": 0, "sessions": [SESSION]}
PEAK = {"capacity": {"price_per_kw": 4.0, "peak_so_far_kw": 2.9}}
CASES: dict[str, tuple[Json, Change]] = {
    "import limit of the connection": (
        home(LOSSY, CAR_THERE, grid={"import_limit_kw": 4.7}),
        more_import,
    ),
    "export limit of the connection": (
        home({**ROOF, "curtailable": True}, grid={"export_limit_kw": 2.1}),
        more_export,
    ),
    "limit dso": (home(CAR_THERE, limits=[DSO]), more_of_the_limit),
    "capacity charge": (home(LOSSY, CAR_THERE, tariff=PEAK), more_peak),
    "car energy by 21:00": (home(LOSSY, CAR_THERE), less_for_the_car),
    "battery energy at the end": (
        home({**LOSSY, "final_energy_kwh": 6.1}, ROOF),
        less_at_the_end,
    ),
    "heat_pump lowest temperature": (home(HEAT_PUMP), less_warmth),
}


@pytest.mark.parametrize("constraint", CASES)
def test_a_constraint_costs_what_less_of_it_saves(constraint: str) -> None:
    given, change = CASES[constraint]
    dual = price(plan(given, ROWS, **EXACT), constraint)
    assert dual > 0.01
    assert dual == pytest.approx(saved(given, ROWS, change), rel=1e-3, abs=1e-5)


def test_a_limit_that_bounds_the_car_alone_has_the_whole_price() -> None:
    # The car's own bound is tightened to the limit: the price is the limit's.
    minimum = {**CAR_THERE, "min_power_kw": 1.4}
    given = home(minimum, limits=[{**DSO, "limit_kw": 3.7}])
    dual = price(plan(given, ROWS, **EXACT), "limit dso")
    assert dual == pytest.approx(saved(given, ROWS, more_of_the_limit), rel=1e-3)


@pytest.mark.parametrize("t", [0, 3, 5, 11])
def test_the_marginal_price_is_what_one_more_kwh_of_load_costs(t: int) -> None:
    given = home(
        {**LOSSY, "initial_energy_kwh": 2.2},
        ROOF,
        CAR_THERE,
        grid={"import_limit_kw": 5.1},
        tariff=PEAK,
    )

    def less_load(_: Json, rows: Json, by: float) -> None:
        rows["load_kw"][t] -= by

    result = plan(given, ROWS, **EXACT)
    assert len(result["marginal_price"]) == len(PRICES)
    assert result["marginal_price"][t] == pytest.approx(
        saved(given, ROWS, less_load), rel=1e-3
    )


def test_only_what_binds_is_listed_and_said() -> None:
    given = home(
        LOSSY,
        CAR_THERE,
        HEAT_PUMP,
        grid={"import_limit_kw": 50, "export_limit_kw": 50},
        limits=[DSO],
    )
    result = plan(given, ROWS)
    names = {each["constraint"] for each in result["constraints"]}
    assert not {name for name in names if name.endswith("of the connection")}
    (dso,) = [
        each for each in result["constraints"] if each["constraint"] == "limit dso"
    ]
    assert dso["unit"] == "EUR/kW"
    assert at(5) <= dso["start"] < dso["end"] <= at(8)
    assert dso["text"].startswith("Limit dso of 4.2 kW: a kW more would save")
    for each in result["constraints"]:
        assert each["price"] > 0
        assert Renderer().text(message_from_json(each)) == each["text"]
    assert plan(home(), series([0.3, 0.2]))["constraints"] == []


def test_a_kwh_more_takes_off_what_is_sold_where_all_that_can_be_sold_is() -> None:
    rows = series([0.3, 0.3], export_price=0.1, pv_kw=[4.0, 0.0])
    assert plan(home(ROOF), rows)["marginal_price"] == pytest.approx([0.1, 0.3])
