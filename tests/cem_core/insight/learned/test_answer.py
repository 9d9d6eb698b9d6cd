"""Learning as another process asks for it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest

from cem_core.insight.learned.answer import cop_of, habits_of, learn
from cem_core.insight.learned.car import CarHabits
from cem_core.insight.learned.cop import CopModel
from cem_core.insight.learned.dwelling import Dwelling, DwellingKind
from cem_core.insight.requests import RequestError

START = datetime(2026, 1, 5, tzinfo=UTC)  # a Monday
DWELLING = {"kind": "terraced", "floor_area_m2": 120, "building_year": 1985}
NO_SAMPLES: dict[str, list[Any]] = {
    name: []
    for name in (
        *("time", "indoor_c", "outdoor_c", "electric_w"),
        *("solar_w_per_m2", "heat_w", "flow_c", "away"),
    )
}


def asked(**part: Any) -> dict[str, Any]:
    answer = learn({"time_zone": "Europe/Brussels", "parts": {"it": part}})
    return dict(answer["it"])


def test_without_samples_come_the_start_values_of_the_dwelling() -> None:
    found = asked(kind="building", dwelling=DWELLING, stated={}, samples=NO_SAMPLES)
    building = found["building"]
    assert building["kept_prior"]
    assert building["parameters"]["resistance_k_per_w"] == pytest.approx(
        1 / (2.2 * 0.75 * 120)
    )
    assert found["cop"]["parameters"]["cop_at_0_c"] == pytest.approx(2.6)


def test_what_a_person_states_takes_the_place_of_a_start_value() -> None:
    stated = {"resistance_k_per_w": 0.008, "cop_at_7_c": 4.0}
    found = asked(kind="building", dwelling=DWELLING, stated=stated, samples=NO_SAMPLES)
    assert found["building"]["parameters"]["resistance_k_per_w"] == 0.008
    cop = CopModel(**found["cop"]["parameters"])
    assert cop.at(np.array([7.0]))[0] == pytest.approx(4.0)


def test_a_stated_cop_scales_the_whole_plane() -> None:
    dwelling = Dwelling(
        kind=DwellingKind.DETACHED, floor_area_m2=100, building_year=1970
    )
    typical = CopModel.typical(dwelling)
    assert cop_of(None, typical) is typical
    scaled = cop_of(4.635, typical)  # 1.5 times 3.09
    assert scaled.cop_per_k == pytest.approx(1.5 * typical.cop_per_k)


def test_a_worn_battery_is_found_out() -> None:
    hours = np.arange(24 * 20)
    power = np.where(hours % 12 < 3, 2000.0, np.where(hours % 12 < 6, -1800.0, 0.0))
    charge, samples = 0.2, []
    for watt in power:
        samples.append(charge)
        charge += watt / 8000 * (0.95 if watt > 0 else 1 / 0.95)
        charge = min(max(charge, 0.0), 1.0)
    found = asked(
        kind="battery",
        stated={"capacity_wh": 10_000, "round_trip_efficiency": 0.9},
        samples={
            "time": [(START + timedelta(hours=int(h))).isoformat() for h in hours],
            "power_w": power.tolist(),
            "state_of_charge": samples,
        },
    )["battery"]
    assert found["kept_prior"] is None
    assert found["parameters"]["capacity_wh"] == pytest.approx(8000, rel=0.05)


def test_a_car_that_leaves_at_six_is_expected_to() -> None:
    sessions = [
        {
            "arrive": (START + timedelta(days=day, hours=17)).isoformat(),
            "depart": (START + timedelta(days=day + 1, hours=5)).isoformat(),
            "energy_wh": 6000.0,
            "away": False,
        }
        for day in range(28)
    ]
    stated = {"departs_h": 8.0, "need_wh": 20_000.0}
    found = asked(kind="car", stated=stated, sessions=sessions)["car"]
    assert found["kept_prior"] is None
    habits = CarHabits(**found["parameters"])
    assert habits.depart_h[1][3][1] == pytest.approx(30.0)  # 6 o'clock in Brussels
    assert habits.need_wh[1][3][2] == pytest.approx(6000, rel=0.1)
    first = asked(kind="car", stated=stated, sessions=sessions[:2])["car"]
    assert first["kept_prior"] == "fewer than 5 sessions"


def test_start_values_of_a_car_follow_the_stated_departure() -> None:
    habits = habits_of(8.0, 20_000)
    (night, morning, afternoon, evening), *_ = habits.depart_h
    assert night[1] == 8.0
    assert morning == CarHabits.typical().depart_h[0][1]
    assert afternoon[1] == evening[1] == 32.0
    assert habits.need_wh[3][2] == pytest.approx((10_000, 20_000, 35_000))
    assert habits_of(14.0, 1).depart_h[0][2][1] == 38.0  # after noon: tomorrow's


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(RequestError, match="it: kind 'tree' is none of"):
        asked(kind="tree")
