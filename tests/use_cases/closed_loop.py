"""The fast loop against the simulated home, bytes in and orders out.

The demo's home with physics sends a telegram a second. Our decoder reads it,
limits and dispatch decide, and the devices get the same orders that they would
get over MQTT, one second late. No clock runs: seconds are as long as they take.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from cem_core.dispatch import Dispatched, DispatchSettings, Memory, dispatch
from cem_core.limits import (
    NearLimit,
    NearLimitDetector,
    PeakGuard,
    arbitrate,
    meter_limits,
)
from cem_core.meter import Decoder
from cem_core.model import (
    Device,
    DeviceKind,
    DeviceState,
    Plan,
    PowerLimit,
    Reading,
    Setpoint,
)
from cem_core.simulation.build import build_home
from cem_core.simulation.config import read_setup
from cem_core.simulation.day_series import read_day_series
from cem_core.simulation.home import Home
from cem_core.simulation.orders import obey
from cem_core.tariff import PeaksSoFar

DEMO: Final = Path(__file__).parents[2] / "examples/demo"
PHASES_V: Final = 3 * 230
BRUSSELS: Final = ZoneInfo("Europe/Brussels")
NOON: Final = datetime(2026, 4, 8, 12, tzinfo=BRUSSELS)
SUNNY_NOON: Final = datetime(2026, 4, 23, 13, 30, tzinfo=BRUSSELS)

DEVICES: Final = (
    Device(
        device_id="charger",
        name="Car charger",
        kind=DeviceKind.EV_CHARGER,
        rated_power_w=16 * PHASES_V,
        min_power_w=6 * PHASES_V,
        step_w=PHASES_V,
        shed_rank=0,
    ),
    Device(
        device_id="battery",
        name="Home battery",
        kind=DeviceKind.BATTERY,
        rated_power_w=5000,
        rated_discharge_w=5000,
        step_w=10,
        shed_rank=1,
    ),
    Device(
        device_id="heat_pump",
        name="Heat pump",
        kind=DeviceKind.HEAT_PUMP,
        rated_power_w=2500,
        step_w=10,
        shed_rank=2,
    ),
    Device(
        device_id="solar",
        name="Roof",
        kind=DeviceKind.SOLAR,
        rated_power_w=6000,
        step_w=10,
        counts_as_controllable=False,
    ),
)


def demo_home(
    start: datetime = NOON, *, solar_kw: float = 6, target_c: float = 21
) -> Home:
    """Return the demo's home with a plugged-in, rather empty car."""
    document = YAML(typ="safe", pure=True).load(DEMO / "home.yaml")
    document["simulate"]["solar"]["rated_kw"] = solar_kw
    document["simulate"]["heat_pump"]["target_c"] = target_c
    setup = read_setup(document)
    return build_home(setup, read_day_series(DEMO / setup.series, BRUSSELS), start)


def without_battery(start: datetime = NOON) -> Home:
    """Return the home with a battery that has nothing left to cover load with."""
    home = demo_home(start)
    assert home.battery is not None
    home.battery.energy_wh = home.battery.parameters.min_energy_wh
    return home


@dataclass
class ClosedLoop:
    """A home, and the CEM's fast loop on its meter and devices."""

    home: Home = field(default_factory=demo_home)
    limits: Sequence[PowerLimit] = ()
    devices: Sequence[Device] = DEVICES
    chance: float = 0.5
    plan: Plan | None = None
    settings: DispatchSettings = field(default_factory=DispatchSettings)
    guard: PeakGuard | None = None
    peaks: PeaksSoFar = field(default_factory=PeaksSoFar)
    grid_w: list[int] = field(default_factory=list)
    controllable_w: list[float] = field(default_factory=list)
    near: list[tuple[int, NearLimit]] = field(default_factory=list)
    seconds: int = 0
    last: Dispatched | None = None
    reading: Reading | None = None
    _decoder: Decoder = field(default_factory=Decoder)
    _detector: NearLimitDetector = field(default_factory=NearLimitDetector)
    _memory: Memory = field(default_factory=Memory)
    _orders: tuple[Setpoint, ...] = ()

    def run(
        self, seconds: int, until: Callable[[ClosedLoop], bool] | None = None
    ) -> ClosedLoop:
        """Let ``seconds`` pass, or fewer when ``until`` says so."""
        for _ in range(seconds):
            self._second()
            if until is not None and until(self):
                break
        return self

    def _second(self) -> None:
        for setpoint in self._orders:
            self._carry_out(setpoint)
        self.home.step()
        self.seconds += 1
        for read in self._decoder.feed(self.home.telegram() or b""):
            if isinstance(read, Reading):
                self.reading = read
        # What is measured is the simulator's own word, not what the CEM believes.
        self.grid_w.append(round(self.home.grid_power_w))
        self.controllable_w.append(self._measured_controllable_w())
        self._decide()

    def _decide(self) -> None:
        limits = [*self.limits, *(meter_limits(self.reading) if self.reading else ())]
        if self.guard is not None and self.reading is not None:
            self.guard.update(self.reading, self.home.now, self.peaks, self.plan)
            limits += [self.guard.limit] if self.guard.limit is not None else []
        in_force = arbitrate(limits, self.home.now)
        self.last = dispatch(
            now=self.home.now,
            monotonic_s=float(self.seconds),
            reading=self.reading,
            limits=in_force,
            plan=self.plan,
            devices=self.devices,
            states={device.device_id: self._state(device) for device in self.devices},
            settings=self.settings,
            memory=self._memory,
            chance=self.chance,
        )
        self._memory = self.last.memory
        self._orders = self.last.setpoints
        changes = self._detector.update(
            in_force, self.last.counted_w, at_s=float(self.seconds)
        )
        self.near += [(self.seconds, change) for change in changes]

    def _measured_controllable_w(self) -> float:
        home = self.home
        assert home.charger is not None
        assert home.battery is not None
        assert home.heat_pump is not None
        return (
            home.charger.power_w
            + max(0.0, home.battery.power_w)
            + home.heat_pump.power_w
        )

    def _state(self, device: Device) -> DeviceState:
        home = self.home
        part = getattr(home, device.device_id)
        return DeviceState(
            device_id=device.device_id,
            time=home.now,
            power_w=round(part.power_w),
            connected=home.charger.car.plugged
            if home.charger and device.kind is DeviceKind.EV_CHARGER
            else None,
        )

    def _rated_w(self, device_id: str) -> int:
        (device,) = (x for x in self.devices if x.device_id == device_id)
        return device.rated_power_w

    def _carry_out(self, setpoint: Setpoint) -> None:
        power_w = setpoint.power_w
        match setpoint.device_id:
            case "charger":
                amperes = 16 if power_w is None else power_w // PHASES_V
                obey(self.home, "charger", "enabled", "ON" if amperes >= 6 else "OFF")
                if amperes >= 6:
                    obey(self.home, "charger", "current", str(amperes))
            case "battery":
                own = power_w is None
                mode = "self_consumption" if own else "external"
                obey(self.home, "battery", "mode", mode)
                if not own:
                    obey(self.home, "battery", "setpoint", str(power_w))
            case "heat_pump":
                limit_w = 2500 if power_w is None else power_w
                obey(self.home, "heat_pump", "power_limit", str(limit_w))
            case "solar":
                obey(
                    self.home,
                    "solar",
                    "limit",
                    str(self._rated_w("solar") if power_w is None else power_w),
                )
