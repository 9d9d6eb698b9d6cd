"""What an S2 device says of itself, over its form."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from custom_components.cem.planning.described import (
    demand_column,
    over_form,
    without_costs,
)
from custom_components.cem.planning.steps import Steps

NOW: Final = datetime(2026, 1, 15, 18, 0, tzinfo=UTC)
FORM: Final[dict[str, Any]] = {
    "capacity_kwh": 10,
    "initial_energy_kwh": 5,
    "charge_limit_kw": 3,
    "discharge_limit_kw": 6,
    "wear_per_kwh": 0.02,
}


def test_a_battery_can_no_more_than_either_says() -> None:
    said = {
        "kind": "battery",
        "capacity_kwh": 12.5,
        "initial_energy_kwh": 7.5,
        "charge_limit_kw": 5,
        "discharge_limit_kw": 5,
        "self_discharge_per_hour": 0.001,
    }
    assert over_form(FORM, said, NOW) == {
        "capacity_kwh": 12.5,
        "initial_energy_kwh": 7.5,
        "charge_limit_kw": 3,
        "discharge_limit_kw": 5,
        "wear_per_kwh": 0.02,
        "self_discharge_per_hour": 0.001,
    }
    assert over_form(FORM, None, NOW) == FORM


def test_a_car_that_gives_back_can_no_more_than_its_storage_says() -> None:
    gives = {"bidirectional": True, "discharge_limit_kw": 7, "sessions": []}
    form = {"max_power_kw": 11, **gives, "discharge_efficiency": 0.9}
    said = {
        "kind": "battery",
        "capacity_kwh": 60,
        "discharge_limit_kw": 5,
        "discharge_efficiency": 0.95,
    }
    wanted = {"discharge_limit_kw": 5, "discharge_efficiency": 0.95}
    assert over_form(form, said, NOW) == form | wanted


def test_what_bounds_a_battery_alone_bounds_its_charging() -> None:
    found = over_form(FORM, {"min_power_kw": 0.0, "max_power_kw": 2.0}, NOW)
    assert found == FORM | {"charge_limit_kw": 2.0}


def test_solar_is_foretold_by_the_form() -> None:
    form = {"series": "roof_kw", "curtailable": False}
    said = {"kind": "solar", "curtailable": True, "peak_kw": 5.0}
    assert over_form(form, said, NOW) == {"series": "roof_kw", "curtailable": True}


def test_a_heat_pump_keeps_its_building() -> None:
    form = {"max_power_kw": 2.5, "thermal": {}, "min_power_kw": 0.0}
    found = over_form(form, {"min_power_kw": 4.0, "max_power_kw": 3.0}, NOW)
    assert found == {"max_power_kw": 2.5, "thermal": {}, "min_power_kw": 2.5}


def test_a_car_without_a_target_charges_as_the_form_says() -> None:
    form = {"max_power_kw": 11.0, "sessions": [{"energy_kwh": 5}]}
    empty = over_form(form, {"max_power_kw": 7.0, "sessions": []}, NOW)
    assert empty == {"max_power_kw": 7.0, "sessions": [{"energy_kwh": 5}]}
    said = over_form(form, {"max_power_kw": 7.0, "sessions": [{"energy_kwh": 9}]}, NOW)
    assert said is not None
    assert said["sessions"] == [{"energy_kwh": 9}]


def test_what_the_form_cannot_say_is_planned_as_what_it_is() -> None:
    storage = {"kind": "storage", "capacity_kwh": 5}
    assert over_form({"sessions": []}, storage, NOW) == storage
    run = {"kind": "appliance", "profile_kw": [2.0]}
    assert over_form(None, run, NOW) == run
    assert over_form(None, {"kind": "battery"}, NOW) is None


def test_what_is_taken_out_is_laid_on_the_steps() -> None:
    steps = Steps.from_now(NOW, None)
    demand = [
        (NOW, NOW + timedelta(minutes=15), 0.0),
        (NOW + timedelta(minutes=20), NOW + timedelta(minutes=45), 3.0),
    ]
    column = demand_column(demand, steps)
    assert column[:4] == pytest.approx([0, 2, 3, 0])


def test_a_charger_that_rests_charges_from_when_that_is_over() -> None:
    stays = [("17:00", "19:00"), ("17:00", "18:10"), ("20:00", "21:00")]
    sessions = [
        {
            "arrive": f"2026-01-15T{arrive}:00+00:00",
            "depart": f"2026-01-15T{depart}:00+00:00",
        }
        for arrive, depart in stays
    ]
    form = {"max_power_kw": 11, "initially_on": False, "sessions": sessions}
    said = {"initially_on": False, "held_minutes": 30}
    found = over_form(form, said, NOW)
    assert found is not None
    arrivals = [each["arrive"][11:16] for each in found["sessions"]]
    assert arrivals == ["18:30", "17:00", "20:00"]
    runs = over_form(form, said | {"initially_on": True}, NOW)
    assert runs is not None
    assert runs["sessions"] == sessions


def test_what_would_lose_what_it_is_not_let_draw_is_not_planned() -> None:
    assert over_form({"max_power_kw": 7.0}, {"kind": "left_alone"}, NOW) is None


def test_energy_by_a_time_is_planned_whatever_the_form_says() -> None:
    said = {"kind": "flexible_load", "energy_kwh": 2.0, "max_power_kw": 3.0}
    assert over_form({"max_power_kw": 7.0, "sessions": []}, said, NOW) == said
    assert over_form(None, said, NOW) == said


def test_runs_and_targets_of_a_battery_come_from_the_device() -> None:
    form = {"capacity_kwh": 8.0, "charge_limit_kw": 3.0, "reserve_kwh": 1.0}
    said = {
        "capacity_kwh": 10.0,
        "charging": {"min_on_minutes": 20},
        "turn_minutes": 15,
        "targets": [{"energy_kwh": 5.0}],
    }
    assert over_form(form, said, NOW) == form | said


def test_costs_in_another_currency_are_left_out_wherever_they_stand() -> None:
    said = {
        "start_cost": 1.0,
        "min_on_minutes": 5,
        "charging": {"cost_per_hour": 1.0, "held_minutes": 2},
        "sources": [{"id": "2", "cost_per_hour": 2.0}],
    }
    assert without_costs(said) == {
        "min_on_minutes": 5,
        "charging": {"held_minutes": 2},
        "sources": [{"id": "2"}],
    }
