"""A home that answers late: devices that wait, ramp and report behind time."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from cem_core.dispatch import Dispatched, DispatchSettings, Memory, dispatch
from cem_core.model import (
    Device,
    DeviceKind,
    DeviceState,
    Direction,
    LimitsInForce,
    LimitSource,
    Plan,
    PowerLimit,
    Reading,
    Scope,
    Setpoint,
)

START = datetime(2026, 1, 15, 12, tzinfo=UTC)

BATTERY = Device(
    device_id="battery",
    name="Battery",
    kind=DeviceKind.BATTERY,
    rated_power_w=5000,
    rated_discharge_w=5000,
    step_w=10,
    shed_rank=1,
)
CAR = Device(
    device_id="car",
    name="Car",
    kind=DeviceKind.EV_CHARGER,
    rated_power_w=11040,
    min_power_w=4140,
    step_w=690,
    shed_rank=0,
)
HEAT_PUMP = Device(
    device_id="heat_pump",
    name="Heat pump",
    kind=DeviceKind.HEAT_PUMP,
    rated_power_w=2500,
    floor_w=500,
    step_w=10,
    shed_rank=2,
)
SOLAR = Device(
    device_id="roof",
    name="Roof",
    kind=DeviceKind.SOLAR,
    rated_power_w=6000,
    step_w=10,
    counts_as_controllable=False,
)


def limit(
    limit_w: int,
    direction: Direction = Direction.IMPORT,
    scope: Scope = Scope.CONNECTION,
    source: LimitSource = LimitSource.ORDER,
) -> LimitsInForce:
    return LimitsInForce(
        {
            (direction, scope): PowerLimit(
                limit_id=f"{direction}_{scope}",
                source=source,
                issuer="grid operator",
                direction=direction,
                scope=scope,
                limit_w=limit_w,
            )
        }
    )


def both(*several: LimitsInForce) -> LimitsInForce:
    return LimitsInForce({k: v for x in several for k, v in x.strictest.items()})


def meter(power_w: int) -> Reading:
    return Reading(
        format="dsmr",
        import_power_w=max(0, power_w),
        export_power_w=max(0, -power_w),
    )


@dataclass
class Machine:
    """A device that starts ``lag_s`` after an order and ramps from there.

    ``own_w`` is what it does when left to itself, ``available_w`` the most it
    can do (sun, a battery that is full); its report is ``report_s`` old.
    """

    device: Device
    power_w: float = 0
    lag_s: int = 1
    ramp_w_per_s: float = 1e9
    report_s: int = 0
    measured: bool = True
    own_w: float = 0
    available_w: float = 1e9
    obeys: bool = True
    orders: list[int | None] = field(default_factory=list)
    powers: list[float] = field(default_factory=list)

    def step(self, order_w: int | None) -> None:
        if self.obeys:
            self.orders.append(order_w)
        self.powers.append(self.power_w)
        late = len(self.orders) - 1 - self.lag_s
        if late < 0:
            return
        wanted_w = self.orders[late]
        target_w = self.own_w if wanted_w is None else wanted_w
        if self.device.kind in {DeviceKind.SOLAR, DeviceKind.HEAT_PUMP}:
            target_w = min(target_w, self.own_w)
        target_w = min(target_w, self.available_w)
        reach_w = self.ramp_w_per_s
        self.power_w += max(-reach_w, min(reach_w, target_w - self.power_w))

    @property
    def grid_w(self) -> float:
        sign = -1 if self.device.kind is DeviceKind.SOLAR else 1
        return sign * self.power_w

    def report(self) -> int | None:
        if not self.measured:
            return None
        seen = [*self.powers, self.power_w]
        return round(seen[max(0, len(seen) - 1 - self.report_s)])


@dataclass
class Home:
    """Machines behind one meter; a telegram a second."""

    machines: Sequence[Machine]
    settings: DispatchSettings = field(default_factory=DispatchSettings)
    plan: Plan | None = None
    limits: LimitsInForce = field(default_factory=LimitsInForce)
    load: Callable[[int], float] = lambda _: 500.0
    memory: Memory = field(default_factory=Memory)
    states: dict[str, dict[str, object]] = field(default_factory=dict)
    second: int = 0
    grid: list[int] = field(default_factory=list)
    orders: list[tuple[Setpoint, ...]] = field(default_factory=list)
    last: Dispatched | None = None
    silent: bool = False
    every_s: int = 1
    chance: float = 0.5
    reading: Reading | None = None
    announced: Sequence[PowerLimit] = ()

    def state(self, machine: Machine) -> DeviceState:
        state = DeviceState(
            device_id=machine.device.device_id,
            time=START + timedelta(seconds=self.second),
            power_w=machine.report(),
        )
        return replace(state, **self.states.get(machine.device.device_id, {}))  # type: ignore[arg-type]

    def run(self, seconds: int) -> Home:
        for _ in range(seconds):
            self.tick()
        return self

    def measure(self, grid_w: int) -> Reading:
        return meter(grid_w)

    def tick(self) -> None:
        grid_w = self.load(self.second) + sum(m.grid_w for m in self.machines)
        self.grid.append(round(grid_w))
        if not self.silent and self.second % self.every_s == 0:
            self.reading = self.measure(round(grid_w))
        self.last = dispatch(
            now=START + timedelta(seconds=self.second),
            monotonic_s=1000.0 + self.second,
            reading=self.reading,
            limits=self.limits,
            plan=self.plan,
            devices=[m.device for m in self.machines],
            states={m.device.device_id: self.state(m) for m in self.machines},
            settings=self.settings,
            memory=self.memory,
            announced=self.announced,
            chance=self.chance,
        )
        self.memory = self.last.memory
        self.orders.append(self.last.setpoints)
        for machine, setpoint in zip(self.machines, self.last.setpoints, strict=True):
            machine.step(setpoint.power_w)
        self.second += 1

    def ordered(self, device_id: str) -> list[int | None]:
        return [
            setpoint.power_w
            for setpoints in self.orders
            for setpoint in setpoints
            if setpoint.device_id == device_id
        ]

    def changes(self, device_id: str, since: int) -> int:
        ordered = self.ordered(device_id)[since:]
        return sum(a != b for a, b in pairwise(ordered))
