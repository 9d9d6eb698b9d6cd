"""Devices with operation modes and no storage."""

from datetime import timedelta
import json

import pytest

from cem_core.s2.control import Order
from cem_core.s2.messages import S2Error, parse
from cem_core.s2.ombc import OperationModes
from tests.cem_core.s2.messages import NOW, at, message, name, powers, timer, transition

_STAGES = {"off": (0, 0), "low": (800, 800), "high": (1500, 2500)}


def heat_pump() -> OperationModes:
    """Return a heat pump in stages that rests five minutes after it was stopped."""
    ways = [
        transition("off", "low", blocked=("rest",), cost=0.10),
        transition("off", "high", blocked=("rest",), cost=0.15),
        transition("low", "off", starts=("rest",), cost=0.02),
        transition("high", "off", starts=("rest",), cost=0.03),
        transition("low", "high"),
        transition("high", "low"),
    ]
    control = OperationModes()
    system = message(
        "OMBC.SystemDescription",
        valid_from=at(hours=-1),
        operation_modes=[
            {
                "id": name(stage),
                "power_ranges": powers(*power_w),
                "abnormal_condition_only": False,
            }
            for stage, power_w in _STAGES.items()
        ],
        transitions=ways,
        timers=[timer("rest", 300)],
    )
    assert control.take(parse(system))
    assert control.take(parse(_status("high", 0.5)))
    return control


def _status(mode: str, factor: float = 0.0) -> str:
    return message(
        "OMBC.Status",
        active_operation_mode_id=name(mode),
        operation_mode_factor=factor,
    )


@pytest.mark.parametrize(
    ("power_w", "limited", "expected_w"),
    [
        (0, False, 0),
        (700, False, 800),
        (700, True, 0),
        (1400, False, 1500),
        (1400, True, 800),
        (2000, True, 2000),
        (9000, True, 2500),
    ],
)
def test_the_nearest_stage_and_under_a_limit_the_nearest_below(
    power_w: float, limited: bool, expected_w: float
) -> None:
    control = heat_pump()
    control.instruct(Order(power_w=power_w, limited=limited), NOW)
    assert control.expects_w() == pytest.approx(expected_w)


def test_it_rests_after_it_was_stopped() -> None:
    control = heat_pump()
    control.instruct(Order(power_w=0.0), NOW)
    assert control.power_w(NOW).high == 0  # type: ignore[union-attr] # it is described
    assert control.instruct(Order(power_w=800.0), NOW + timedelta(minutes=4)) == ()
    (again,) = control.instruct(Order(power_w=800.0), NOW + timedelta(minutes=5))
    assert json.loads(again.to_json())["operation_mode_id"] == name("low")


def test_a_new_description_keeps_what_it_is_in() -> None:
    control = heat_pump()
    control.instruct(Order(power_w=2000.0), NOW)
    assert control.instruct(Order(power_w=2000.0), NOW) == ()


def test_it_is_described_by_what_it_can_draw() -> None:
    assert heat_pump().described(NOW) == {
        "min_power_kw": 0.8,
        "max_power_kw": 2.5,
        "power_ranges": [
            {"min_kw": 0.8, "max_kw": 0.8},
            {"min_kw": 1.5, "max_kw": 2.5},
        ],
        "min_on_minutes": 0,
        "min_off_minutes": 5,
        "start_cost": pytest.approx(0.12),
        "initially_on": True,
    }


def test_what_is_not_described_is_refused() -> None:
    with pytest.raises(S2Error, match=r"before OMBC\.SystemDescription"):
        OperationModes().take(parse(_status("low")))
    with pytest.raises(S2Error, match="is not described"):
        heat_pump().take(parse(_status("turbo")))
