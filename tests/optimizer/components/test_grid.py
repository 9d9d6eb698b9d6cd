"""Grid connection, solar, capacity charge and ordered limits."""

import pytest

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

ROOM = {
    "cop": 3.0,
    "t_min_c": 20.0,
    "t_max_c": 22.0,
    "outdoor_temperature_c": 0.0,
}


def limit(direction: str, scope: str, limit_kw: float, **fields: object) -> Json:
    return {
        "id": "dso",
        "direction": direction,
        "scope": scope,
        "limit_kw": limit_kw,
        **fields,
    }


def test_what_is_bought_and_sold_is_paid() -> None:
    rows = series([0.3, 0.2], export_price=0.1, load_kw=1, pv_kw=[0.0, 3.0])
    result = plan(home(ROOF), rows)
    assert result["grid"] == {"import_kw": [1, 0], "export_kw": [0, 2]}
    assert result["objective"] == pytest.approx(0.3 - 0.2)


def test_solar_is_curtailed_only_when_selling_costs() -> None:
    rows = series([0.3, 0.3], export_price=[0.1, -0.1], load_kw=1, pv_kw=3.0)
    result = plan(home({**ROOF, "curtailable": True}), rows)
    assert result["devices"]["roof"]["power_kw"] == pytest.approx([3, 1])
    assert result["devices"]["roof"]["action"] == ["run", "curtail"]
    fixed = plan(home(ROOF), rows)
    assert fixed["devices"]["roof"]["power_kw"] == pytest.approx([3, 3])


def test_buying_and_selling_at_once_is_not_planned_where_it_would_pay() -> None:
    rows = series([0.1, 0.1], export_price=0.2, load_kw=1)
    result = plan(home(BATTERY, grid={"import_limit_kw": 8}), rows)
    for bought, sold in zip(
        result["grid"]["import_kw"], result["grid"]["export_kw"], strict=True
    ):
        assert min(bought, sold) == 0
    assert result["status"] == "optimal"


def test_a_load_above_the_connection_is_infeasible_and_says_by_how_much() -> None:
    given = home(BATTERY, grid={"import_limit_kw": 2})
    result = plan(given, series([0.2, 0.2], load_kw=[1.0, 5.0]))
    assert result["status"] == "infeasible"
    (entry,) = result["relaxed"]
    assert entry["constraint"] == "import limit of the connection"
    assert entry["unit"] == "kW"
    # The battery helps with what the first hour leaves: 1 of the 3 kW.
    assert entry["by"] == pytest.approx(2)


def test_a_limit_holds_in_every_step_it_touches() -> None:
    given = home(
        {**BATTERY, "final_energy_kwh": 8},
        limits=[limit("import", "connection", 2, start=at(1.5), end=at(2.1))],
    )
    result = plan(given, series([0.3, 0.1, 0.1, 0.3]))
    assert result["grid"]["import_kw"][1:3] == pytest.approx([2, 2])
    assert result["status"] == "optimal"


def test_the_strictest_of_overlapping_limits_holds() -> None:
    limits = [
        limit("import", "connection", 3),
        limit("import", "connection", 1.5, id="other", start=at(1)),
    ]
    given = home({**BATTERY, "final_energy_kwh": 3}, limits=limits)
    result = plan(given, series([0.1, 0.1, 0.1, 0.1]))
    assert max(result["grid"]["import_kw"][1:]) <= 1.5 + 1e-6


def test_a_controllable_limit_counts_battery_car_and_heat_pump_alone() -> None:
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 8}
    given = home(
        {**BATTERY, "final_energy_kwh": 5},
        {**CAR, "sessions": [session]},
        HEAT_PUMP,
        limits=[limit("import", "controllable", 4.2)],
    )
    rows = series([0.1, 0.1, 0.1, 0.1], load_kw=5, **ROOM)
    result = plan(given, rows)
    devices = result["devices"]
    for t in range(4):
        drawn = (
            devices["battery"]["charge_kw"][t]
            + devices["car"]["power_kw"][t]
            + devices["heat_pump"]["power_kw"][t]
        )
        assert drawn <= 4.2 + 1e-6
    assert max(result["grid"]["import_kw"]) > 4.2


def test_a_limit_of_zero_is_a_limit() -> None:
    given = home(BATTERY, limits=[limit("import", "controllable", 0)])
    result = plan(given, series([0.1, 0.9]))
    assert result["devices"]["battery"]["charge_kw"] == [0, 0]


def test_an_export_limit_on_controllable_power_counts_what_they_give() -> None:
    given = home(
        {**ROOF, "curtailable": True}, limits=[limit("export", "controllable", 2)]
    )
    result = plan(given, series([0.3], pv_kw=5.0))
    assert result["devices"]["roof"]["power_kw"] == pytest.approx([2])


def test_a_new_peak_costs_and_the_old_one_does_not() -> None:
    session = {"arrive": at(0), "depart": at(4), "energy_kwh": 12}
    capacity = {"price_per_kw": 10, "peak_so_far_kw": 3}
    given = home({**CAR, "sessions": [session]}, tariff={"capacity": capacity})
    result = plan(given, series([0.1, 0.2, 0.3, 0.4]))
    assert result["grid"]["import_kw"] == pytest.approx([4, 4, 4, 4])
    assert result["cost"]["capacity"] == pytest.approx(10)


def test_the_peak_is_a_mean_over_its_quarter_hour() -> None:
    capacity = {"price_per_kw": 10, "peak_so_far_kw": 0}
    rows = series([0.2] * 3, minutes=5, load_kw=[6.0, 3.0, 0.0])
    result = plan(home(minutes=5, tariff={"capacity": capacity}), rows)
    assert result["cost"]["capacity"] == pytest.approx(30)
