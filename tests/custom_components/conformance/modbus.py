"""Devices on Modbus TCP: three with the registers of their maker, and a SunSpec one."""

from fractions import Fraction
import json
from typing import Any, ClassVar, Final

from cem_core.modbus import load
from cem_core.transport.modbus import ModbusConnection, TcpLink
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from tests.cem_core.modbus.served import Words, words_of
from tests.cem_core.transport.test_sunspec_device import SAID, at, inverter
from tests.custom_components.conformance.peer import (
    CHARGER_W,
    HOST,
    PHASES_W,
    Process,
    without_entities,
)


class Modbus(Process):
    """A device that is a server; the home reads it and writes to it."""

    module = "tests.custom_components.conformance.modbus_server"
    kind: Kind
    known: ClassVar[str]
    more: ClassVar[dict[str, Any]] = {}
    own: ClassVar[dict[str, int]] = {}
    other: tuple[int, int]  # a register and what another master writes to it

    def arguments(self) -> tuple[str, ...]:
        """Return where it listens."""
        return (str(self._port),)

    def words(self) -> Words:
        """Return its registers, as they are when it is switched on."""
        known = load(self.known)
        zero = {
            (register.table, address): 0
            for register in known.registers.values()
            for address in range(register.address, register.end)
        }
        return zero | words_of(known, {k: Fraction(v) for k, v in self.own.items()})

    def shown(self, power_w: int) -> Words:
        """Return the registers of what it draws."""
        return words_of(load(self.known), {self.measures: Fraction(power_w)})

    measures = "power"

    async def prepare(self) -> dict[str, Any]:
        """Return how it is filled in."""
        return without_entities(
            self.kind,
            modbus_map=self.known,
            modbus_host=HOST,
            modbus_port=self._port,
            **self.more,
        )

    async def come(self, home: Home | None = None) -> None:
        """Start; it has forgotten everything."""
        await super().come(home)
        words = [[table, at, word] for (table, at), word in self.words().items()]
        await self.does(json.dumps(words))

    def forget(self) -> None:
        """Hold its own words."""
        self._held = {at: word for (_, at), word in self.words().items()}

    def heard(self, said: dict[str, Any]) -> None:
        """Take what is written."""
        begin = said["address"]
        self._held |= {begin + i: word for i, word in enumerate(said["words"])}
        self.orders += 1

    async def refuse(self, *, on: bool) -> None:
        """Answer writes with an exception."""
        await self.does("refuse" if on else "agree")

    async def measure(self, power_w: int) -> None:
        """Have its registers say what is drawn."""
        for (table, address), word in self.shown(power_w).items():
            await self.does(f"set {table} {address} {word}")

    async def rubbish(self) -> None:
        """Answer with bytes that are no Modbus."""
        await self.does("rubbish")

    async def meddle(self) -> None:
        """Write to it as another master does."""
        other = ModbusConnection(link=TcpLink(host=HOST, port=self._port), timeout_s=5)
        unit = int(self.more.get("modbus_unit", 1))
        address, word = self.other
        await other.unit(unit).write_registers(address, [word])
        await other.close()

    def word(self, address: int) -> int:
        """Return what a register holds."""
        return self._held[address]


class ByCurrent(Modbus):
    """A wallbox that is given a current, in 0.1 A, in one register."""

    kind = Kind.EV_CHARGER
    known = "heidelberg_energy_control"
    powers_w: tuple[int, ...] = CHARGER_W
    step_w = PHASES_W / 10
    own: ClassVar = {"current_limit": 16}
    other = (261, 60)

    @property
    def told_w(self) -> float | None:
        """The power that the current lets through; at the most it is left alone."""
        tenths = self.word(261)
        return None if tenths == 160 else tenths * PHASES_W / 10


class ByBounds(Modbus):
    """A battery that is bounded from both sides, in registers that it stores."""

    kind = Kind.BATTERY
    known = "huawei_sun2000_luna"
    measures = "battery_power"
    own: ClassVar = {"charge_power_limit": 5000, "discharge_power_limit": 5000}
    powers_w: tuple[int, ...] = (5000, 1200, 0, -1200, -5000)
    step_w = 1.0
    more: ClassVar = {"writes_a_day": 10_000}
    other = (47076, 777)

    @property
    def told_w(self) -> float | None:
        """The power between both bounds; the widest leave it alone."""
        charge_w, discharge_w = self.word(47076), self.word(47078)
        return None if charge_w == discharge_w == 5000 else charge_w - discharge_w


class ByContacts(Modbus):
    """A heat pump with the contacts of SG Ready: 2.5 kW, 1 kW by itself, locked."""

    kind = Kind.HEAT_PUMP
    known = "stiebel_eltron_isg"
    powers_w: tuple[int, ...] = (1000, 2500, 0)  # left to itself it is as at 1000 W
    step_w = 1.0
    cannot: frozenset[str] = frozenset(
        {"it_is_read", "rubbish_is_no_value_and_stops_no_order"}
    )
    more: ClassVar = {"writes_a_day": 10_000}
    other = (4001, 0)

    @property
    def told_w(self) -> float | None:
        """The power that goes with the contacts, None for the normal state."""
        return {(0, 1): 0.0, (1, 0): 2500.0}.get((self.word(4001), self.word(4002)))


_SHARE: Final = at(123, "WMaxLimPct")
_ENABLED: Final = at(123, "WMaxLim_Ena")


class SunSpec(Modbus):
    """An inverter of 8 kW that is limited by model 123."""

    kind = Kind.SOLAR
    known = "sunspec"
    powers_w: tuple[int, ...] = (8000, 4000, 800, 0)
    step_w = 1.0
    more: ClassVar = {"peak_power": 8}
    other = (_SHARE, 1234)

    def words(self) -> Words:
        """Return its models."""
        return inverter(SAID)

    def shown(self, power_w: int) -> Words:
        """Return model 103 with what it produces."""
        return {
            key: word
            for key, word in inverter(SAID | {"W": power_w}).items()
            if key[1] == at(103, "W")
        }

    @property
    def told_w(self) -> float | None:
        """Its share of 8 kW while that is in force."""
        return self.word(_SHARE) * 0.8 if self.word(_ENABLED) else None
