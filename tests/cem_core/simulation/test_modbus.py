"""The home's devices over Modbus, through the CEM's own readers and drivers."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from fractions import Fraction

import pytest

from cem_core.modbus import ModbusError, load
from cem_core.modbus.quantity import Field
from cem_core.modbus.sunspec_meter import meter_map
from cem_core.simulation.faults import Fault, Order
from cem_core.simulation.home import Home
from cem_core.simulation.modbus_server import ModbusServer
from cem_core.transport.modbus import ModbusConnection, TcpLink
from cem_core.transport.modbus_device import ModbusDevice
from cem_core.transport.sunspec_device import SunSpecDevice

HOST = "127.0.0.1"

pytestmark = pytest.mark.usefixtures("loopback")


class Served:
    """A home on Modbus whose time the test moves."""

    def __init__(self, home: Home, server: ModbusServer, port: int) -> None:
        """Reach ``server`` at ``port``."""
        self.home, self._server = home, server
        self.link = ModbusConnection(link=TcpLink(host=HOST, port=port), timeout_s=0.3)

    def run(self, seconds: int) -> list[float]:
        """Let time pass; return the battery's power of each second, in W."""
        powers = []
        for _ in range(seconds):
            self.home.step()
            self._server.tick()
            powers.append(self.home.battery.power_w if self.home.battery else 0.0)
        return powers

    def now_s(self) -> float:
        """Return the simulated time."""
        return self.home.now.timestamp()

    async def sunspec(self, unit: int, revert_s: int = 60) -> SunSpecDevice:
        """Return a SunSpec unit whose models are known."""
        found = SunSpecDevice(
            unit=self.link.unit(unit),
            revert_s=revert_s,
            clock=self.now_s,
        )
        await found.find()
        return found


async def number(device: SunSpecDevice, model: int, name: str) -> float:
    return float((await device.read((model,)))[name])


@asynccontextmanager
async def served(home: Home) -> AsyncGenerator[Served]:
    server = ModbusServer(home)
    port = await server.start(HOST, 0)
    try:
        yield Served(home, server, port)
    finally:
        await server.stop()


async def test_both_meters_say_what_the_meter_measures(home: Home) -> None:
    async with served(home) as it:
        it.run(30)
        meter = await it.sunspec(2)
        for known, unit in ((load("eastron_sdm630"), 1), (meter_map(meter.models), 2)):
            said = await ModbusDevice(
                unit=it.link.unit(unit), register_map=known
            ).read()
            power = said[Field.parse("power_w")]
            assert float(power) == pytest.approx(home.grid_power_w, abs=0.51)
            energy = said[Field.parse("import_energy_wh")]
            counted_wh = sum(home.registers.import_wh.values())
            assert float(energy) == pytest.approx(counted_wh, abs=2)


async def test_a_limit_of_the_inverter_ends_when_nobody_renews_it(home: Home) -> None:
    async with served(home) as it:
        inverter = await it.sunspec(3)
        it.run(30)
        free_w = home.solar.power_w if home.solar else 0.0
        assert free_w > 600
        await inverter.limit_output(Fraction(300))
        it.run(59)
        assert await number(inverter, 103, "W") == 300
        assert await inverter.renew() == 1
        it.run(59)
        assert await number(inverter, 103, "W") == 300
        it.run(20)
        assert await number(inverter, 123, "WMaxLim_Ena") == 0
        assert await number(inverter, 103, "W") > 600


@pytest.mark.parametrize("ordered_w", [3000, -2000, 0])
async def test_the_battery_keeps_a_power_for_an_hour_and_then_its_own(
    home: Home, ordered_w: int
) -> None:
    async with served(home) as it:
        battery = await it.sunspec(4)
        order = Fraction(ordered_w)
        await battery.limit_storage(charge_w=order, discharge_w=-order)
        energy_wh = 0.0
        for _ in range(120):
            energy_wh += sum(it.run(30)) / 3600
            await battery.renew()
        # It may be full, or at its floor, within the hour: 5 of 10 kWh are in it.
        assert energy_wh == pytest.approx(ordered_w, rel=0.05, abs=1)
        it.run(61)
        assert await number(battery, 124, "StorCtl_Mod") == 0
        assert home.battery is not None
        assert home.battery.bounds_w is None


async def test_faults_befall_the_unit_alone(home: Home) -> None:
    async with served(home) as it:
        inverter, battery = await it.sunspec(3), await it.sunspec(4)
        home.befall(Order(fault=Fault.REFUSE, device="solar", seconds=30))
        with pytest.raises(ModbusError):
            await inverter.limit_output(Fraction(300))
        await battery.limit_storage(charge_w=None, discharge_w=Fraction(0))
        home.befall(Order(fault=Fault.SILENCE, device="battery", seconds=30))
        with pytest.raises(ModbusError):
            await battery.read((802,))
        home.befall(Order(fault=Fault.DISCONNECT, device="solar", seconds=30))
        with pytest.raises(ModbusError):
            await inverter.read((103,))
        it.run(31)
        assert await number(inverter, 103, "W") > 0
        assert await number(battery, 802, "SoC") > 0


async def test_only_controls_can_be_written(home: Home) -> None:
    async with served(home) as it:
        for unit, address in ((3, 40_072), (4, 40_072), (2, 40_072)):
            with pytest.raises(ModbusError):
                await it.link.unit(unit).write_registers(address, [1])
