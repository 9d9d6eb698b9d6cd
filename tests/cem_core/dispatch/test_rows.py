"""Scenarios as rows: (second, house load and more W, expected setpoints)."""

from dataclasses import replace
from datetime import timedelta

import pytest

from cem_core.dispatch import Memory
from cem_core.model import (
    Action,
    Balance,
    Cause,
    DevicePlan,
    Direction,
    LimitsInForce,
    Plan,
    PlanStatus,
    PlanStep,
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
    limit,
)

type Row = tuple[int, float, int | None]


def planned(**steps: PlanStep) -> Plan:
    return Plan(
        created_at=START,
        edges=(START, START + timedelta(hours=1)),
        status=PlanStatus.OPTIMAL,
        devices={name: DevicePlan(steps=(step,)) for name, step in steps.items()},
    )


def step(action: Action, power_w: int = 0, side: Balance | None = None) -> PlanStep:
    return PlanStep(action=action, power_w=power_w, balance=side)


def play(home: Home, device_id: str, *rows: Row) -> None:
    """Run ``home`` through the rows; each holds from its second on."""
    for second, load_w, expected_w in rows:
        home.run(second - home.second)
        home.load = lambda _, load_w=load_w: load_w  # type: ignore[misc]
        home.tick()
        home.run(4)
        assert home.ordered(device_id)[-1] == expected_w, f"after second {second}"


def test_a_battery_balances_both_ways() -> None:
    home = Home(
        [Machine(BATTERY)],
        plan=planned(battery=step(Action.BALANCE, side=Balance.BOTH)),
    )
    play(
        home,
        "battery",
        (0, 800, -800),
        (10, 1300, -1300),
        (20, -2000, 2000),
        (30, 9000, -5000),  # as much as it can
        (40, -9000, 5000),
        (60, 0, 0),
    )
    assert home.orders[-1][0].cause is Cause.BALANCE


def test_a_battery_that_covers_never_charges() -> None:
    home = Home(
        [Machine(BATTERY)],
        plan=planned(battery=step(Action.BALANCE, side=Balance.COVER)),
    )
    play(home, "battery", (0, 700, -700), (10, -3000, 0), (30, 400, -400))


def test_a_battery_that_stores_never_discharges() -> None:
    home = Home(
        [Machine(BATTERY)],
        plan=planned(battery=step(Action.BALANCE, side=Balance.STORE)),
    )
    play(home, "battery", (0, 700, 0), (10, -3000, 3000), (30, 400, 0))


@pytest.mark.parametrize(
    ("action", "power_w"),
    [
        (step(Action.CHARGE, 3000), 3000),
        (step(Action.DISCHARGE, -2000), -2000),
        (step(Action.HOLD, 0), 0),
        (step(Action.OFF, 0), 0),
    ],
)
def test_what_the_plan_says_is_done(action: PlanStep, power_w: int) -> None:
    home = Home([Machine(BATTERY)], plan=planned(battery=action)).run(3)
    assert home.ordered("battery") == [power_w] * 3
    assert home.orders[-1][0].cause is Cause.PLAN


def test_a_car_charges_on_lasting_surplus_alone() -> None:
    home = Home([Machine(CAR)], plan=planned(car=step(Action.BALANCE)))
    play(
        home,
        "car",
        (0, 500, 0),
        (10, -5000, 0),  # a gap in the clouds
        (20, 500, 0),
        (30, -5000, 0),
        (100, -5000, 4830),
        (110, -7000, 6900),
        (120, -3000, 4140),  # a cloud: at least, for a while
        (180, -3000, 4140),
        (260, -3000, 0),
    )


def test_a_car_goes_first_and_the_battery_takes_the_rest() -> None:
    home = Home(
        [Machine(CAR), Machine(BATTERY)],
        plan=planned(car=step(Action.BALANCE), battery=step(Action.BALANCE)),
        load=lambda _: -6000,
    )
    home.run(120)
    assert home.ordered("car")[-1] == 5520
    assert home.ordered("battery")[-1] == 480
    assert abs(home.grid[-1]) <= 30


def test_the_users_order_decides_who_gives_way() -> None:
    home = Home(
        [
            Machine(CAR, 11_040, own_w=11_040),
            Machine(HEAT_PUMP, 2400, own_w=2400),
        ],
        load=lambda _: 1000,
        limits=limit(8000),
    )
    home.run(5)
    assert home.ordered("car")[-1] == 4140
    assert home.ordered("heat_pump")[-1] is None
    home.limits = limit(4000)
    home.run(5)
    assert home.ordered("car")[-1] == 0
    assert home.ordered("heat_pump")[-1] is None
    home.limits = limit(2000)
    home.run(5)
    assert home.ordered("heat_pump")[-1] == 950
    home.limits = limit(500)
    home.run(5)
    assert home.ordered("heat_pump")[-1] == HEAT_PUMP.floor_w
    assert home.last is not None
    assert home.last.excess_w == {(Direction.IMPORT, Scope.CONNECTION): 1000}
    assert home.last.setpoints[1].limit_id == "import_connection"


