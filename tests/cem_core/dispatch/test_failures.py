"""No plan, an old plan, silence, nonsense, absence: limits hold in a stated way."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cem_core.dispatch import DispatchSettings, Memory, WarningCode, dispatch
from cem_core.model import (
    Action,
    Cause,
    DevicePlan,
    DeviceState,
    Direction,
    LimitsInForce,
    LimitSource,
    Owner,
    Plan,
    PlanStatus,
    PlanStep,
    Reading,
    Scope,
)
from cem_core.model.render import Renderer
from tests.cem_core.dispatch.home import (
    BATTERY,
    CAR,
    HEAT_PUMP,
    SOLAR,
    START,
    Home,
    Machine,
    both,
    limit,
)
from tests.cem_core.dispatch.test_rows import planned, step

SUM = Direction.IMPORT, Scope.CONTROLLABLE


def balancing(home: Home) -> bool:
    return (home.ordered("battery")[-1] or 0) < 0


def codes(home: Home) -> list[WarningCode]:
    assert home.last is not None
    return [warning.code for warning in home.last.warnings]


def causes(home: Home) -> list[Cause]:
    return [setpoint.cause for setpoint in home.orders[-1]]


WHOLE = planned(
    battery=step(Action.HOLD), car=step(Action.OFF), heat_pump=step(Action.OFF)
)


@pytest.mark.parametrize(
    "plan",
    [
        None,
        replace(WHOLE, created_at=START - timedelta(minutes=31)),
        replace(
            WHOLE,
            edges=tuple(edge - timedelta(hours=5) for edge in WHOLE.edges),
        ),
        planned(),
    ],
    ids=["none", "stale", "over", "without the devices"],
)
def test_without_a_plan_the_rule_serves_and_limits_hold(plan: Plan | None) -> None:
    home = Home(
        [Machine(BATTERY), Machine(CAR), Machine(HEAT_PUMP, 1000, own_w=1000)],
        plan=plan,
    )
    home.run(30)
    assert home.ordered("car")[-1] == 11_040
    # It covers the house and the heat pump, not the car.
    assert home.ordered("battery")[-1] == -1500
    assert home.ordered("heat_pump")[-1] is None
    assert [setpoint.action for setpoint in home.orders[-1]] == [
        Action.BALANCE,
        Action.CHARGE,
        Action.RUN,
    ]
    assert set(causes(home)) == {Cause.NO_PLAN}
    home.limits = both(limit(6000), limit(4200, scope=Scope.CONTROLLABLE))
    home.run(30)
    assert home.grid[-1] <= 6000
    assert home.last is not None
    assert home.last.counted_w[SUM] <= 4200


def test_a_silent_meter_stops_balancing_and_then_says_so() -> None:
    home = Home(
        [Machine(BATTERY), Machine(CAR, 4140)],
        plan=planned(battery=step(Action.BALANCE), car=step(Action.CHARGE, 4140)),
    )
    home.run(20)
    assert balancing(home)
    home.silent = True
    home.run(10)
    assert balancing(home)
    home.run(2)
    assert home.ordered("battery")[-1] == 0
    assert home.ordered("car")[-1] == 4140
    assert causes(home) == [Cause.METER_SILENT, Cause.PLAN]
    assert codes(home) == [WarningCode.METER_SILENT]
    home.silent = False
    home.run(20)
    assert balancing(home)
    assert codes(home) == []


def test_a_silent_meter_with_a_connection_limit_leaves_the_floors() -> None:
    home = Home(
        [Machine(CAR, 4140), Machine(HEAT_PUMP, 2000, own_w=2000)],
        limits=limit(9000, source=LimitSource.CONTRACT),
    )
    home.run(20)
    assert home.ordered("car")[-1] != 0
    home.silent = True
    home.run(12)
    assert home.ordered("car")[-1] == 0
    assert home.ordered("heat_pump")[-1] == HEAT_PUMP.floor_w
    assert causes(home) == [Cause.METER_SILENT] * 2
    home.silent = False
    home.run(200)
    assert home.ordered("car")[-1] == 6210
    assert home.grid[-1] <= 9000
    rises = home.ordered("heat_pump")[32:42]
    assert all(power_w is not None and power_w <= 1500 for power_w in rises)


def test_a_silent_meter_with_an_export_limit_counts_on_no_load() -> None:
    home = Home(
        [Machine(SOLAR, 5000, own_w=5000), Machine(BATTERY, -1000)],
        plan=planned(battery=step(Action.DISCHARGE, -1000)),
        load=lambda _: 4000,
        limits=limit(2500, Direction.EXPORT),
    )
    home.run(20)
    assert home.machines[0].power_w == 5000
    home.silent = True
    home.run(12)
    assert home.ordered("roof")[-1] == 2450
    assert home.ordered("battery")[-1] == 0


def test_a_silent_meter_does_not_stop_the_sum_over_devices() -> None:
    home = Home(
        [Machine(CAR, 11_040, own_w=11_040), Machine(HEAT_PUMP, 900, own_w=900)],
        limits=limit(7000, scope=Scope.CONTROLLABLE),
        silent=True,
    )
    home.run(20)
    assert home.last is not None
    assert home.last.counted_w == {SUM: 6420, (Direction.EXPORT, SUM[1]): 0}
    assert home.ordered("car")[-1] == 5520


def test_a_meter_that_sends_no_power_is_as_good_as_silent() -> None:
    result = dispatch(
        now=START,
        monotonic_s=100.0,
        reading=Reading(format="dsmr"),
        limits=limit(5000),
        plan=None,
        devices=[CAR],
        states={"car": Home([]).state(Machine(CAR, 7000))},
        settings=DispatchSettings(),
        memory=Memory(),
    )
    assert result.setpoints[0].power_w == 0
    assert result.warnings[0].code is WarningCode.METER_WITHOUT_POWER


@pytest.mark.parametrize("nonsense_w", [16_600, -500, 10**9])
def test_nonsense_counts_as_the_rated_power(nonsense_w: int) -> None:
    home = Home(
        [Machine(CAR, 4140), Machine(HEAT_PUMP, 1000, own_w=1000)],
        limits=limit(12_000, scope=Scope.CONTROLLABLE),
    )
    home.states["car"] = {"power_w": nonsense_w}
    home.run(3)
    assert home.last is not None
    assert home.last.counted_w[SUM] >= CAR.rated_power_w
    assert home.ordered("heat_pump")[-1] == 840
    assert codes(home) == [WarningCode.DEVICE_POWER_NONSENSE]
    assert home.last.warnings[0].message.values["power_w"] == nonsense_w


def test_nonsense_never_hides_an_import_that_is_too_high() -> None:
    home = Home(
        [Machine(CAR, 11_040), Machine(HEAT_PUMP, 2000, own_w=2000)],
        limits=limit(8000),
    )
    home.states["car"] = {"power_w": 99_999}
    home.run(60)
    assert max(home.grid[4:]) <= 8000
    assert home.changes("car", since=5) == 0


def test_an_absent_device_counts_as_its_rated_power_and_is_not_ordered() -> None:
    home = Home(
        [Machine(CAR, 0), Machine(HEAT_PUMP, 2000, own_w=2000)],
        limits=limit(12_000, scope=Scope.CONTROLLABLE),
    )
    home.run(3)
    home.states["car"] = {"available": False, "power_w": None}
    home.run(3)
    assert causes(home)[0] is Cause.UNAVAILABLE
    assert home.ordered("heat_pump")[-1] == 840
    assert WarningCode.DEVICE_UNAVAILABLE in codes(home)


def test_a_device_without_a_state_does_not_break_the_loop() -> None:
    result = dispatch(
        now=START,
        monotonic_s=1.0,
        reading=None,
        limits=both(limit(0), limit(0, scope=Scope.CONTROLLABLE)),
        plan=None,
        devices=[CAR, BATTERY, HEAT_PUMP, SOLAR],
        states={},
        settings=DispatchSettings(),
        memory=Memory(),
    )
    assert {setpoint.cause for setpoint in result.setpoints} == {Cause.UNAVAILABLE}


def test_an_unmeasured_device_without_an_order_is_brought_to_what_is_certain() -> None:
    home = Home([Machine(CAR, 9000, own_w=9000, measured=False)], limits=limit(6000))
    home.states["car"] = {"owner": Owner.DEVICE}
    home.run(60)
    assert max(home.grid[3:]) <= 6000


def test_two_devices_of_one_id_are_refused() -> None:
    with pytest.raises(ValueError, match="same id"):
        Home([Machine(CAR), Machine(CAR)]).tick()


def test_a_car_that_is_not_connected_is_given_nothing() -> None:
    home = Home([Machine(CAR)], limits=LimitsInForce())
    home.states["car"] = {"connected": False}
    home.tick()
    assert home.ordered("car") == [0]
    assert causes(home) == [Cause.NOT_CONNECTED]


def test_before_the_first_telegram_nothing_rises_and_nothing_falls() -> None:
    home = Home(
        [Machine(CAR, 6900, own_w=6900), Machine(HEAT_PUMP, 2000, own_w=2000)],
        limits=limit(10_000),
        silent=True,
    )
    home.states["car"] = {"setpoint_w": 6900}
    home.run(10)
    assert home.ordered("car") == [6900] * 10
    assert home.ordered("heat_pump") == [None] * 10
    home.run(2)
    assert home.ordered("car")[-1] == 0


def test_silence_and_a_contract_leave_what_a_person_has_in_hand() -> None:
    home = Home(
        [Machine(CAR, 6900, own_w=6900)],
        limits=limit(10_000, source=LimitSource.CONTRACT),
    )
    home.states["car"] = {"owner": Owner.PERSON}
    home.run(5)
    home.silent = True
    home.run(20)
    assert home.ordered("car")[-1] is None
    home.limits = limit(10_000)
    home.run(1)
    assert home.ordered("car")[-1] == 0


def test_between_telegrams_a_device_that_moves_on_is_no_change_of_the_house() -> None:
    home = Home(
        [Machine(BATTERY, ramp_w_per_s=400)],
        plan=planned(battery=step(Action.BALANCE)),
        load=lambda t: 500 if t < 30 else 4000,
    )
    home.every_s = 10
    home.settings = DispatchSettings(meter_silent_after_s=35)
    home.run(120)
    assert home.ordered("battery")[-1] in range(-4030, -3969)
    assert home.changes("battery", since=50) == 0


def test_a_sum_of_production_is_kept_by_batteries_first() -> None:
    home = Home(
        [
            Machine(replace(SOLAR, counts_as_controllable=True), 5000, own_w=5000),
            Machine(BATTERY, -2000),
        ],
        plan=planned(battery=step(Action.DISCHARGE, -2000)),
        limits=limit(4000, Direction.EXPORT, Scope.CONTROLLABLE),
    )
    home.states["roof"] = {}
    replaced = home.machines[0].device
    home.run(5)
    assert home.ordered("battery")[-1] == 0
    assert home.ordered(replaced.device_id)[-1] == 3950


def test_a_silent_meter_brings_a_device_of_unknown_power_to_its_floor() -> None:
    home = Home(
        [Machine(HEAT_PUMP, 2000, own_w=2000, measured=False)], limits=limit(9000)
    )
    home.states["heat_pump"] = {"owner": Owner.DEVICE}
    home.run(5)
    assert home.ordered("heat_pump")[-1] is None
    home.silent = True
    home.run(12)
    assert home.ordered("heat_pump")[-1] == HEAT_PUMP.floor_w


def test_an_absent_producer_counts_as_all_that_it_can_feed_in() -> None:
    counted = replace(SOLAR, counts_as_controllable=True)
    home = Home(
        [Machine(counted, 0), Machine(BATTERY, -3000)],
        plan=planned(battery=step(Action.DISCHARGE, -3000)),
        limits=limit(7000, Direction.EXPORT, Scope.CONTROLLABLE),
    )
    home.states["roof"] = {"available": False, "power_w": None}
    home.run(3)
    assert home.last is not None
    side = Direction.EXPORT, Scope.CONTROLLABLE
    assert home.last.counted_w[side] == SOLAR.rated_power_w + 930
    assert home.ordered("battery")[-1] == -930


def test_after_a_restart_room_is_kept_for_what_a_limit_still_holds_down() -> None:
    home = Home(
        [Machine(CAR, 4140), Machine(HEAT_PUMP, 1000, own_w=2400)], limits=limit(9000)
    )
    home.states["car"] = {"setpoint_w": 4140}
    home.states["heat_pump"] = {"setpoint_w": 1000}
    home.tick()
    # 9000 - 90 (margin) - 500 (house) - 2500 (all that the heat pump may want)
    assert home.ordered("car") == [5520]


def test_what_is_above_a_limit_with_everything_at_its_floor_is_said() -> None:
    home = Home([Machine(HEAT_PUMP, 2000, own_w=2000)], limits=limit(900))
    home.run(5)
    assert home.last is not None
    (warning,) = home.last.warnings
    assert warning.code is WarningCode.LIMIT_NOT_KEPT
    # 500 W of the house and the heat pump's floor of 500 W
    said = Renderer().text(warning.message)
    assert "of 900 W is exceeded by 100 W" in said


def test_a_car_that_a_limit_stopped_stays_off_for_a_while() -> None:
    home = Home([Machine(CAR, 11_040)], limits=limit(2000))
    home.run(5)
    assert home.ordered("car")[-1] == 0
    home.limits = limit(20_000)
    home.run(115)
    assert home.ordered("car")[5:] == [0] * 115
    home.run(15)
    assert home.ordered("car")[-1] != 0


def test_a_battery_keeps_no_limit_where_the_user_does_not_want_it_to() -> None:
    home = Home(
        [Machine(BATTERY), Machine(HEAT_PUMP, 2000, own_w=2000)],
        plan=planned(battery=step(Action.HOLD)),
        settings=DispatchSettings(battery_keeps_limits=False),
        limits=limit(1500),
    )
    home.run(5)
    assert home.ordered("battery")[-1] == 0
    assert home.ordered("heat_pump")[-1] == 950


def test_solar_of_unknown_power_is_brought_to_what_may_flow_out() -> None:
    home = Home(
        [Machine(SOLAR, 5000, own_w=5000, measured=False)],
        load=lambda _: 0,
        limits=limit(2500, Direction.EXPORT),
    )
    home.states["roof"] = {"owner": Owner.DEVICE}
    home.run(90)
    assert home.ordered("roof")[0] == 2450
    assert min(home.grid[2:]) >= -2500
    assert home.ordered("roof")[-1] == 2350


def test_a_battery_takes_surplus_in_only_as_far_as_a_limit_on_the_sum_allows() -> None:
    home = Home(
        [Machine(BATTERY), Machine(SOLAR, 6000, own_w=6000)],
        plan=planned(battery=step(Action.HOLD), roof=step(Action.RUN)),
        load=lambda _: 0,
        limits=both(limit(0, Direction.EXPORT), limit(1000, scope=Scope.CONTROLLABLE)),
    )
    home.run(5)
    assert home.ordered("battery")[-1] == 950
    assert home.ordered("roof")[-1] == 900


def test_the_first_telegram_ends_what_was_held_still_before_it() -> None:
    home = Home(
        [Machine(SOLAR, 73, own_w=73), Machine(BATTERY, -500, own_w=-500)],
        plan=planned(battery=step(Action.DISCHARGE, -4000)),
        limits=limit(6000, Direction.EXPORT, source=LimitSource.CONTRACT),
        load=lambda _: 5000.0,
        silent=True,
    )
    home.run(3)
    assert home.ordered("roof") == [None] * 3
    home.silent = False
    home.run(1)
    assert home.ordered("roof")[-1] is None
    assert home.ordered("battery")[-1] == -4000
    assert [setpoint.limit_id for setpoint in home.orders[-1]] == [None, None]


def test_a_silent_meter_turns_down_only_an_inverter_at_work() -> None:
    home = Home(
        [Machine(SOLAR, 73, own_w=73)],
        limits=limit(4000, Direction.EXPORT, source=LimitSource.CONTRACT),
    )
    home.run(3)
    home.silent = True
    home.run(20)
    assert home.ordered("roof")[-1] is None
    home.machines[0].own_w = 900
    home.run(3)
    assert home.ordered("roof")[-1] == 3950


def test_the_first_report_of_a_device_that_came_back_is_no_load_of_the_house() -> None:
    battery = Machine(BATTERY)
    home = Home(
        [Machine(CAR, 6900), battery],
        plan=planned(car=step(Action.RUN, 6900), battery=step(Action.BALANCE)),
        limits=limit(9000),
        load=lambda _: 1500.0,
    )
    home.run(30)
    assert home.ordered("battery")[-1] == -5000
    home.states["battery"] = {"available": False}
    battery.obeys, battery.measured, battery.power_w = False, False, 0
    battery.orders.clear()
    home.run(30)
    home.states.clear()  # it is back, and does not do what it was told before
    home.every_s = 2
    home.run(1)
    battery.measured = True
    home.run(10)
    assert home.ordered("car") == [6900] * 71


def test_a_device_that_came_back_may_be_on_its_way_to_the_order_of_before() -> None:
    car = Machine(CAR, 6900, report_s=8)
    home = Home(
        [car],
        plan=planned(car=step(Action.RUN, 6900)),
        limits=limit(9000, source=LimitSource.CONTRACT),
        load=lambda _: 1500.0,
    )
    home.run(30)
    home.states["car"] = {"available": False}
    car.obeys, car.power_w = False, 4140
    car.orders.clear()
    home.run(30)
    home.states.clear()
    car.obeys = True
    home.run(30)
    assert home.ordered("car") == [6900] * 90
    assert home.grid[-1] == 8400


def test_a_car_that_is_to_rest_asks_nothing_of_a_shared_line() -> None:
    """Also one whose charger goes down to nothing."""
    car = replace(CAR, min_power_w=0)
    rest = PlanStep(action=Action.HOLD, power_w=0)
    found = dispatch(
        now=START,
        monotonic_s=0,
        reading=Reading(format="dsmr", import_power_w=0),
        limits=LimitsInForce(),
        plan=Plan(
            created_at=START,
            edges=(START, START + timedelta(hours=1)),
            status=PlanStatus.OPTIMAL,
            devices={"car": DevicePlan(steps=(rest,))},
        ),
        devices=(car,),
        states={"car": DeviceState(device_id="car", time=START, power_w=0)},
        settings=DispatchSettings(site_w=11_000),
        memory=Memory(),
    )
    assert found.setpoints[0].power_w == 0
    assert not found.memory.site.asking
