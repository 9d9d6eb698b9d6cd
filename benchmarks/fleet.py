"""Devices, a plan, limits and telegrams for the benchmarks of the fast loop."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
import random

from cem_core.dispatch import DispatchSettings, Memory, dispatch
from cem_core.limits import arbitrate
from cem_core.model import (
    Action,
    Balance,
    Cause,
    Device,
    DeviceKind,
    DevicePlan,
    DeviceState,
    Direction,
    LimitSource,
    Plan,
    PlanStatus,
    PlanStep,
    PowerLimit,
    Reading,
    Scope,
    Setpoint,
)

FREE_W = 200_000  # more than all of it draws
LIMITED_W = 9_000
START = datetime(2026, 1, 15, 12, tzinfo=UTC)
KINDS = tuple(DeviceKind)
RATED_W = {
    DeviceKind.SOLAR: 6000,
    DeviceKind.BATTERY: 5000,
    DeviceKind.EV_CHARGER: 11040,
    DeviceKind.HEAT_PUMP: 2500,
    DeviceKind.WATER_HEATER: 2000,
    DeviceKind.APPLIANCE: 2000,
}
STEP = {
    DeviceKind.SOLAR: PlanStep(action=Action.RUN, power_w=3000),
    DeviceKind.BATTERY: PlanStep(
        action=Action.BALANCE, power_w=0, balance=Balance.BOTH
    ),
    DeviceKind.EV_CHARGER: PlanStep(action=Action.CHARGE, power_w=11040),
    DeviceKind.HEAT_PUMP: PlanStep(action=Action.RUN, power_w=1500),
    DeviceKind.WATER_HEATER: PlanStep(action=Action.RUN, power_w=2000),
    DeviceKind.APPLIANCE: PlanStep(action=Action.RUN, power_w=2000),
}


def fleet(count: int) -> tuple[Device, ...]:
    """Return ``count`` devices of all kinds in turn."""
    return tuple(
        Device(
            device_id=f"{kind}_{place}",
            name=f"{kind} {place}",
            kind=kind,
            rated_power_w=RATED_W[kind],
            rated_discharge_w=5000 if kind is DeviceKind.BATTERY else 0,
            min_power_w=4140 if kind is DeviceKind.EV_CHARGER else 0,
            step_w=10,
            shed_rank=place,
            interruptible=kind is not DeviceKind.APPLIANCE,
        )
        for place in range(count)
        for kind in (KINDS[place % len(KINDS)],)
    )


def plan_for(devices: tuple[Device, ...]) -> Plan:
    """Return two days of plan for ``devices``."""
    return Plan(
        created_at=START,
        edges=tuple(START + n * timedelta(minutes=15) for n in range(193)),
        status=PlanStatus.OPTIMAL,
        devices={
            device.device_id: DevicePlan(steps=(STEP[device.kind],) * 192)
            for device in devices
        },
    )


def limits(import_w: int) -> tuple[PowerLimit, ...]:
    """Return a limit for each direction and scope."""
    return tuple(
        PowerLimit(
            limit_id=f"{direction}_{scope}",
            source=LimitSource.ORDER,
            issuer="benchmark",
            direction=direction,
            scope=scope,
            limit_w=import_w if direction is Direction.IMPORT else 5000,
        )
        for direction in Direction
        for scope in Scope
    )


class Play:
    """The same telegrams for the dispatch and for the baseline."""

    def __init__(self, count: int, import_w: int) -> None:
        """Set up ``count`` devices under limits of ``import_w``."""
        self.devices = fleet(count)
        self.plan = plan_for(self.devices)
        self.limits = limits(import_w)
        self.settings = DispatchSettings()
        self.memory = Memory()
        self.setpoints: Mapping[str, Setpoint] = {}
        self.random = random.Random(1)  # noqa: S311
        self.second = 0
        self.states = {
            d.device_id: DeviceState(device_id=d.device_id, time=START, power_w=0)
            for d in self.devices
        }

    def telegram(self) -> Reading:
        """Let the devices do what they were told; return the next telegram."""
        self.second += 1
        for device_id, setpoint in self.setpoints.items():
            power_w = setpoint.power_w
            self.states[device_id] = replace(
                self.states[device_id],
                power_w=1200 if power_w is None else power_w,
                setpoint_w=power_w,
            )
        power_w = 20_000 + self.random.randint(-3000, 3000)
        return Reading(format="dsmr", import_power_w=power_w, export_power_w=0)

    def dispatch(self, reading: Reading) -> None:
        """Do one dispatch, arbitration included."""
        self.memory = self.decide(reading)
        self.setpoints = self.memory.setpoints

    def decide(self, reading: Reading) -> Memory:
        """Return what one dispatch comes to; asked again it is the same."""
        now = START + timedelta(seconds=self.second)
        return dispatch(
            now=now,
            monotonic_s=float(self.second),
            reading=reading,
            limits=arbitrate(self.limits, now),
            plan=self.plan,
            devices=self.devices,
            states=self.states,
            settings=self.settings,
            memory=self.memory,
        ).memory

    def baseline(self, reading: Reading) -> None:
        """Share the power of the connection out evenly."""
        grid_w = reading.power_w or 0
        total_w = sum(self.states[d.device_id].power_w or 0 for d in self.devices)
        share_w = (grid_w - total_w) // len(self.devices)
        for device in self.devices:
            Setpoint(
                device_id=device.device_id,
                action=Action.RUN,
                power_w=max(0, min(share_w, device.rated_power_w)),
                cause=Cause.PLAN,
            )
