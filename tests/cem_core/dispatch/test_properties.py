"""The laws of dispatch, for any home: one telegram, no memory."""

from dataclasses import dataclass, replace
from datetime import timedelta

from hypothesis import given, settings, strategies as st

from cem_core.dispatch import Dispatched, DispatchSettings, Memory, dispatch
from cem_core.model import (
    HEATING,
    Action,
    Balance,
    Cause,
    Device,
    DeviceKind,
    DevicePlan,
    DeviceState,
    Direction,
    LimitsInForce,
    Plan,
    PlanStatus,
    PlanStep,
    Priority,
    Protection,
    Scope,
)
from tests.cem_core.dispatch.home import START, both, limit, meter

SETTINGS = DispatchSettings()
ACTIONS = {
    DeviceKind.BATTERY: [
        Action.BALANCE,
        Action.CHARGE,
        Action.DISCHARGE,
        Action.HOLD,
        Action.OFF,
    ],
    DeviceKind.EV_CHARGER: [
        Action.CHARGE,
        Action.DISCHARGE,
        Action.OFF,
        Action.BALANCE,
    ],
    DeviceKind.HEAT_PUMP: [Action.RUN, Action.OFF],
    DeviceKind.WATER_HEATER: [Action.RUN, Action.OFF],
    DeviceKind.SOLAR: [Action.RUN, Action.CURTAIL],
    DeviceKind.APPLIANCE: [Action.RUN, Action.HOLD],
}


@dataclass(frozen=True)
class Case:
    devices: tuple[Device, ...]
    states: dict[str, DeviceState]
    plan: Plan | None
    grid_w: int

    def run(self, limits: LimitsInForce) -> Dispatched:
        return dispatch(
            now=START,
            monotonic_s=1000.0,
            reading=meter(self.grid_w),
            limits=limits,
            plan=self.plan,
            devices=self.devices,
            states=self.states,
            settings=SETTINGS,
            memory=Memory(),
        )

    def powers(self, result: Dispatched) -> dict[str, int]:
        """Return what each device draws once it has done what it was told."""
        powers = {}
        for device, setpoint in zip(self.devices, result.setpoints, strict=True):
            power_w = setpoint.power_w
            if power_w is None or not device.interruptible:
                power_w = self.states[device.device_id].power_w
            powers[device.device_id] = power_w or 0
        return powers

    def floor_w(self, device: Device) -> int:
        """Return what a limit leaves it."""
        frost = self.states[device.device_id].protection is Protection.FROST
        return max(device.floor_w, device.frost_floor_w if frost else 0)

    def grid(self, result: Dispatched) -> int:
        powers = self.powers(result)
        change_w = 0
        for device in self.devices:
            now_w = self.states[device.device_id].power_w or 0
            sign = -1 if device.kind is DeviceKind.SOLAR else 1
            change_w += sign * (powers[device.device_id] - now_w)
        return self.grid_w + change_w


