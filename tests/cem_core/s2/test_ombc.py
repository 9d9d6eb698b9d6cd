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
        "start_minutes": 0,
        "initially_on": True,
        "held_minutes": 0,
    }


def test_what_is_not_described_is_refused() -> None:
    with pytest.raises(S2Error, match=r"before OMBC\.SystemDescription"):
        OperationModes().take(parse(_status("low")))
    with pytest.raises(S2Error, match="is not described"):
        heat_pump().take(parse(_status("turbo")))


def burner() -> OperationModes:
    """Return one that is purged for two minutes between off and on, either way.

    The way takes half a minute each time; it rests for ten minutes after it was off.
    """
    control = OperationModes()
    system = message(
        "OMBC.SystemDescription",
        valid_from=at(hours=-1),
        operation_modes=[
            {
                "id": name(mode),
                "power_ranges": powers(*power_w),
                "abnormal_condition_only": False,
            }
            for mode, power_w in (
                ("off", (0, 0)),
                ("purge", (40, 40)),
                ("on", (500, 2000)),
            )
        ],
        transitions=[
            transition(
                "off", "purge", starts=("purged",), blocked=("rest",), takes_s=30
            ),
            transition("purge", "on", blocked=("purged",), takes_s=30),
            transition("on", "purge", starts=("purged",), takes_s=30),
            transition(
                "purge", "off", starts=("rest",), blocked=("purged",), takes_s=30
            ),
        ],
        timers=[timer("purged", 120), timer("rest", 600)],
    )
    assert control.take(parse(system))
    return control


def told(control: OperationModes, power_w: float, after_s: float) -> str | None:
    """Return the mode that an order leads to now, None: nothing is instructed."""
    now = NOW + timedelta(seconds=after_s)
    found = control.instruct(Order(power_w=power_w), now)
    return str(found[0].operation_mode_id) if found else None  # type: ignore[union-attr] # it is of OMBC


def test_a_mode_between_is_instructed_first_and_the_next_when_it_is_through() -> None:
    control = burner()
    assert control.take(parse(_status("off")))
    assert told(control, 1000, 0) == name("purge")
    assert told(control, 1000, 20) is None  # on its way
    assert told(control, 1000, 60) is None  # there, and being purged
    assert told(control, 1000, 120) == name("on")
    assert control.expects_w() == pytest.approx(1000)
    assert told(control, 0, 130) == name("on")  # at its least: it is not there yet
    assert control.expects_w() == 500
    assert told(control, 0, 150) == name("purge")
    assert told(control, 0, 270) == name("off")
    assert told(control, 1000, 600) is None  # it rests until 870
    assert told(control, 1000, 870) == name("purge")


def test_a_limit_does_not_wait_for_a_start_to_be_over() -> None:
    control = burner()
    assert control.take(parse(_status("off")))
    told(control, 1000, 0)
    told(control, 1000, 120)
    now = NOW + timedelta(seconds=130)
    (stop,) = control.instruct(Order(power_w=0, limited=True), now)
    assert json.loads(stop.to_json())["operation_mode_id"] == name("purge")


def test_a_refused_step_is_taken_again() -> None:
    control = burner()
    assert control.take(parse(_status("off")))
    assert told(control, 1000, 0) == name("purge")
    control.refused()
    assert told(control, 1000, 5) == name("purge")


def test_what_the_device_says_of_a_transition_counts() -> None:
    control = burner()
    text = message(
        "OMBC.Status",
        active_operation_mode_id=name("on"),
        operation_mode_factor=0.0,
        previous_operation_mode_id=name("purge"),
        transition_timestamp=at(seconds=-10),
    )
    assert control.take(parse(text))
    assert told(control, 0, 19) is None
    assert told(control, 0, 20) == name("purge")


def test_a_rest_that_is_not_over_and_a_start_that_takes_time_are_planned() -> None:
    control = burner()
    assert control.take(parse(_status("off")))
    at_rest = control.described(NOW)
    assert at_rest is not None
    assert (at_rest["initially_on"], at_rest["held_minutes"]) == (False, 0)
    assert at_rest["start_minutes"] == pytest.approx(2.5)
    # The way out is through the purge: 2.5 minutes there, 10 of rest after it.
    assert at_rest["min_off_minutes"] == 12
    rest = message("OMBC.TimerStatus", timer_id=name("rest"), finished_at=at(minutes=7))
    assert control.take(parse(rest))
    resting = control.described(NOW)
    assert resting is not None
    assert resting["held_minutes"] == 7
    assert resting["max_power_kw"] == 2.0
