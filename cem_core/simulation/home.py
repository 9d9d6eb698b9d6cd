"""The whole home, one second at a time. Pure: time comes from outside."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from cem_core.simulation.appliance import Appliance
from cem_core.simulation.battery import Battery
from cem_core.simulation.building import Building
from cem_core.simulation.charger import Charger, Whims
from cem_core.simulation.config import SimulationSetup
from cem_core.simulation.day_series import DaySeries
from cem_core.simulation.faults import HOUSE, METER, MOMENTS, Fault, Faults, Order
from cem_core.simulation.heat_pump import HeatPump
from cem_core.simulation.load import Load
from cem_core.simulation.mains import NOMINAL_V, Mains, Phase
from cem_core.simulation.registers import Registers
from cem_core.simulation.solar import Solar
from cem_core.simulation.telegram import Plate, telegram

W_PER_KW: Final = 1000
STEP_S: Final = 1.0
STEP: Final = timedelta(seconds=STEP_S)


@dataclass(slots=True, kw_only=True)
class Home:
    """Everything behind one grid connection point; a device may be absent."""

    setup: SimulationSetup
    series: DaySeries
    now: datetime
    registers: Registers
    plate: Plate
    load: Load
    mains: Mains
    battery: Battery | None = None
    charger: Charger | None = None
    heat_pump: HeatPump | None = None
    building: Building | None = None
    solar: Solar | None = None
    appliance: Appliance | None = None
    faults: Faults = field(default_factory=Faults)
    late: list[tuple[datetime, Callable[[], None]]] = field(default_factory=list)
    outdoor_c: float = 10.0
    phases: tuple[Phase, ...] = tuple(
        Phase(power_w=0.0, voltage_v=NOMINAL_V, current_a=0.0) for _ in range(3)
    )

    @property
    def grid_power_w(self) -> float:
        """Net power at the grid connection point, import positive."""
        return sum(phase.power_w for phase in self.phases)

    @property
    def meter_time(self) -> datetime:
        """What the meter takes for the time, in local time."""
        clock = self.faults.meter_clock(self.now)
        return clock.astimezone(self.setup.time_zone)

    def step(self) -> None:
        """Let one second pass."""
        self.now += STEP
        while self.late and self.late[0][0] <= self.now:
            self.late.pop(0)[1]()
        self.outdoor_c = self.series.between(self.setup.load.outdoor, self.now)
        self.load.step(
            STEP_S, mean_w=W_PER_KW * self.series.at(self.setup.load.load, self.now)
        )
        self._step_solar()
        self._step_heating()
        if self.appliance is not None:
            dark = self.faults.dead("dishwasher", self.now)
            self.appliance.step(STEP_S, stuck=dark or self._stuck("dishwasher"))
        if self.charger is not None:
            self.charger.whims = self._whims()
            self.charger.step(
                STEP_S,
                now=self.now,
                voltages_v=[phase.voltage_v for phase in self.phases],
                stuck=self._stuck("charger"),
            )
        if self.battery is not None:
            self.battery.step(
                STEP_S, grid_power_w=self.grid_power_w, stuck=self._stuck("battery")
            )
        self._cut()
        self.registers.watch_mains(
            self.faults.meter_clock(self.now),
            STEP_S,
            dark=self.faults.dead(HOUSE, self.now),
        )
        self.phases = self.mains.step(STEP_S, self._phase_powers_w())
        self.registers.count(
            self.faults.meter_clock(self.now), STEP_S, self.grid_power_w
        )

    def befall(self, order: Order) -> None:
        """Begin a fault, or let the car come or go."""
        if order.fault not in MOMENTS:
            self.faults.begin(order, self.now)
        elif self.charger is not None:
            car = self.charger.car
            move = car.plug_in if order.fault is Fault.PLUG_IN else car.unplug
            move(self.now)

    def telegram(self) -> bytes | None:
        """Return what the meter sends now, or None when it is silent."""
        silent = self.faults.active(Fault.SILENCE, METER, self.now)
        if silent or self.faults.dead(METER, self.now):
            return None
        sent = telegram(self.plate, self.registers, self.phases, self.meter_time)
        if self.faults.active(Fault.BAD_CRC, METER, self.now):
            crc = int(sent[-6:-2], 16) ^ 0x5A5A
            return sent[:-6] + f"{crc:04X}\r\n".encode("ascii")
        return sent

    def _cut(self) -> None:
        """Take the power from what a power cut holds."""
        for device, cut in (
            ("solar", self.solar),
            ("battery", self.battery),
            ("charger", self.charger),
            ("heat_pump", self.heat_pump),
        ):
            if cut is not None and self.faults.dead(device, self.now):
                cut.cut()

    def _whims(self) -> Whims:
        faults, now = self.faults, self.now
        own_limit = faults.active(Fault.CAR_LIMIT, "charger", now)
        return Whims(
            limit_a=faults.car_limit_a if own_limit else None,
            waits=faults.active(Fault.CAR_TIMER, "charger", now),
            sleeps=faults.active(Fault.CAR_ASLEEP, "charger", now),
        )

    def _stuck(self, device: str) -> bool:
        return self.faults.active(Fault.STUCK, device, self.now)

    def _step_solar(self) -> None:
        if self.solar is None:
            return
        self.solar.step(STEP_S, sky_w=self._sky_w(), stuck=self._stuck("solar"))

    def _step_heating(self) -> None:
        setup = self.setup.heat_pump
        if self.heat_pump is None or self.building is None or setup is None:
            return
        self.heat_pump.step(
            STEP_S, indoor_c=self.building.air_c, stuck=self._stuck("heat_pump")
        )
        # The sun on the windows follows the sun on the roof, curtailed or not.
        gains_w = setup.gains_w + setup.gains_per_solar_w * self._sky_w()
        self.building.step(
            STEP_S,
            heat_w=gains_w + self.heat_pump.heat_w(self.outdoor_c),
            outdoor_c=self.outdoor_c,
        )

    def _sky_w(self) -> float:
        if self.setup.solar is None:
            return 0.0
        sky_kw = self.series.between(self.setup.solar.series, self.now)
        return W_PER_KW * max(0.0, sky_kw)

    def _phase_powers_w(self) -> list[float]:
        """Inverters and charger stand on three phases, the rest on one."""
        if self.faults.dead(HOUSE, self.now):
            return [0.0, 0.0, 0.0]
        shared_w = self.battery.power_w if self.battery else 0.0
        shared_w -= self.solar.power_w if self.solar else 0.0
        phases_w = [load_w + shared_w / 3 for load_w in self.load.phases_w]
        if self.charger:
            for place, phase in enumerate(self.phases):
                phases_w[place] += self.charger.current_a * phase.voltage_v
        if self.heat_pump and not self.faults.dead("heat_pump", self.now):
            phases_w[1] += self.heat_pump.power_w
        phases_w[2] += self.appliance.power_w if self.appliance else 0.0
        return phases_w
