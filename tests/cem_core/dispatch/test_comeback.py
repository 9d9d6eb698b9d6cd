"""After a power cut devices come back one after the other."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.dispatch import DispatchSettings, Memory, come_back, ends_s
from cem_core.model import (
    Action,
    Cause,
    Device,
    DeviceKind,
    DevicePlan,
    Direction,
    Owner,
    Plan,
    PlanStatus,
    PlanStep,
    Protection,
)
from tests.cem_core.dispatch.home import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    SOLAR,
    START,
    Home,
    Machine,
    limit,
)

BACK_S = 1000.0  # the harness's clock at its first telegram
PUMP = replace(HEAT_PUMP, floor_w=0)
DISHWASHER = Device(
    device_id="dishwasher",
    name="Dishwasher",
    kind=DeviceKind.APPLIANCE,
    rated_power_w=2000,
    interruptible=False,
)
STREET = (CAR, BATTERY, PUMP, SOLAR, DISHWASHER)
SETTINGS = DispatchSettings()


def planned(**steps: PlanStep) -> Plan:
    return Plan(
        created_at=START,
        edges=(START, START + timedelta(days=1)),
        status=PlanStatus.OPTIMAL,
        devices={k: DevicePlan(steps=(step,)) for k, step in steps.items()},
    )


def run(power_w: int) -> PlanStep:
    return PlanStep(action=Action.RUN, power_w=power_w)


def after_a_cut(*machines: Machine, free_s: dict[str, float], **about: object) -> Home:
    comeback = come_back(
        [machine.device for machine in machines],
        since_s=BACK_S,
        chances=[0.5] * len(machines),
        settings=SETTINGS,
    )
    waits = {key: BACK_S + seconds for key, seconds in free_s.items()}
    memory = Memory(comeback=replace(comeback, free_s=waits))
    return Home(machines, memory=memory, **about)  # type: ignore[arg-type]


def test_times_are_drawn_and_given_out_in_order_of_need() -> None:
    comeback = come_back(
        STREET, since_s=BACK_S, chances=[1, 0.5, 0, 0.75, 0.25], settings=SETTINGS
    )
    waits_s = {key: at_s - BACK_S for key, at_s in comeback.free_s.items()}
    # The dishwasher's draw stays for the sun.
    assert waits_s == {
        "heat_pump": 60,
        "car": 180,
        "dishwasher": 240,
        "battery": 300,
        "roof": 120,
    }
    assert ends_s(comeback, SETTINGS) == BACK_S + 300 + 600


@given(
    st.lists(st.floats(0, 1), min_size=5, max_size=5),
    st.floats(0, 600),
    st.floats(0, 1800),
)
def test_each_waits_as_long_as_the_settings_say(
    chances: list[float], least_s: float, most_s: float
) -> None:
    settings = DispatchSettings(return_least_s=least_s, return_after_cut_most_s=most_s)
    comeback = come_back(STREET, since_s=0, chances=chances, settings=settings)
    assert comeback.free_s.keys() == {device.device_id for device in STREET}
    for wait_s in comeback.free_s.values():
        assert least_s <= wait_s <= max(least_s, most_s)


def test_a_car_and_a_heat_pump_wait_their_turn_and_say_why() -> None:
    home = after_a_cut(
        Machine(CAR),
        Machine(PUMP, own_w=2000),
        free_s={"car": 200, "heat_pump": 100},
    )
    home.run(60)
    assert home.ordered("car") == [0] * 60
    assert home.ordered("heat_pump") == [0] * 60
    assert {order.cause for order in home.orders[-1]} == {Cause.POWER_CUT}
    home.run(60)
    assert home.machines[0].power_w == 0
    assert home.machines[1].power_w == 2000
    home.run(100)
    assert home.machines[0].power_w == CAR.rated_power_w
    assert Cause.POWER_CUT not in {order.cause for order in home.orders[-1]}


def test_a_dishwasher_is_not_started_before_its_turn() -> None:
    home = after_a_cut(
        Machine(DISHWASHER),
        free_s={"dishwasher": 90},
        plan=planned(dishwasher=run(2000)),
    )
    home.run(120)
    assert home.ordered("dishwasher") == [None] * 90 + [2000] * 30


def test_what_runs_already_goes_on_and_draws_no_more() -> None:
    home = after_a_cut(
        Machine(CAR, power_w=5500),
        Machine(PUMP, power_w=1234, own_w=1234),
        Machine(DISHWASHER, power_w=1800),
        free_s={"car": 100, "heat_pump": 100, "dishwasher": 100},
        plan=planned(car=run(11040), dishwasher=run(2000)),
    )
    home.run(60)
    # What is between two steps of the charger is rounded up: nothing is turned down.
    assert set(home.ordered("car")) == {5520}
    assert set(home.ordered("heat_pump")) == {1240}
    assert set(home.ordered("dishwasher")) == {2000}


def test_drawing_less_is_never_delayed() -> None:
    home = after_a_cut(
        Machine(CAR, power_w=6900),
        free_s={"car": 200},
        plan=planned(car=PlanStep(action=Action.OFF, power_w=0)),
    )
    home.run(2)
    assert home.ordered("car") == [0, 0]


@pytest.mark.parametrize("protection", Protection)
def test_heat_that_protects_waits_for_nothing(protection: Protection) -> None:
    home = after_a_cut(
        Machine(PUMP, own_w=2000),
        free_s={"heat_pump": 300},
        states={"heat_pump": {"protection": protection}},
    )
    home.run(10)
    assert home.machines[0].power_w == 2000


@pytest.mark.parametrize("state", [{"owner": Owner.PERSON}, {"enabled": False}])
def test_what_is_not_ours_to_command_is_left_alone(state: dict[str, object]) -> None:
    home = after_a_cut(
        Machine(PUMP, own_w=2000),
        free_s={"heat_pump": 300},
        states={"heat_pump": state},
    )
    home.run(10)
    assert home.ordered("heat_pump") == [None] * 10


def test_a_device_that_is_back_later_is_held_at_what_it_does_then() -> None:
    away: dict[str, object] = {"available": False}
    home = after_a_cut(Machine(CAR), free_s={"car": 200}, states={"car": away})
    home.run(50)
    home.machines[0].power_w = 4140  # it began by itself
    del home.states["car"]
    home.run(100)
    assert set(home.ordered("car")[52:]) == {4140}


def test_what_is_not_measured_is_taken_to_be_off_whatever_it_was_told_before() -> None:
    home = after_a_cut(
        Machine(CAR, measured=False),
        free_s={"car": 60},
        states={"car": {"setpoint_w": 11040}},
    )
    home.run(60)
    assert set(home.ordered("car")) == {0}


def test_a_battery_discharges_and_the_sun_rises_a_tenth_a_minute() -> None:
    home = after_a_cut(
        Machine(BATTERY),
        Machine(SOLAR, own_w=6000),
        free_s={"battery": 60, "roof": 120},
        plan=planned(battery=PlanStep(action=Action.DISCHARGE, power_w=-5000)),
    )
    home.run(900)
    minutes = range(30, 900, 60)
    fed_in_w = [-(home.ordered("battery")[second] or 0) for second in minutes]
    assert (
        fed_in_w
        == [0, 0, 500, 1000, 1500, 2000, 2500, 3000, 3500, 4000, 4500] + [5000] * 4
    )
    sun_w = [home.ordered("roof")[second] for second in minutes]
    assert sun_w == [0, 0, 0, *range(600, 6000, 600), None, None, None]
    assert home.memory.comeback is None


def test_a_battery_that_waits_does_not_charge_either() -> None:
    home = after_a_cut(
        Machine(BATTERY),
        free_s={"battery": 60},
        plan=planned(battery=PlanStep(action=Action.CHARGE, power_w=3000)),
    )
    home.run(70)
    assert home.ordered("battery") == [0] * 60 + [3000] * 10


def test_a_battery_with_a_logic_of_its_own_is_not_left_to_it_before_its_turn() -> None:
    home = after_a_cut(Machine(BATTERY), free_s={"battery": 60}, load=lambda _: 2000)
    home.run(60)
    assert {order.action for (order,) in home.orders} == {Action.HOLD}
    assert {order.cause for (order,) in home.orders} == {Cause.POWER_CUT}
    home.run(61 + 5)
    (order,) = home.orders[-1]
    assert (order.action, order.power_w) == (Action.DISCHARGE, -500)
    home.run(600)
    (order,) = home.orders[-1]
    assert (order.action, order.cause) == (Action.BALANCE, Cause.NO_PLAN)
    assert home.grid[-1] == pytest.approx(0, abs=50)


def test_a_limit_is_kept_while_devices_wait_and_a_battery_helps() -> None:
    home = after_a_cut(
        Machine(CAR, power_w=8280),
        Machine(replace(BATTERY, shed_rank=-1)),
        free_s={"car": 300, "battery": 300},
        plan=planned(car=run(8280)),
        limits=limit(6000),
    )
    home.run(60)
    assert max(home.grid[30:]) <= 6000
    assert (home.ordered("battery")[-1] or 0) < 0


def test_a_home_without_a_cut_waits_for_nothing() -> None:
    home = Home([Machine(CAR)], limits=limit(20_000, Direction.IMPORT))
    home.run(2)
    assert home.ordered("car") == [11040, 11040]
