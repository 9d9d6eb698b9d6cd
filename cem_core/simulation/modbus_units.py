"""What the home's devices say and take over Modbus. Pure: words in, words out.

Four units behind one address, as behind a gateway. Powers of SunSpec's inverter model
103 are what a device gives out, so a battery that charges says less than nothing.
Controls: models 123 and 124, whose revert timers end an order that nobody renews.
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import ClassVar, Final, Protocol

from cem_core.modbus import Table
from cem_core.modbus.catalogue import load
from cem_core.modbus.encoding import encode
from cem_core.simulation.faults import METER
from cem_core.simulation.home import Home
from cem_core.simulation.sunspec_image import BASE, SunSpecImage

SDM630, METER_UNIT, INVERTER, BATTERY = 1, 2, 3, 4
NOMINAL_HZ: Final = 50.0
_PERCENT: Final = 100.0
_LIMIT_CHARGE, _LIMIT_DISCHARGE = 1, 2  # bits of StorCtl_Mod
_STATE_OFF, _STATE_MPPT, _STATE_THROTTLED = 1, 4, 5
_AC_SCALES: Final = {"A_SF": -2, "V_SF": -1, "W_SF": 0, "Hz_SF": -2, "WH_SF": 0}
_COMMON: Final = 1


class Unit(Protocol):
    """One Modbus unit: its registers by now, and what is written to it."""

    number: ClassVar[int]
    device: ClassVar[str]
    """Whose faults befall it."""
    table: ClassVar[Table]
    base: ClassVar[int]

    @property
    def words(self) -> list[int]:
        """The registers, from `base` on."""

    def refresh(self, home: Home) -> None:
        """Let the registers say what ``home`` does now."""

    def takes(self, address: int, count: int) -> bool:
        """Tell whether all these words can be written."""

    def write(self, home: Home, address: int, words: Sequence[int]) -> None:
        """Take words that it `takes`, and act on them."""

    def tick(self, home: Home) -> None:
        """Let its timers run; once a simulated second."""


class _ReadOnly:
    """A unit that is read, and nothing else."""

    def takes(self, address: int, count: int) -> bool:  # noqa: ARG002 (a unit's form)
        """Take nothing."""
        return False

    def write(self, home: Home, address: int, words: Sequence[int]) -> None:
        """Take nothing."""

    def tick(self, home: Home) -> None:
        """Have no timers."""


class Sdm630(_ReadOnly):
    """The grid meter as an Eastron SDM630, in input registers."""

    number: ClassVar = SDM630
    device: ClassVar = METER
    table: ClassVar = Table.INPUT
    base: ClassVar = 0

    def __init__(self) -> None:
        """Lay out the registers of the map."""
        self._registers = load("eastron_sdm630").registers
        self._words = [0] * max(each.end for each in self._registers.values())

    @property
    def words(self) -> list[int]:
        """The registers, from 0 on."""
        return self._words

    def refresh(self, home: Home) -> None:
        """Let the registers say what the meter measures."""
        said = {
            "total_active_power": home.grid_power_w,
            "total_reactive_power": 0.0,
            "total_power_factor": 1.0,
            "frequency": NOMINAL_HZ,
            "import_active_energy": sum(home.registers.import_wh.values()) / 1000,
            "export_active_energy": sum(home.registers.export_wh.values()) / 1000,
        }
        for place, phase in enumerate(home.phases, 1):
            said[f"voltage_l{place}"] = phase.voltage_v
            said[f"current_l{place}"] = phase.current_a
            said[f"active_power_l{place}"] = phase.power_w
        for name, value in said.items():
            register = self._registers[name]
            words = encode(Fraction(value), register.encoding, length=register.length)
            self._words[register.address : register.end] = words


class _SunSpec:
    """A unit whose registers SunSpec describes."""

    table: ClassVar = Table.HOLDING
    base: ClassVar = BASE
    controls: ClassVar[int | None] = None
    writable: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self,
        numbers: Sequence[int],
        scales: dict[int, dict[str, int]],
        model: str,
    ) -> None:
        """Lay out the models of a device called ``model``."""
        self.image = SunSpecImage((_COMMON, *numbers), scales)
        self.image.say(_COMMON, Mn="Simulated", Md=model, Vr="1", SN=f"SIM-{model}")

    @property
    def words(self) -> list[int]:
        """The registers, from `BASE` on."""
        return self.image.words

    def takes(self, address: int, count: int) -> bool:
        """Tell whether only writable points are meant."""
        if self.controls is None:
            return False
        free = {self.image.address(self.controls, name) for name in self.writable}
        return all(address + place in free for place in range(count))

    def _write(self, address: int, words: Sequence[int]) -> None:
        self.image.words[address - BASE : address - BASE + len(words)] = words


class SunSpecMeter(_ReadOnly, _SunSpec):
    """The grid meter as SunSpec's model 203 (three phases, wye)."""

    number: ClassVar = METER_UNIT
    device: ClassVar = METER

    def __init__(self) -> None:
        """Lay out its models."""
        scales = {"A_SF": -2, "V_SF": -1, "W_SF": 0, "Hz_SF": -2, "TotWh_SF": 0}
        super().__init__((203,), {203: scales}, "meter")

    takes = _ReadOnly.takes

    def refresh(self, home: Home) -> None:
        """Let the registers say what the meter measures."""
        first, second, third = home.phases
        self.image.say(
            203,
            W=home.grid_power_w,
            WphA=first.power_w,
            WphB=second.power_w,
            WphC=third.power_w,
            A=sum(phase.current_a for phase in home.phases),
            AphA=first.current_a,
            AphB=second.current_a,
            AphC=third.current_a,
            PhVphA=first.voltage_v,
            PhVphB=second.voltage_v,
            PhVphC=third.voltage_v,
            Hz=NOMINAL_HZ,
            TotWhImp=sum(home.registers.import_wh.values()),
            TotWhExp=sum(home.registers.export_wh.values()),
        )