def test_extra_charging_stops_before_anything_else() -> None:
    home = Home(
        [Machine(BATTERY, 3000), Machine(CAR, 4140)],
        plan=planned(battery=step(Action.CHARGE, 3000), car=step(Action.CHARGE, 4140)),
        load=lambda _: 1000,
        limits=limit(7000),
    ).run(3)
    assert home.ordered("car")[-1] == 4140
    assert home.ordered("battery")[-1] == 1790


def test_a_battery_helps_to_keep_an_import_limit_at_its_rank() -> None:
    battery, car = step(Action.HOLD), step(Action.CHARGE, 11_040)
    home = Home(
        [Machine(BATTERY), Machine(CAR, 11_040), Machine(HEAT_PUMP, 2000, own_w=2000)],
        plan=planned(battery=battery, car=car),
        load=lambda _: 1000,
        limits=limit(2000),
    ).run(5)
    # The car (rank 0) stops, the battery (rank 1) covers, the heat pump goes on.
    assert home.ordered("car")[-1] == 0
    assert home.ordered("battery")[-1] == -1050
    assert home.ordered("heat_pump")[-1] is None
    assert home.orders[-1][0].action is Action.DISCHARGE


@pytest.mark.parametrize("limit_w", [0, 2000])
def test_an_export_limit_fills_the_battery_before_it_turns_down_the_sun(
    limit_w: int,
) -> None:
    home = Home(
        [Machine(BATTERY), Machine(SOLAR, 6000, own_w=6000)],
        plan=planned(battery=step(Action.HOLD), roof=step(Action.RUN)),
        load=lambda _: 0,
        limits=limit(limit_w, Direction.EXPORT),
    ).run(5)
    assert home.ordered("battery")[-1] == min(5000, 6000 - limit_w + 50)
    assert home.grid[-1] >= -limit_w


def test_the_plans_curtailment_is_followed() -> None:
    home = Home(
        [Machine(SOLAR, 6000, own_w=6000)],
        plan=planned(roof=step(Action.CURTAIL, 2500)),
    ).run(4)
    assert home.ordered("roof") == [2500] * 4


def test_a_full_car_leaves_its_room_to_others() -> None:
    home = Home(
        [
            Machine(CAR, 0, available_w=0),
            Machine(HEAT_PUMP, 2400, own_w=2400),
            Machine(BATTERY, 3000),
        ],
        plan=planned(
            car=step(Action.CHARGE, 11_040), battery=step(Action.CHARGE, 3000)
        ),
        load=lambda _: 500,
        limits=limit(11_000),
    )
    home.run(10)
    assert home.ordered("battery")[-1] == 400
    home.run(120)
    assert home.ordered("battery")[-1] == 3000


def test_a_device_that_does_not_obey_is_made_up_for_and_named() -> None:
    home = Home(
        [
            Machine(CAR, 8000, obeys=False),
            Machine(HEAT_PUMP, 2400, own_w=2400),
        ],
        load=lambda _: 500,
        limits=limit(10_000),
    )
    home.run(40)
    assert home.grid[-1] <= 10_000
    assert home.last is not None
    (warning,) = home.last.warnings
    assert warning.device_id == "car"
    assert "stays at 8000 W" in Renderer().text(warning.message)


def test_a_limit_that_starts_by_the_clock_of_the_plan_needs_no_plan() -> None:
    home = Home([Machine(CAR, 11_040)], limits=limit(6000), memory=Memory())
    home.run(5)
    assert home.ordered("car")[-1] == 4830
    home.limits = LimitsInForce()
    home.run(130)
    assert home.ordered("car")[-1] == 11_040


@pytest.mark.parametrize(("export_w", "expected_w"), [(0, -600), (1000, -3000)])
def test_a_planned_discharge_feeds_in_only_what_the_plan_means_to_feed_in(
    export_w: int, expected_w: int
) -> None:
    """The load it was for may be gone: then the battery covers what is left."""
    plan = replace(planned(battery=step(Action.DISCHARGE, -3000)), export_w=(export_w,))
    home = Home([Machine(BATTERY)], plan=plan)
    play(home, "battery", (0, 4000, -3000), (30, 600, expected_w), (60, 5000, -3000))
    (order,) = home.orders[-1]
    assert (order.action, order.cause) == (Action.DISCHARGE, Cause.PLAN)


def test_a_planned_discharge_for_load_rests_while_the_meter_is_silent() -> None:
    plan = replace(planned(battery=step(Action.DISCHARGE, -3000)), export_w=(0,))
    home = Home([Machine(BATTERY)], plan=plan)
    home.run(5)
    home.silent = True
    home.run(20)
    assert home.ordered("battery")[-1] == 0
