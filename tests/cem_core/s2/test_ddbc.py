"""A demand that has to be met, with current or with gas."""

from datetime import timedelta
import json
from typing import Any
from uuid import UUID

from hypothesis import given, strategies as st
import pytest
from s2python.common import RevokableObjects

from cem_core.s2.control import Order
from cem_core.s2.ddbc import DemandDriven
from cem_core.s2.demand import meeting
from cem_core.s2.messages import parse
from cem_core.s2.modes import Mode
from cem_core.s2.power import Span
from tests.cem_core.s2 import other_devices
from tests.cem_core.s2.messages import NOW, at, message, name, numbers, powers, timer


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
        (12, 2000, 2000),  # nearly the whole pump, the boiler the rest
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


def test_a_foretold_demand_is_a_store_that_every_actuator_fills() -> None:
    control = _foretold(3, 0, 12)
    powers = [power_kw for _, _, power_kw in control.demand_kw()]
    # In current of the pump, which gives 6 kW of heat from 2 kW.
    assert powers == pytest.approx([1, 0, 4])
    begin, end, _ = control.demand_kw()[2]
    assert (begin - NOW, end - NOW) == (timedelta(hours=2), timedelta(hours=3))
    found = control.described(NOW)
    assert found is not None
    assert found["kind"] == "storage"
    assert (found["max_power_kw"], found["efficiency"]) == pytest.approx((2, 1))
    [boiler] = found["sources"]
    assert not boiler["electric"]
    assert boiler["max_power_kw"] == pytest.approx(20 / 3)
    assert boiler["cost_per_hour"] == pytest.approx(other_devices.GAS_PER_S * 3600)
    assert found["missing_price_per_kwh"] > boiler["cost_per_hour"]


def test_an_actuator_runs_and_rests_in_the_plan() -> None:
    control = DemandDriven()
    system = json.loads(other_devices.hybrid(3))
    [pump, _] = system["actuators"]
    pump["timers"] = [timer("run", 1200), timer("rest", 600)]
    start, stop = pump["transitions"]
    start["start_timers"], stop["blocking_timers"] = [name("run")], [name("run")]
    stop["start_timers"], start["blocking_timers"] = [name("rest")], [name("rest")]
    assert control.take(parse(json.dumps(system)))
    assert control.take(parse(other_devices.demands(NOW, (3,))))
    found = control.described(NOW)
    assert found is not None
    assert (found["min_on_minutes"], found["min_off_minutes"]) == (20, 10)
    assert found["sources"][0]["min_on_minutes"] == 0


@given(st.floats(0, 30), st.floats(-500, 3000), st.floats(-500, 3000))
def test_any_share_of_two_meets_the_demand(
    demand: float, power_w: float, limit_w: float
) -> None:
    pump = Mode(id=UUID(int=1), power_w=Span(0, 2000), rate=Span(0, 6))
    boiler = Mode(id=UUID(int=2), power_w=Span(0, 100), rate=Span(0, 20))
    [met] = meeting([(UUID(int=3), [pump]), (UUID(int=4), [boiler])], demand)
    for wanted_w in (power_w, limit_w):
        found = met.at(wanted_w)
        assert sum(c.rate for c in found) == pytest.approx(min(demand, 26))
        drawn_w = sum(c.power_w for c in found)
        assert met.least_w - 1e-6 <= drawn_w <= met.most_w + 1e-6
        if met.least_w <= wanted_w <= met.most_w:
            assert drawn_w == pytest.approx(wanted_w, abs=1e-3)


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
