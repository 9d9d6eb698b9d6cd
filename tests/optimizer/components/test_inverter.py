"""A hybrid inverter: solar and a battery on one direct-current bus."""

import pytest

from optimizer.document import InputError
from optimizer.read_home import home_from_json
from tests.optimizer.homes import BATTERY, ROOF, Json, at, home, plan, series
from tests.optimizer.judge import judge

HYBRID = {"id": "hybrid", "limit_kw": 5, "devices": ["roof", "battery"]}
LOSSY = {**HYBRID, "to_ac_efficiency": 0.8, "to_dc_efficiency": 0.5}
SUNNY = {**ROOF, "curtailable": True}


def test_what_the_battery_takes_from_the_sun_does_not_pass_the_inverter() -> None:
    rows = series([0.3, 0.3], pv_kw=[8.0, 0.0], load_kw=9.0)
    given = home(SUNNY, BATTERY, inverters=[HYBRID])
    result = plan(given, rows)
    judge(given, rows, result)
    assert result["devices"]["battery"]["charge_kw"] == pytest.approx([3, 0])
    assert result["devices"]["battery"]["discharge_kw"] == pytest.approx([0, 3])
    assert result["grid"]["import_kw"] == pytest.approx([4, 6])


def test_an_inverter_bounds_charging_from_the_grid() -> None:
    given = home(
        SUNNY,
        {**BATTERY, "charge_limit_kw": 8, "final_energy_kwh": 10},
        inverters=[HYBRID],
    )
    rows = series([0.1, 0.3], pv_kw=0.0)
    result = plan(given, rows)
    judge(given, rows, result)
    assert result["devices"]["battery"]["charge_kw"] == pytest.approx([5, 5])


def test_each_way_through_it_loses_its_share() -> None:
    """Hour 1 draws 4 kW, of which 2 reach the bus and 1 the store.

    Hour 2 takes that kWh out again, 0.5 of it reach the bus and 0.4 the home.
    """
    battery = {
        **BATTERY,
        "charge_limit_kw": 2,
        "charge_efficiency": 0.5,
        "discharge_efficiency": 0.5,
    }
    given = home(battery, inverters=[{**LOSSY, "devices": ["battery"]}])
    rows = series([0.0, 2.0], load_kw=1.0)
    result = plan(given, rows, gap=1e-7)
    judge(given, rows, result)
    assert result["inverters"]["hybrid"]["from_home_kw"] == pytest.approx([4, 0])
    assert result["inverters"]["hybrid"]["to_home_kw"] == pytest.approx([0, 0.4])
    assert result["devices"]["battery"]["charge_kw"] == pytest.approx([2, 0])
    assert result["devices"]["battery"]["energy_kwh"] == pytest.approx([1, 0])
    assert result["grid"]["import_kw"] == pytest.approx([5, 0.6])
    assert result["objective"] == pytest.approx(1.2)


def test_sun_above_its_limit_still_fills_the_battery() -> None:
    """Of 9 kW of sun 5 are stored, for the 4 kW of the next hour; 4 x 0.8 pass."""
    rows = series([0.3, 0.3], export_price=0.1, pv_kw=[9.0, 0.0], load_kw=[0.0, 4.0])
    given = home(SUNNY, BATTERY, inverters=[LOSSY])
    result = plan(given, rows, gap=1e-7)
    judge(given, rows, result)
    assert result["devices"]["roof"]["power_kw"][0] == pytest.approx(9)
    assert result["devices"]["battery"]["charge_kw"] == pytest.approx([5, 0])
    assert result["inverters"]["hybrid"]["to_home_kw"] == pytest.approx([3.2, 4])


