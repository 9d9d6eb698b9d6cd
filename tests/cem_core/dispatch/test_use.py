"""What a heat pump with a tank is told to heat."""

from datetime import UTC, datetime, timedelta

from hypothesis import given, strategies as st
import pytest

from cem_core.dispatch import DispatchSettings, Memory, dispatch
from cem_core.model import (
    Action,
    Cause,
    Device,
    DeviceKind,
    DevicePlan,
    DeviceState,
    HeatUse,
    LimitsInForce,
    Plan,
    PlanStatus,
    PlanStep,
    Protection,
    Setpoint,
)

NOW = datetime(2026, 1, 15, 12, tzinfo=UTC)
STEP = timedelta(minutes=5)
MOST_W = 2400
ROOM, WATER = HeatUse.ROOM, HeatUse.WATER
NEITHER = HeatUse(0)


def device(*, heats_water: bool = True) -> Device:
    return Device(
        device_id="pump",
        name="Pump",
        kind=DeviceKind.HEAT_PUMP,
        rated_power_w=MOST_W,
        heats_water=heats_water,
    )


def plan(*steps: tuple[int, int | None]) -> Plan:
    """Return a plan of steps: power for the rooms, and for water."""
    return Plan(
        created_at=NOW,
        edges=tuple(NOW + n * STEP for n in range(len(steps) + 1)),
        status=PlanStatus.OPTIMAL,
        devices={
            "pump": DevicePlan(
                steps=tuple(
                    PlanStep(
                        action=Action.RUN if room + (water or 0) else Action.OFF,
                        power_w=room + (water or 0),
                        hot_water_w=water,
                    )
                    for room, water in steps
                )
            )
        },
    )


def told(
    steps: Plan | None,
    after: int = 1,
    *,
    pump: Device | None = None,
    protection: Protection | None = None,
) -> list[Setpoint]:
    """Return what is ordered at the beginning of each step."""
    memory, found = Memory(), list[Setpoint]()
    for n in range(after):
        result = dispatch(
            now=NOW + n * STEP,
            monotonic_s=n * STEP.total_seconds(),
            reading=None,
            limits=LimitsInForce(),
            plan=steps,
            devices=[pump or device()],
            states={
                "pump": DeviceState(
                    device_id="pump", time=NOW + n * STEP, protection=protection
                )
            },
            settings=DispatchSettings(),
            memory=memory,
        )
        memory = result.memory
        found.extend(result.setpoints)
    return found


@pytest.mark.parametrize(
    ("room_w", "water_w", "use"),
    [
        (0, 2400, WATER),
        (2400, 0, ROOM),
        (1200, 1200, ROOM | WATER),
        (2300, 100, ROOM),
        (100, 2300, WATER),
        (0, 300, NEITHER),  # what its own thermostat asks for
        (300, 0, ROOM),
        (0, 0, NEITHER),
        (2400, None, None),
    ],
)
def test_a_step_is_for_what_takes_a_third_of_it(
    room_w: int, water_w: int | None, use: HeatUse | None
) -> None:
    (order,) = told(plan((room_w, water_w)))
    assert order.use == use


def test_one_whose_tank_nobody_sets_is_told_nothing_of_it() -> None:
    (order,) = told(plan((0, 2400)), pump=device(heats_water=False))
    assert order.use is None


def test_turns_at_one_price_are_one_run() -> None:
    turns = [(0, 2400), (2400, 0), (0, 2400), (2400, 0), (2400, 0), (2400, 0)]
    late = [(2400, 0)] * 6 + [(0, 2400)]
    uses = [order.use for order in told(plan(*turns, *late), after=6)]
    assert uses == [WATER, WATER | ROOM, WATER | ROOM, ROOM, ROOM, ROOM]
    assert told(plan((0, 0), *turns))[0].use == NEITHER


def test_a_rest_is_a_rest() -> None:
    orders = told(plan((0, 2400), (0, 0), (0, 2400)), after=3)
    assert [order.power_w for order in orders] == [2400, 0, 2400]
    assert [order.use for order in orders] == [WATER, NEITHER, WATER]


def test_what_keeps_water_sound_heats_water_and_frost_is_its_own() -> None:
    (cycle,) = told(plan((2400, 0)), protection=Protection.HOT_CYCLE)
    assert (cycle.power_w, cycle.use, cycle.cause) == (MOST_W, WATER, Cause.HOT_CYCLE)
    (frost,) = told(plan((0, 2400)), protection=Protection.FROST)
    assert (frost.power_w, frost.use) == (None, None)
    (alone,) = told(None)
    assert (alone.power_w, alone.use) == (None, None)


@given(
    st.lists(
        st.tuples(st.integers(0, 1200), st.integers(0, 1200)), min_size=1, max_size=6
    )
)
def test_nothing_is_heated_that_is_not_planned_within_half_an_hour(
    steps: list[tuple[int, int]],
) -> None:
    third_w = MOST_W / 3
    for n, order in enumerate(told(plan(*steps), after=len(steps))):
        assert order.use is not None
        window = steps[n : n + 6]
        if WATER in order.use:
            assert any(water >= third_w for _, water in window)
        if all(water < third_w for _, water in steps[n : n + 1]) and n == 0:
            assert WATER not in order.use
