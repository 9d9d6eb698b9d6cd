"""Phases of the connection and inverters that devices share."""

import pytest

from optimizer.document import InputError
from optimizer.read_home import home_from_json
from tests.optimizer.homes import BATTERY, CAR, ROOF, Json, at, home, plan, series
from tests.optimizer.judge import judge

STAY = {"arrive": at(0), "depart": at(3), "energy_kwh": 9}
ONE_PHASE = {**CAR, "max_power_kw": 7.4, "phases": [1], "sessions": [STAY]}
HYBRID = {"id": "hybrid", "limit_kw": 5, "devices": ["roof", "battery"]}
SUNNY = {**ROOF, "curtailable": True}


def test_a_car_on_one_phase_leaves_its_load_what_it_needs() -> None:
    rows = series([0.1, 0.2, 0.3], load_kw=3.0, l1=2.0, l2=0.5, l3=0.5)
    loads = ["l1", "l2", "l3"]
    for series_of, expected in (([], 4.75), (loads, 3.75)):
        phases = {"limit_kw": 5.75, "load_series": series_of}
        given = home(ONE_PHASE, grid={"phases": phases})
        result = plan(given, rows)
        judge(given, rows, result)
        assert result["devices"]["car"]["power_kw"][0] == pytest.approx(expected)


def test_a_car_on_three_phases_is_spread_evenly() -> None:
    given = home({**ONE_PHASE, "phases": []}, grid={"phases": {"limit_kw": 2}})
    rows = series([0.1, 0.2, 0.3], load_kw=1.5)
    result = plan(given, rows)
    judge(given, rows, result)
    assert result["devices"]["car"]["power_kw"][0] == pytest.approx(4.5)


def test_a_battery_on_the_car_s_phase_evens_it_out() -> None:
    grid = {"phases": {"imbalance_limit_kw": 4.6}}
    rows = series([0.1, 0.2, 0.3])
    stay = {"arrive": at(0), "depart": at(1), "energy_kwh": 6.6}
    car = {**ONE_PHASE, "sessions": [stay]}
    battery = {**BATTERY, "initial_energy_kwh": 2, "phases": [1]}
    alone, helped = home(car, grid=grid), home(car, battery, grid=grid)
    short = plan(alone, rows)
    assert (short["status"], short["relaxed"][0]["unit"]) == ("relaxed", "kWh")
    assert short["devices"]["car"]["power_kw"][0] == pytest.approx(4.6, abs=1e-4)
    result = plan(helped, rows)
    assert result["status"] == "optimal"
    judge(helped, rows, result)


def test_a_load_too_large_for_its_phase_is_said() -> None:
    phases = {"limit_kw": 5.75, "load_series": ["l1", "l2", "l3"]}
    rows = series([0.1], load_kw=7.0, l1=7.0, l2=0.0, l3=0.0)
    battery = {**BATTERY, "phases": [2]}
    result = plan(
        home(battery, {**SUNNY, "phases": [1]}, grid={"phases": phases}),
        {**rows, "pv_kw": [0.25]},
    )
    assert result["status"] == "infeasible"
    (entry,) = result["relaxed"]
    assert entry["constraint"] == "limit of phase 1"
    assert entry["by"] == pytest.approx(1)
    assert entry["key"] == "phase_exceeded"


@pytest.mark.parametrize(
    ("fields", "where", "text"),
    [
        (
            {"inverters": [{**HYBRID, "devices": ["car"]}]},
            "inverters[0].devices[0]",
            "'car' is no solar or battery of this home",
        ),
        (
            {"inverters": [HYBRID, {**HYBRID, "id": "b", "devices": ["battery"]}]},
            "inverters[1].devices[0]",
            "'battery' is behind an inverter already",
        ),
        (
            {"inverters": [{**HYBRID, "devices": [n]} for n in ("roof", "battery")]},
            "inverters[1].id",
            "'hybrid' names another inverter already",
        ),
        (
            {"grid": {"phases": {"load_series": ["l1"]}}},
            "grid.phases.load_series",
            "must name a column for each of three phases",
        ),
    ],
)
def test_what_does_not_fit_is_named(fields: Json, where: str, text: str) -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(home(SUNNY, BATTERY, {**CAR, "sessions": []}, **fields))
    (problem,) = refused.value.problems
    assert (problem.where, problem.text) == (f"{where}", text)


def on_phases(roof: list[int], battery: list[int]) -> tuple[Json, Json]:
    return {**ROOF, "phases": roof}, {**BATTERY, "phases": battery}


def test_solar_behind_an_inverter_has_to_be_curtailable_and_phases_distinct() -> None:
    with pytest.raises(InputError) as refused:
        home_from_json(home(*on_phases([1, 1], [1]), inverters=[HYBRID]))
    assert [str(problem) for problem in refused.value.problems] == [
        "inverters[0].devices[0]: 'roof' has to be curtailable: the inverter clips it",
        "devices[0].phases: names a phase twice",
    ]