def test_what_is_clipped_costs_nothing_to_store() -> None:
    """Of 9 kW 5/0.8 pass and 2 are stored: nothing is sold less for them."""
    rows = series([0.3, 0.3], export_price=0.29, pv_kw=[9.0, 0.0], load_kw=[0.0, 4.0])
    battery = {**BATTERY, "capacity_kwh": 2, "wear_per_kwh": 0.05}
    given = home(SUNNY, battery, inverters=[LOSSY])
    result = plan(given, rows, gap=1e-7)
    judge(given, rows, result)
    assert result["devices"]["battery"]["charge_kw"] == pytest.approx([2, 0])
    assert result["inverters"]["hybrid"]["to_home_kw"] == pytest.approx([5, 1.6])
    assert result["devices"]["roof"]["power_kw"][0] == pytest.approx(8.25)
    reasons = [r["text"] for r in result["reasons"] if r["device"] == "battery"]
    assert reasons[0].startswith(
        "Stores 2.00 kWh of solar surplus that would sell at €0.000/kWh"
    )
    # The sun that is stored saves the price of 0.8 kWh later, less the wear of one.
    assert result["devices"]["battery"]["marginal_value_per_kwh"][1] == pytest.approx(
        0.8 * 0.3 - 0.05
    )


def test_one_that_takes_nothing_from_the_home() -> None:
    rows = series([-0.1, 0.3], export_price=-0.2, pv_kw=[1.0, 0.0])
    given = home(SUNNY, BATTERY, inverters=[{**LOSSY, "draw_limit_kw": 0}])
    result = plan(given, rows, gap=1e-7)
    judge(given, rows, result)
    assert result["devices"]["battery"]["charge_kw"] == pytest.approx([1, 0])
    assert result["grid"]["import_kw"] == pytest.approx([1, 0.2])


def test_it_does_not_waste_by_giving_and_taking_at_once() -> None:
    """To be paid for drawing 5 kW it would give 5 and take 5, and lose most of it."""
    rows = series([-0.2, 0.3], export_price=-0.3, load_kw=[6.0, 1.0], pv_kw=[7.0, 0.0])
    given = home(SUNNY, {**BATTERY, "capacity_kwh": 1}, inverters=[LOSSY])
    result = plan(given, rows, gap=1e-7)
    judge(given, rows, result)
    assert result["inverters"]["hybrid"]["from_home_kw"][0] == pytest.approx(2)
    assert result["grid"]["import_kw"][0] == pytest.approx(8)


@pytest.mark.parametrize("grid_charge", [True, False])
def test_a_limit_on_controllable_power_counts_what_passes(grid_charge: bool) -> None:
    """The sun charges past a limit of 1 kW: the inverter draws none of it."""
    limit = {
        "id": "dso",
        "direction": "import",
        "scope": "controllable",
        "limit_kw": 1,
        "start": at(0),
        "end": at(1),
    }
    battery = {**BATTERY, "grid_charge": grid_charge}
    rows = series([0.1, 0.9], pv_kw=[3.0, 0.0], load_kw=[9.0, 9.0])
    given = home(SUNNY, battery, inverters=[HYBRID], limits=[limit])
    result = plan(given, rows, gap=1e-7)
    judge(given, rows, result)
    charge = result["devices"]["battery"]["charge_kw"][0]
    assert charge == pytest.approx(4 if grid_charge else 3)


@pytest.mark.parametrize(
    ("devices", "where", "text"),
    [
        ([SUNNY, BATTERY, {**BATTERY, "id": "b"}], "devices", "more than one battery"),
        ([{**SUNNY, "controllable": False}, BATTERY], "devices", "all be controllable"),
        ([SUNNY, {**BATTERY, "phases": [1]}], "devices", "have the inverter's phases"),
        ([], "devices", "must name at least one device"),
    ],
)
def test_behind_it_is_one_device_to_the_home(
    devices: list[Json], where: str, text: str
) -> None:
    names = [device["id"] for device in devices]
    with pytest.raises(InputError, match=text) as refused:
        home_from_json(home(*devices, inverters=[{**HYBRID, "devices": names}]))
    (problem,) = refused.value.problems
    assert problem.where == f"inverters[0].{where}"


def test_its_efficiencies_are_shares() -> None:
    for name in ("to_ac_efficiency", "to_dc_efficiency"):
        with pytest.raises(InputError, match=f"{name}: must be at most 1, not 1.1"):
            home_from_json(home(SUNNY, BATTERY, inverters=[{**HYBRID, name: 1.1}]))