class Inverter(_SunSpec):
    """The solar inverter: models 103, 120 to 123."""

    number: ClassVar = INVERTER
    device: ClassVar = "solar"
    controls: ClassVar = 123
    writable: ClassVar = (
        *("WMaxLimPct", "WMaxLimPct_WinTms", "WMaxLimPct_RvrtTms"),
        *("WMaxLimPct_RmpTms", "WMaxLim_Ena"),
    )

    def __init__(self, rated_w: float) -> None:
        """Lay out its models, without a limit."""
        super().__init__(
            (103, 120, 121, 122, 123),
            {
                103: _AC_SCALES,
                120: {"WRtg_SF": 0},
                121: {"WMax_SF": 0},
                122: {"WAval_SF": 0},
                123: {"WMaxLimPct_SF": -2},
            },
            "inverter",
        )
        self.image.say(120, DERTyp=4, WRtg=rated_w)
        self.image.say(121, WMax=rated_w)
        self.image.say(123, Conn=1, WMaxLimPct=_PERCENT, WMaxLim_Ena=0)
        self.image.say(123, WMaxLimPct_RvrtTms=0)
        self._ends_at_s: float | None = None

    def refresh(self, home: Home) -> None:
        """Let the registers say what the inverter does."""
        solar = home.solar
        if solar is None:
            return
        _say_ac(self.image, home, solar.power_w)
        limited = solar.limit_w < solar.parameters.rated_w
        running = _STATE_THROTTLED if limited else _STATE_MPPT
        self.image.say(103, St=running if solar.power_w > 0 else _STATE_OFF)
        self.image.say(122, PVConn=7, WAval=solar.possible_w)

    def write(self, home: Home, address: int, words: Sequence[int]) -> None:
        """Take a limit, or end one; any order starts the revert timer anew."""
        self._write(address, words)
        if home.solar is None:
            return
        image, rated_w = self.image, home.solar.parameters.rated_w
        on = image.said(123, "WMaxLim_Ena") == 1
        share = image.said(123, "WMaxLimPct") / _PERCENT
        home.solar.limit_w = rated_w * min(1.0, share) if on else rated_w
        revert_s = image.said(123, "WMaxLimPct_RvrtTms")
        self._ends_at_s = home.now.timestamp() + revert_s if on and revert_s else None

    def tick(self, home: Home) -> None:
        """End a limit whose time is over."""
        if self._ends_at_s is not None and home.now.timestamp() >= self._ends_at_s:
            self.write(home, self.image.address(123, "WMaxLim_Ena"), [0])


