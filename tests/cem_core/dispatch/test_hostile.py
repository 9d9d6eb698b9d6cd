"""Whatever devices, meter, plan and clocks say: dispatch answers, within bounds."""

from dataclasses import replace
from datetime import timedelta
from itertools import accumulate
from math import inf, nan
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from cem_core.dispatch import DispatchSettings, Memory, dispatch
from cem_core.model import (
    Action,
    Balance,
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
from tests.cem_core.dispatch.test_properties import devices
from tests.cem_core.dispatch.test_rows import planned, step

# Typed as whole watts, but a driver is other people's code.
POWERS: st.SearchStrategy[Any] = st.sampled_from(
    [None, 0, 100, -5000, 10**9, -(10**9), 10**30, nan, inf, -inf]
)
CHARGES = st.sampled_from([None, -1.0, 0.0, 0.5, 1.0, 7.0, nan])


@st.composite
def states(draw: st.DrawFn, device_id: str) -> DeviceState:
    return DeviceState(
        device_id=device_id,
        time=START,
        available=draw(st.booleans()),
        enabled=draw(st.booleans()),
        owner=draw(st.sampled_from(Owner)),
        power_w=draw(POWERS),
        setpoint_w=draw(POWERS),
        state_of_charge=draw(CHARGES),
        connected=draw(st.sampled_from([None, True, False])),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    steps = st.builds(
        PlanStep,
        action=st.sampled_from(Action),
        power_w=st.sampled_from([0, -5000, 700, 99_999]),
        balance=st.sampled_from([None, *Balance]),
    )
    lines = st.builds(DevicePlan, steps=st.lists(steps, max_size=2).map(tuple))
    names = st.sampled_from(["device 0", "device 1", "unknown"])
    start = START + timedelta(minutes=draw(st.integers(-20, 20)))
    lengths = draw(st.lists(st.integers(1, 60), min_size=1, max_size=2))
    return Plan(
        created_at=START + timedelta(minutes=draw(st.integers(-60, 60))),
        edges=tuple(
            start + timedelta(minutes=minutes)
            for minutes in accumulate(lengths, initial=0)
        ),
        status=draw(st.sampled_from(PlanStatus)),
        devices=draw(st.dictionaries(names, lines)),
    )


@st.composite
def limits(draw: st.DrawFn) -> LimitsInForce:
    sides = draw(st.sets(st.tuples(st.sampled_from(Direction), st.sampled_from(Scope))))
    powers = st.sampled_from([0, 1, 4200, 10**9])
    sources = st.sampled_from(LimitSource)
    return both(*(limit(draw(powers), d, s, draw(sources)) for d, s in sorted(sides)))


READINGS = st.sampled_from(
    [None, Reading(format="dsmr")]
    + [Reading(format="dsmr", import_power_w=w) for w in (0, 5000, 10**9)]
    + [Reading(format="dsmr", export_power_w=w) for w in (5000, 10**9)]
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_nothing_that_is_said_breaks_the_loop(data: st.DataObject) -> None:
    fleet = [
        replace(data.draw(devices(place)), interruptible=data.draw(st.booleans()))
        for place in range(data.draw(st.integers(0, 3)))
    ]
    memory, at_s, now = Memory(), 1000.0, START
    for _ in range(4):
        at_s += data.draw(st.sampled_from([1, 0, 5, 20, -3, -900]))
        now += timedelta(seconds=data.draw(st.sampled_from([1, -3600, 86_400])))
        result = dispatch(
            now=now,
            monotonic_s=at_s,
            reading=data.draw(READINGS),
            limits=data.draw(limits()),
            plan=data.draw(st.none() | plans()),
            devices=fleet,
            states={d.device_id: data.draw(states(d.device_id)) for d in fleet},
            settings=DispatchSettings(),
            memory=memory,
        )
        memory = result.memory
        for device, setpoint in zip(fleet, result.setpoints, strict=True):
            if setpoint.power_w is not None:
                assert isinstance(setpoint.power_w, int)
                assert -device.rated_discharge_w <= setpoint.power_w
                assert setpoint.power_w <= device.rated_power_w


def test_a_setpoint_beyond_what_a_device_can_do_counts_as_its_rated_power() -> None:
    home = Home(
        [Machine(CAR, 11_040, measured=False)],
        limits=limit(12_000, scope=Scope.CONTROLLABLE),
    )
    home.states["car"] = {"setpoint_w": 22_080, "owner": Owner.PERSON}
    home.tick()
    assert home.last is not None
    assert home.last.counted_w[Direction.IMPORT, Scope.CONTROLLABLE] == 11_040


@pytest.mark.parametrize(
    ("state_of_charge", "planned_w", "load_w"), [(1.004, 0, -3000), (-0.002, 0, 3000)]
)
def test_a_battery_a_little_over_full_or_under_empty_balances_no_further(
    state_of_charge: float, planned_w: int, load_w: int
) -> None:
    home = Home(
        [Machine(BATTERY)],
        plan=planned(battery=step(Action.BALANCE, planned_w)),
        load=lambda _: load_w,
    )
    home.states["battery"] = {"state_of_charge": state_of_charge}
    home.run(5)
    assert home.ordered("battery") == [0] * 5


def test_a_battery_under_empty_is_not_counted_on_for_a_limit() -> None:
    home = Home([Machine(CAR, 11_040), Machine(BATTERY)], limits=limit(8000))
    home.states["battery"] = {"state_of_charge": -0.002}
    home.run(5)
    assert home.ordered("battery")[-1] == 0
    assert home.ordered("car")[-1] == 6900


@pytest.mark.parametrize("planned_w", [-5000, 99_999])
def test_a_plan_never_orders_solar_beyond_its_rated_power(planned_w: int) -> None:
    home = Home([Machine(SOLAR, 3000)], plan=planned(roof=step(Action.OFF, planned_w)))
    home.tick()
    assert home.ordered("roof")[-1] in {0, SOLAR.rated_power_w}


def test_a_clock_that_goes_back_moves_no_battery_the_wrong_way() -> None:
    machine = Machine(BATTERY, lag_s=0)
    home = Home([machine], plan=planned(battery=step(Action.BALANCE)))
    home.run(5)
    before_w = home.ordered("battery")[-1]
    assert before_w == -500
    home.load = lambda _: 3000
    home.second -= 3
    home.tick()
    assert home.ordered("battery")[-1] == before_w


def test_a_floor_above_the_rated_power_is_no_order_above_it() -> None:
    heat_pump = replace(HEAT_PUMP, floor_w=9000)
    home = Home([Machine(heat_pump, 2000)], limits=limit(0))
    home.states["heat_pump"] = {"power_w": 99_999}
    home.run(3)
    assert home.ordered("heat_pump")[-1] == heat_pump.rated_power_w
