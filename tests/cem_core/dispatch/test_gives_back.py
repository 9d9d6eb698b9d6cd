"""A car that gives back: by the plan alone, never below what it keeps."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.dispatch import Dispatched, DispatchSettings, Memory, dispatch
from cem_core.dispatch.fleet import Fleet
from cem_core.dispatch.relief import relief
from cem_core.model import (
    Action,
    Balance,
    Cause,
    Device,
    DevicePlan,
    DeviceState,
    Direction,
    LimitsInForce,
    Plan,
    PlanStatus,
    PlanStep,
    Scope,
)
from tests.cem_core.dispatch.home import (
    BATTERY,
    CAR,
    SOLAR,
    START,
    Home,
    Machine,
    limit,
    meter,
)
from tests.cem_core.dispatch.test_phases import PhasedHome, fuses, on

GIVES = replace(
    CAR,
    rated_power_w=7360,
    rated_discharge_w=7360,
    min_power_w=1380,
    step_w=230,
    least_state_of_charge=0.5,
)
PLANNED_W = -4600
HALF_FULL: dict[str, object] = {"state_of_charge": 0.7, "connected": True}


def plan(exports_w: int = 9000, **steps: PlanStep) -> Plan:
    return Plan(
        created_at=START,
        edges=(START, START + timedelta(hours=1)),
        status=PlanStatus.OPTIMAL,
        devices={name: DevicePlan(steps=(step,)) for name, step in steps.items()},
        export_w=(exports_w,),
    )


def giving(power_w: int = PLANNED_W) -> PlanStep:
    return PlanStep(action=Action.DISCHARGE, power_w=power_w)


def home(
    *others: Machine,
    car: Device = GIVES,
    planned: Plan | None = None,
    limits: LimitsInForce | None = None,
    **state: object,
) -> Home:
    return Home(
        (Machine(car), *others),
        plan=plan(car=giving()) if planned is None else planned,
        limits=limits or LimitsInForce(),
        states={"car": {**HALF_FULL, **state}},
    )


def test_it_gives_what_the_plan_says() -> None:
    it = home().run(60)
    assert set(it.ordered("car")) == {PLANNED_W}
    assert it.last is not None
    assert it.last.setpoints[0].action is Action.DISCHARGE
    assert it.last.setpoints[0].cause is Cause.PLAN
    assert it.grid[-1] == 500 + PLANNED_W


def test_it_gives_as_planned_where_the_plan_feeds_nothing_in() -> None:
    it = home(planned=plan(exports_w=0, car=giving())).run(60)
    assert set(it.ordered("car")) == {PLANNED_W}


@pytest.mark.parametrize(
    "state",
    [
        {"state_of_charge": 0.5},
        {"state_of_charge": 0.2},
        {"state_of_charge": None},
        {"connected": False},
    ],
)
def test_it_gives_nothing_at_what_it_keeps_or_when_that_is_unknown(
    state: dict[str, object],
) -> None:
    it = home().run(30)
    it.states["car"] |= state
    it.run(30)
    assert set(it.ordered("car")[30:]) == {0}
    assert it.grid[-1] == 500


def test_without_a_plan_it_gives_nothing() -> None:
    it = home()
    it.plan = None
    it.run(30)
    assert min(w for w in it.ordered("car") if w is not None) >= 0


def test_a_balance_step_has_it_give_nothing() -> None:
    step = PlanStep(action=Action.BALANCE, power_w=0, balance=Balance.BOTH)
    it = home(planned=plan(car=step))
    it.load = lambda _: 6000
    it.run(120)
    assert set(it.ordered("car")) == {0}


@pytest.mark.parametrize(
    ("planned_w", "ordered_w"),
    [(-600, 0), (-700, -1380), (-9000, -7360), (-1500, -1380)],
)
def test_it_gives_within_what_it_can(planned_w: int, ordered_w: int) -> None:
    it = home(planned=plan(car=giving(planned_w))).run(5)
    assert it.ordered("car")[-1] == ordered_w


@pytest.mark.parametrize("scope", list(Scope))
def test_an_export_limit_turns_it_down(scope: Scope) -> None:
    it = home(limits=limit(2000, Direction.EXPORT, scope)).run(60)
    assert -it.grid[-1] <= 2000
    assert -2530 <= (it.ordered("car")[-1] or 0) < -1380
    assert it.last is not None
    assert it.last.setpoints[0].cause is Cause.LIMIT


def test_a_limit_below_its_least_power_has_it_give_nothing() -> None:
    it = home(limits=limit(500, Direction.EXPORT)).run(60)
    assert it.ordered("car")[-1] == 0


def test_it_gives_nothing_before_the_sun_is_turned_down() -> None:
    roof = Machine(SOLAR, power_w=4000, own_w=4000)
    it = home(roof, limits=limit(3600, Direction.EXPORT)).run(60)
    assert it.ordered("car")[-1] == 0
    assert min(w for w in it.ordered("roof") if w is not None) >= 4000
    assert -it.grid[-1] == 3500


def test_what_it_gives_leaves_others_more_of_an_import_limit() -> None:
    store = replace(BATTERY, device_id="store", rated_discharge_w=0)
    planned = plan(car=giving(), store=PlanStep(action=Action.CHARGE, power_w=5000))
    it = home(Machine(store), planned=planned, limits=limit(1000)).run(60)
    assert it.ordered("car")[-1] == PLANNED_W
    assert 4500 <= (it.ordered("store")[-1] or 0) <= 5000
    assert it.grid[-1] <= 1000


def test_what_it_does_not_give_yet_leaves_others_nothing() -> None:
    store = replace(BATTERY, device_id="store", rated_discharge_w=0)
    planned = plan(car=giving(), store=PlanStep(action=Action.CHARGE, power_w=5000))
    it = home(Machine(store), planned=planned, limits=limit(1000))
    it.machines[0].lag_s = 20
    it.run(15)
    assert max(it.grid) <= 1000
    it.run(60)
    assert max(it.grid) <= 1000
    assert it.machines[1].power_w > 4000


def test_a_fuse_bounds_what_it_gives_on_its_phase() -> None:
    it = PhasedHome(
        (Machine(replace(GIVES, phases=(1,))),),
        plan=plan(car=giving()),
        limits=fuses(2000, Direction.EXPORT),
        truth={"car": on(1)},
        states={"car": HALF_FULL},
    ).run(60)
    assert -2300 <= (it.ordered("car")[-1] or 0) <= -1380


def test_an_order_from_above_stops_what_a_person_has_it_give() -> None:
    """Its own app has it give, an operator allows no export."""
    it = home(limits=limit(0, Direction.EXPORT), enabled=False)
    it.machines[0].power_w = it.machines[0].own_w = PLANNED_W
    it.run(30)
    assert it.ordered("car")[-1] == 0


def test_its_least_run_has_it_charge_nothing_when_it_stops_giving() -> None:
    it = home(car=replace(GIVES, min_on_s=600)).run(30)
    it.states["car"] |= {"state_of_charge": 0.5}
    it.run(30)
    assert set(it.ordered("car")[30:]) == {0}


def test_it_is_named_as_what_could_be_turned_down() -> None:
    state = DeviceState(device_id="car", time=START, power_w=PLANNED_W)
    fleet = Fleet.of((GIVES,))
    [found] = relief(Direction.EXPORT, fleet, {"car": state})
    assert found.power_w == -PLANNED_W
    assert not relief(Direction.IMPORT, fleet, {"car": state})


def once(
    car: Device,
    *,
    planned: Plan | None,
    limits: LimitsInForce,
    grid_w: int,
    state: DeviceState,
) -> Dispatched:
    return dispatch(
        now=START,
        monotonic_s=1000.0,
        reading=meter(grid_w),
        limits=limits,
        plan=planned,
        devices=(car,),
        states={"car": state},
        settings=DispatchSettings(),
        memory=Memory(),
    )


@settings(max_examples=300, deadline=None)
@given(
    gives=st.booleans(),
    action=st.sampled_from(Action),
    planned_w=st.integers(-12_000, 12_000),
    now_w=st.integers(-7000, 7000),
    charge=st.none() | st.floats(0, 1),
    grid_w=st.integers(-20_000, 20_000),
    limit_w=st.integers(0, 20_000),
    direction=st.sampled_from(Direction),
    scope=st.sampled_from(Scope),
    has_plan=st.booleans(),
)
def test_below_0_only_by_the_plan_and_above_what_it_keeps(
    *,
    gives: bool,
    action: Action,
    planned_w: int,
    now_w: int,
    charge: float | None,
    grid_w: int,
    limit_w: int,
    direction: Direction,
    scope: Scope,
    has_plan: bool,
) -> None:
    car = GIVES if gives else replace(GIVES, rated_discharge_w=0)
    state = DeviceState(
        device_id="car", time=START, power_w=now_w, state_of_charge=charge
    )
    step = PlanStep(action=action, power_w=planned_w)
    [setpoint] = once(
        car,
        planned=plan(car=step) if has_plan else None,
        limits=limit(limit_w, direction, scope),
        grid_w=grid_w,
        state=state,
    ).setpoints
    power_w = setpoint.power_w or 0
    if power_w < 0:
        assert gives
        assert has_plan
        assert planned_w < 0
        assert charge is not None
        assert charge > car.least_state_of_charge
        assert -power_w <= max(-planned_w, car.min_power_w)
        assert -power_w >= car.min_power_w
        if direction is Direction.EXPORT and scope is Scope.CONTROLLABLE:
            assert -power_w <= limit_w