class StorageUnit(_SunSpec):
    """The battery: models 103, 124 and 802."""

    number: ClassVar = BATTERY
    device: ClassVar = "battery"
    controls: ClassVar = 124
    writable: ClassVar = (
        *("StorCtl_Mod", "OutWRte", "InWRte", "InOutWRte_WinTms"),
        *("InOutWRte_RvrtTms", "InOutWRte_RmpTms"),
    )

    def __init__(self, home: Home) -> None:
        """Lay out its models, without a limit."""
        super().__init__(
            (103, 124, 802),
            {
                103: _AC_SCALES,
                124: {"WChaMax_SF": 0, "ChaState_SF": -1, "InOutWRte_SF": -2},
                802: {"WHRtg_SF": 1, "WChaDisChaMax_SF": 0, "SoC_SF": -1, "W_SF": 0},
            },
            "battery",
        )
        self._ends_at_s: float | None = None
        if home.battery is None:
            return
        p = home.battery.parameters
        self.image.say(124, WChaMax=p.charge_limit_w, StorCtl_Mod=0)
        self.image.say(124, InOutWRte_RvrtTms=0)
        self.image.say(
            802,
            WHRtg=p.capacity_wh,
            WChaRteMax=p.charge_limit_w,
            WDisChaRteMax=p.discharge_limit_w,
        )

    def refresh(self, home: Home) -> None:
        """Let the registers say what the battery does."""
        battery = home.battery
        if battery is None:
            return
        level = _PERCENT * battery.state_of_charge
        _say_ac(self.image, home, -battery.power_w)
        self.image.say(124, ChaState=level)
        self.image.say(802, SoC=level, W=-battery.power_w, State=3, LocRemCtl=0)

    def write(self, home: Home, address: int, words: Sequence[int]) -> None:
        """Take bounds, or end them; any order starts the revert timer anew."""
        self._write(address, words)
        battery, image = home.battery, self.image
        if battery is None:
            return
        p, mode = battery.parameters, int(image.said(124, "StorCtl_Mod"))
        most_w = p.charge_limit_w / _PERCENT
        low_w, high_w = -p.discharge_limit_w, p.charge_limit_w
        if mode & _LIMIT_CHARGE:
            high_w = most_w * image.said(124, "InWRte")
        if mode & _LIMIT_DISCHARGE:
            low_w = -most_w * image.said(124, "OutWRte")
        battery.bounds_w = (low_w, high_w) if mode else None
        revert_s = image.said(124, "InOutWRte_RvrtTms")
        self._ends_at_s = home.now.timestamp() + revert_s if mode and revert_s else None

    def tick(self, home: Home) -> None:
        """End bounds whose time is over."""
        if self._ends_at_s is not None and home.now.timestamp() >= self._ends_at_s:
            self.write(home, self.image.address(124, "StorCtl_Mod"), [0])


def _say_ac(image: SunSpecImage, home: Home, power_w: float) -> None:
    """Say what a device on three phases gives out, in model 103."""
    volts = [phase.voltage_v for phase in home.phases]
    mean_v = sum(volts) / len(volts)
    current_a = abs(power_w) / (3 * mean_v) if mean_v else 0.0
    image.say(
        103,
        W=power_w,
        A=3 * current_a,
        AphA=current_a,
        AphB=current_a,
        AphC=current_a,
        PhVphA=volts[0],
        PhVphB=volts[1],
        PhVphC=volts[2],
        Hz=NOMINAL_HZ,
    )


def units_of(home: Home) -> tuple[Unit, ...]:
    """Return the units of the devices that ``home`` has.

    Reads the models' files: from an event loop, call in a thread.
    """
    units: list[Unit] = [Sdm630(), SunSpecMeter()]
    if home.solar is not None:
        units.append(Inverter(home.solar.parameters.rated_w))
    if home.battery is not None:
        units.append(StorageUnit(home))
    return tuple(units)
