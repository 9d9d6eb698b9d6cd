from dataclasses import replace
from datetime import timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.dispatch import DispatchSettings, Memory, dispatch
from cem_core.dispatch.fleet import Fleet
from cem_core.dispatch.planned import Block, block_of
from cem_core.model import (
    Action,
    Cause,
    Device,
    DeviceKind,
    DevicePlan,
    DeviceState,
    LimitsInForce,
    Plan,
    PlanStatus,
    PlanStep,
    Setpoint,
)
from tests.cem_core.dispatch.home import BATTERY, CAR, HEAT_PUMP, SOLAR, START

APPLIANCE = Device(
    device_id="washer", name="Washer", kind=DeviceKind.APPLIANCE, rated_power_w=2000
)
TANK = replace(HEAT_PUMP, device_id="tank", heats_water=True)
FLEET = Fleet.of([BATTERY, CAR, HEAT_PUMP, SOLAR, APPLIANCE, TANK])


def plan(minutes: int, steps: int = 8, status: PlanStatus = PlanStatus.OPTIMAL) -> Plan:
    """Return a plan in which no two steps are alike; the battery's ends early."""
    return Plan(
        created_at=START,
        edges=tuple(START + n * timedelta(minutes=minutes) for n in range(steps + 1)),
        status=status,
        devices={
            device.device_id: DevicePlan(
                steps=tuple(
                    PlanStep(action=Action.RUN, power_w=500 + 10 * n)
                    for n in range(steps - (device is BATTERY))
                )
            )
            for device in FLEET.devices
            if device is not CAR
        },
        export_w=(0, 100) * (steps // 2),
    )


def seen(block: Block) -> object:
    return block.devices, block.exports


@given(
    st.sampled_from([5, 7, 15, 60]),
    st.lists(st.integers(-40, 9 * 60), min_size=1, max_size=40),
    st.sampled_from([PlanStatus.OPTIMAL, PlanStatus.RULE]),
)
def test_a_block_that_holds_is_what_the_plan_says_now(
    minutes: int, nows: list[int], status: PlanStatus
) -> None:
    """Also where the clock is set back."""
    given_plan = plan(minutes, status=status)
    block = block_of(given_plan, FLEET, START)
    for minute in nows:
        now = START + timedelta(minutes=minute)
        afresh = block_of(given_plan, FLEET, now)
        if block.holds(given_plan, FLEET, now):
            assert seen(block) == seen(afresh)
        block = afresh
        assert block.holds(given_plan, FLEET, now)


def test_a_block_holds_for_its_plan_and_fleet_alone() -> None:
    given_plan = plan(15)
    block = block_of(given_plan, FLEET, START)
    assert not block.holds(replace(given_plan), FLEET, START)
    assert not block.holds(None, FLEET, START)
    assert not block.holds(given_plan, Fleet.of(FLEET.devices[:2]), START)
    assert block_of(None, FLEET, START).holds(None, FLEET, START + timedelta(days=400))


def test_what_begins_soon_belongs_to_heat_pumps_with_a_tank() -> None:
    block = block_of(plan(20), FLEET, START)
    coming = dict(zip(FLEET.devices, block.devices, strict=True))
    of_tank, of_pump = coming[TANK], coming[HEAT_PUMP]
    assert of_tank is not None
    assert of_pump is not None
    assert [step.power_w for step in of_tank.coming] == [510]
    assert not of_pump.coming
    later = block_of(plan(20), FLEET, START + timedelta(minutes=10)).devices[-1]
    assert later is not None
    assert [step.power_w for step in later.coming] == [510, 520]


def told(plan_: Plan | None, minute: float, memory: Memory) -> tuple[Setpoint, Memory]:
    """Return what the heat pump is told, and the memory of it."""
    found = dispatch(
        now=START + timedelta(minutes=minute),
        monotonic_s=60 * minute,
        reading=None,
        limits=LimitsInForce(),
        plan=plan_,
        devices=FLEET.devices,
        states={
            device.device_id: DeviceState(
                device_id=device.device_id, time=START, power_w=0
            )
            for device in FLEET.devices
        },
        settings=DispatchSettings(plan_stale_after=timedelta(minutes=25)),
        memory=memory,
    )
    (order,) = [x for x in found.setpoints if x.device_id == HEAT_PUMP.device_id]
    return order, found.memory


def test_the_plan_is_looked_up_once_in_each_step() -> None:
    given_plan, memory = plan(15), Memory()
    looked_up: list[Block | None] = []
    causes = []
    for half_minute in range(60):
        order, memory = told(given_plan, half_minute / 2, memory)
        causes.append(order.cause)
        if order.cause is Cause.PLAN:
            assert order.power_w == (500 if half_minute < 30 else 510)
        if not looked_up or memory.block is not looked_up[-1]:
            looked_up.append(memory.block)
    # Two steps, and after 25 minutes the plan is stale.
    assert len(looked_up) == 3
    assert causes == [Cause.PLAN] * 51 + [Cause.NO_PLAN] * 9


@pytest.mark.parametrize(
    ("device", "power_w", "set_w"),
    [
        (CAR, 4139, 0),
        (CAR, 4899, 4830),
        (CAR, 20_000, 11_040),
        (CAR, -500, 0),
        (BATTERY, -1239, -1230),
        (BATTERY, -9000, -5000),
        (BATTERY, 4.2, 0),
    ],
)
def test_a_power_is_rounded_to_what_can_be_set(
    device: Device, power_w: float, set_w: int
) -> None:
    assert device.rounded(power_w) == set_w
