"""Frost protection and hot cycles go before plan, price, peak and recovery."""

from dataclasses import replace
from datetime import timedelta

from cem_core.limits import PEAK_ISSUER
from cem_core.model import (
    Action,
    Cause,
    Device,
    DeviceKind,
    DevicePlan,
    Direction,
    LimitsInForce,
    LimitSource,
    Plan,
    PlanStatus,
    PlanStep,
    Priority,
    Protection,
    Scope,
)
from tests.cem_core.dispatch.home import CAR, START, Home, Machine, limit

HEAT_PUMP = Device(
    device_id="heat_pump",
    name="Heat pump",
    kind=DeviceKind.HEAT_PUMP,
    rated_power_w=2500,
    frost_floor_w=800,
    step_w=10,
    shed_rank=0,
)
BOILER = Device(
    device_id="boiler",
    name="Boiler",
    kind=DeviceKind.WATER_HEATER,
    rated_power_w=2000,
    min_power_w=2000,
    step_w=2000,
    shed_rank=0,
)
FROST = {"heat_pump": {"protection": Protection.FROST}}
GERMS = {"boiler": {"protection": Protection.HOT_CYCLE}}
IMPORT = (Direction.IMPORT, Scope.CONNECTION)


def off_all_day(*devices: Device) -> Plan:
    step = DevicePlan(steps=(PlanStep(action=Action.OFF, power_w=0),))
    return Plan(
        created_at=START,
        edges=(START, START + timedelta(days=1)),
        status=PlanStatus.OPTIMAL,
        devices={device.device_id: step for device in devices},
    )


def house(*machines: Machine, **about: object) -> Home:
    devices = (machine.device for machine in machines)
    return Home(machines=machines, plan=off_all_day(*devices), **about)  # type: ignore[arg-type]


def peak(limit_w: int) -> LimitsInForce:
    ordered = limit(limit_w, source=LimitSource.CONTRACT).strictest[IMPORT]
    kept = replace(ordered, issuer=PEAK_ISSUER, priority=Priority.CONTRACT)
    return LimitsInForce({IMPORT: kept})


def test_a_plan_does_not_keep_a_heat_pump_from_heating_against_frost() -> None:
    home = house(Machine(HEAT_PUMP, own_w=1500), states=FROST).run(10)

    assert home.last is not None
    (order,) = home.last.setpoints
    assert (order.power_w, order.cause) == (None, Cause.FROST)
    assert home.machines[0].power_w == 1500


def test_without_frost_the_same_plan_stops_it() -> None:
    home = house(Machine(HEAT_PUMP, own_w=1500)).run(10)

    assert home.machines[0].power_w == 0


def test_an_operator_lowers_it_and_never_below_its_least() -> None:
    home = house(Machine(HEAT_PUMP, own_w=2000), states=FROST, limits=limit(0)).run(30)

    assert home.ordered("heat_pump")[-1] == 800
    assert home.last is not None
    assert home.last.excess_w


def test_one_that_takes_more_than_its_least_is_not_cut_in_frost() -> None:
    deaf = Machine(replace(HEAT_PUMP, has_contactor=True), own_w=2000, obeys=False)
    for states, orders_w in ((FROST, [800]), ({}, [0])):
        machine = replace(deaf, power_w=2000, orders=[], powers=[])
        home = house(machine, states=states, limits=limit(500))
        home.plan = None
        home.run(90)
        assert home.ordered("heat_pump")[-1:] == orders_w
        assert home.last is not None
        assert bool(home.last.memory.insisted) is (not states)


def test_everything_else_is_turned_down_before_it() -> None:
    car = replace(CAR, shed_rank=9)  # which else keeps its power longest
    home = house(
        Machine(HEAT_PUMP, own_w=2500), Machine(car), states=FROST, limits=limit(7200)
    )
    home.plan = None
    home.run(60)

    assert home.machines[0].power_w == 2500
    assert home.machines[1].power_w == 0  # 6 A would not fit beside it


def test_a_peak_that_costs_lowers_neither_frost_protection_nor_a_cycle() -> None:
    home = house(
        Machine(HEAT_PUMP, own_w=2500),
        Machine(BOILER),
        states=FROST | GERMS,
        limits=peak(1000),
    ).run(60)

    assert [machine.power_w for machine in home.machines] == [2500, 2000]


def test_a_peak_lowers_them_at_any_other_time() -> None:
    home = house(Machine(HEAT_PUMP, own_w=2500), Machine(BOILER), limits=peak(1000))
    home.plan = None
    home.run(60)

    assert sum(machine.power_w for machine in home.machines) <= 500


def test_a_silent_meter_stops_neither_where_only_a_contract_is_to_be_kept() -> None:
    home = house(
        Machine(HEAT_PUMP, own_w=2500),
        Machine(BOILER),
        Machine(CAR),
        states=FROST | GERMS,
        limits=limit(9000, source=LimitSource.CONTRACT),
    )
    home.plan = None
    home.run(20)
    home.silent = True
    home.run(60)

    assert [machine.power_w for machine in home.machines] == [2500, 2000, 0]


def test_a_cycle_that_is_due_runs_at_full_power_against_the_plan() -> None:
    home = house(Machine(BOILER), states=GERMS).run(10)

    assert home.last is not None
    assert home.last.setpoints[0].cause is Cause.HOT_CYCLE
    assert home.machines[0].power_w == 2000


def test_an_operator_postpones_a_cycle_which_then_runs_at_once() -> None:
    home = house(Machine(BOILER), Machine(CAR), states=GERMS, limits=limit(2000))
    home.plan = None
    home.run(130)
    assert home.machines[0].power_w == 0
    assert home.ordered("boiler")[-1] == 0

    home.limits = LimitsInForce()
    home.run(5)
    assert home.machines[0].power_w == 2000
    assert home.machines[1].power_w < CAR.rated_power_w  # it comes back slowly


def test_in_recovery_heat_and_hot_water_come_back_at_other_times_than_next_door() -> (
    None
):
    boiler = replace(BOILER, min_power_w=0, step_w=10)
    back: list[list[int]] = []
    for chance in (0.0, 1.0):
        home = Home(
            machines=(
                Machine(replace(HEAT_PUMP, frost_floor_w=0), own_w=2500),
                Machine(boiler, own_w=2000),
            ),
            chance=chance,
        )
        home.run(20)
        home.limits = limit(1000)
        home.run(60)
        assert sum(machine.power_w for machine in home.machines) <= 500
        home.limits = LimitsInForce()
        home.run(240)
        back.append(
            [
                next(s for s in range(240) if machine.powers[80 + s] > 1500)
                for machine in home.machines
            ]
        )
    assert all(late > soon + 30 for soon, late in zip(*back, strict=True))


def test_a_test_order_waits_for_frost_to_be_over() -> None:
    states = {"heat_pump": {"protection": Protection.FROST, "test_w": 0}}
    home = house(Machine(HEAT_PUMP, own_w=1500), states=states).run(5)

    assert home.ordered("heat_pump") == [None] * 5


def test_one_that_a_person_has_in_hand_is_left_to_them() -> None:
    states = {"heat_pump": {"protection": Protection.FROST, "enabled": False}}
    home = house(Machine(HEAT_PUMP, own_w=1500), states=states).run(5)

    assert home.last is not None
    assert home.last.setpoints[0].cause is Cause.HANDED_BACK
