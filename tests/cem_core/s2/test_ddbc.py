"""A demand that has to be met, with current or with gas."""

import json
from typing import Any

import pytest

from cem_core.s2.control import Order
from cem_core.s2.ddbc import DemandDriven
from cem_core.s2.messages import parse
from tests.cem_core.s2.messages import NOW, at, message, name, numbers, powers


def _actuator(
    text: str, draw_w: float, supply: float, *, listed: bool
) -> dict[str, Any]:
    """Return a way to heat that is off or on; ``supply`` is in kW of heat."""
    supplied = numbers(0, supply)
    modes = [
        {
            "Id": name(f"{text} off"),
            "power_ranges": powers(0, 0),
            "supply_range": numbers(0, 0),
            "abnormal_condition_only": False,
        },
        {
            "Id": name(f"{text} on"),
            "power_ranges": powers(0, draw_w),
            "supply_range": [supplied] if listed else supplied,
            "abnormal_condition_only": False,
        },
    ]
    return {
        "id": name(text),
        "supported_commodites": ["ELECTRICITY"],
        "operation_modes": modes,
        "transitions": [],
        "timers": [],
    }


def hybrid(demand: float, *, listed: bool = False) -> DemandDriven:
    """Return a heat pump of 6 kW heat from 2 kW, beside a gas boiler of 20 kW."""
    control = DemandDriven()
    system = message(
        "DDBC.SystemDescription",
        valid_from=at(hours=-1),
        actuators=[
            _actuator("pump", 2000, 6, listed=listed),
            _actuator("boiler", 100, 20, listed=listed),
        ],
        present_demand_rate=numbers(demand, demand),
        provides_average_demand_rate_forecast=False,
    )
    assert control.take(parse(system))
    return control


@pytest.mark.parametrize("listed", [False, True])
@pytest.mark.parametrize(
    ("demand", "power_w", "expected_w"),
    [
        (3, 2000, 1000),  # the pump alone
        (3, 0, 15),  # the boiler alone
        (12, 2000, 2030),  # the pump whole, the boiler the rest
        (0, 2000, 0),  # no heat is wanted
    ],
)
def test_the_demand_is_met_whatever_is_ordered(
    demand: float, power_w: float, expected_w: float, *, listed: bool
) -> None:
    control = hybrid(demand, listed=listed)
    control.instruct(Order(power_w=power_w), NOW)
    assert control.expects_w() == pytest.approx(expected_w)


def test_its_instructions_name_both_actuators() -> None:
    control = hybrid(12)
    told = control.instruct(Order(power_w=2000.0), NOW)
    found = [json.loads(each.to_json()) for each in told]
    assert {each["actuator_id"] for each in found} == {name("pump"), name("boiler")}
    assert all(each["message_type"] == "DDBC.Instruction" for each in found)
    assert control.instruct(Order(power_w=2000.0), NOW) == []


def test_what_meeting_the_demand_can_draw() -> None:
    found = hybrid(3).described(NOW)
    assert found is not None
    assert found["min_power_kw"] == pytest.approx(0.015)
    assert found["max_power_kw"] == pytest.approx(1.0)