@st.composite
def devices(draw: st.DrawFn, place: int) -> Device:
    kind = draw(st.sampled_from(DeviceKind))
    rated_w = draw(st.integers(1000, 12_000))
    stores = kind in {DeviceKind.BATTERY, DeviceKind.EV_CHARGER}
    step_w = draw(st.sampled_from([1, 10, 230, 690]))
    least_w = draw(st.integers(0, rated_w // 2)) if kind is DeviceKind.EV_CHARGER else 0
    floored = kind in HEATING | {DeviceKind.EV_CHARGER}
    return Device(
        device_id=f"device {place}",
        name=f"Device {place}",
        kind=kind,
        rated_power_w=rated_w,
        rated_discharge_w=draw(st.integers(0, 8000)) if stores else 0,
        min_power_w=least_w,
        floor_w=draw(st.integers(0, rated_w // 3)) if floored else 0,
        frost_floor_w=draw(st.integers(0, rated_w)) if kind in HEATING else 0,
        step_w=step_w,
        shed_rank=draw(st.integers(0, 3)),
        interruptible=kind is not DeviceKind.APPLIANCE,
        counts_as_controllable=kind not in {DeviceKind.SOLAR, DeviceKind.APPLIANCE},
    )


@st.composite
def cases(draw: st.DrawFn) -> Case:
    count = draw(st.integers(1, 5))
    fleet = tuple(draw(devices(place)) for place in range(count))
    states, plans = {}, {}
    for device in fleet:
        least_w = -device.rated_discharge_w
        states[device.device_id] = DeviceState(
            device_id=device.device_id,
            time=START,
            power_w=draw(st.integers(least_w, device.rated_power_w)),
            connected=draw(st.sampled_from([None, True, False])),
            state_of_charge=draw(st.sampled_from([None, 0.0, 0.6]))
            if device.kind is DeviceKind.EV_CHARGER
            else None,
            protection=draw(st.sampled_from([None, *Protection]))
            if device.kind in HEATING
            else None,
        )
        action = draw(st.sampled_from(ACTIONS[device.kind]))
        power_w = draw(st.integers(0, device.rated_power_w))
        if action is Action.DISCHARGE:
            power_w = -draw(st.integers(0, device.rated_discharge_w))
        step = PlanStep(
            action=action, power_w=power_w, balance=draw(st.sampled_from(Balance))
        )
        plans[device.device_id] = DevicePlan(steps=(step,))
    plan = Plan(
        created_at=START,
        edges=(START, START + timedelta(minutes=15)),
        status=PlanStatus.OPTIMAL,
        devices=plans,
    )
    return Case(
        devices=fleet,
        states=states,
        plan=draw(
            st.sampled_from(
                [plan, None, replace(plan, created_at=START - timedelta(hours=2))]
            )
        ),
        grid_w=draw(st.integers(-15_000, 30_000)),
    )


def at_floor(case: Case, device: Device, power_w: int) -> bool:
    if device.kind is DeviceKind.BATTERY:
        least_w = -(device.rated_discharge_w // device.step_w) * device.step_w
        return power_w <= least_w
    return power_w <= case.floor_w(device)


def commandable(case: Case) -> list[Device]:
    return [
        device
        for device in case.devices
        if device.kind is not DeviceKind.SOLAR and device.interruptible
    ]


@settings(max_examples=400)
@given(cases(), st.integers(0, 20_000))
def test_import_ends_within_the_limit_or_every_device_is_at_its_floor(
    case: Case, limit_w: int
) -> None:
    result = case.run(limit(limit_w))
    powers = case.powers(result)
    batteries_help = all(
        at_floor(case, d, powers[d.device_id])
        for d in commandable(case)
        if d.kind is not DeviceKind.BATTERY
        or case.plan is None
        or (step := case.plan.step_for(d.device_id, START)) is None
        or step.action is not Action.OFF
    )
    assert case.grid(result) <= limit_w or batteries_help
    if case.grid(result) > limit_w:
        assert result.excess_w


@settings(max_examples=400)
@given(cases(), st.integers(0, 20_000))
def test_the_controllable_sum_ends_within_its_limit_or_at_the_floors(
    case: Case, limit_w: int
) -> None:
    result = case.run(limit(limit_w, scope=Scope.CONTROLLABLE))
    powers = case.powers(result)
    counted = [d for d in case.devices if d.counts_as_controllable]
    total_w = sum(max(0, powers[d.device_id]) for d in counted)
    floors = all(max(0, powers[d.device_id]) <= case.floor_w(d) for d in counted)
    assert total_w <= limit_w or floors
    assert total_w <= limit_w or result.excess_w or total_w <= limit_w + 50


@settings(max_examples=400)
@given(cases(), st.integers(0, 20_000))
def test_export_ends_within_the_limit(case: Case, limit_w: int) -> None:
    result = case.run(limit(limit_w, Direction.EXPORT))
    # Where a battery will take more, the sun goes ahead of it by a little.
    ahead_w = sum(
        round(0.05 * d.rated_power_w)
        for d in case.devices
        if d.kind is DeviceKind.SOLAR
    )
    batteries = any(d.kind is DeviceKind.BATTERY for d in case.devices)
    most_w = limit_w + (ahead_w if batteries else 0)
    assert -case.grid(result) <= most_w or result.excess_w


@settings(max_examples=400)
@given(cases(), st.integers(0, 20_000), st.integers(0, 20_000), st.integers(0, 9000))
def test_setpoints_respect_what_a_device_can_do(
    case: Case, import_w: int, export_w: int, sum_w: int
) -> None:
    result = case.run(
        both(
            limit(import_w),
            limit(export_w, Direction.EXPORT),
            limit(sum_w, scope=Scope.CONTROLLABLE),
        )
    )
    for device, setpoint in zip(case.devices, result.setpoints, strict=True):
        power_w = setpoint.power_w
        assert setpoint.device_id == device.device_id
        if power_w is None or device.kind is DeviceKind.APPLIANCE:
            continue
        assert -device.rated_discharge_w <= power_w <= device.rated_power_w
        special = {0, device.floor_w, device.min_power_w, device.rated_power_w}
        special.add(case.floor_w(device))
        planned = setpoint.cause is Cause.PLAN
        if power_w not in special and not planned:
            assert power_w % device.step_w == 0
            assert power_w < 0 or power_w >= device.min_power_w


@settings(max_examples=200)
@given(cases(), st.integers(0, 20_000))
def test_a_limit_never_makes_a_consumer_draw_more(case: Case, limit_w: int) -> None:
    free, limited = case.run(LimitsInForce()), case.run(limit(limit_w))
    before, after = case.powers(free), case.powers(limited)
    for device in commandable(case):
        assert after[device.device_id] <= before[device.device_id]


@settings(max_examples=200)
@given(cases(), st.integers(0, 20_000))
def test_the_same_telegram_gives_the_same_setpoints(case: Case, limit_w: int) -> None:
    assert case.run(limit(limit_w)) == case.run(limit(limit_w))


@settings(max_examples=200)
@given(cases(), st.integers(0, 20_000))
def test_what_costs_money_alone_never_lowers_a_device_that_has_to_heat(
    case: Case, limit_w: int
) -> None:
    side = (Direction.IMPORT, Scope.CONNECTION)
    peak = replace(limit(limit_w).strictest[side], priority=Priority.MARKET)
    for device, setpoint in zip(
        case.devices, case.run(LimitsInForce({side: peak})).setpoints, strict=True
    ):
        if case.states[device.device_id].protection is not None:
            assert setpoint.power_w in {None, device.rated_power_w}
            assert setpoint.limit_id is None
