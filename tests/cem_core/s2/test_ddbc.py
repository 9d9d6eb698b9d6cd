"""A demand that has to be met, with current or with gas."""

from datetime import timedelta
import json
from typing import Any

import pytest
from s2python.common import RevokableObjects

from cem_core.s2.control import Order
from cem_core.s2.ddbc import DemandDriven
from cem_core.s2.messages import parse
from tests.cem_core.s2 import other_devices
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


def _foretold(*hourly: float) -> DemandDriven:
    control = DemandDriven()
    assert control.take(parse(other_devices.hybrid(3)))
    assert control.take(parse(other_devices.demands(NOW, hourly)))
    return control


def test_a_foretold_demand_is_what_a_plan_may_draw_or_leave_to_the_other() -> None:
    control = _foretold(3, 0, 12)
    powers = [power_kw for _, _, power_kw in control.demand_kw()]
    # The pump gives 6 kW of heat from 2 kW; the boiler gives the rest of 12.
    assert powers == pytest.approx([1, 0, 2])
    begin, end, _ = control.demand_kw()[2]
    assert (begin - NOW, end - NOW) == (timedelta(hours=2), timedelta(hours=3))
    found = control.described(NOW)
    assert found is not None
    assert found["kind"] == "storage"
    assert found["max_power_kw"] == pytest.approx(2)
    # In the first hour the boiler is on in place of 1 kWh; in the last it is so anyway.
    gas = other_devices.GAS_PER_S * 3600
    assert found["missing_price_per_kwh"] == pytest.approx(gas / 3)


def test_without_another_way_it_has_to_be_drawn() -> None:
    control = DemandDriven()
    system = json.loads(other_devices.hybrid(3))
    system["actuators"] = system["actuators"][:1]
    assert control.take(parse(json.dumps(system)))
    assert control.take(parse(other_devices.demands(NOW, (3,))))
    found = control.described(NOW)
    assert found is not None
    # Off it would miss the demand: there is one way to meet it.
    assert found["missing_price_per_kwh"] == 10


def test_an_instruction_that_was_refused_is_given_again() -> None:
    control = _foretold(3)
    told = control.instruct(Order(power_w=1000.0), NOW)
    assert told
    assert control.instruct(Order(power_w=1000.0), NOW) == []
    control.refused()
    assert len(control.instruct(Order(power_w=1000.0), NOW)) == len(told)


def test_a_description_that_is_revoked_takes_the_forecast_with_it() -> None:
    control = DemandDriven()
    text = other_devices.hybrid(3)
    assert control.take(parse(text))
    assert control.take(parse(other_devices.demands(NOW, (3,))))
    kind = RevokableObjects.DDBC_SystemDescription
    assert control.revoke(kind, json.loads(text)["message_id"])
    assert control.described(NOW) is None
    assert control.demand_kw() == ()
