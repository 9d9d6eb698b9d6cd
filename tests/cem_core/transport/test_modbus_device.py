"""A device is read, told and checked, against a real server with its real map."""

from datetime import UTC, datetime, timedelta
from fractions import Fraction

from pymodbus.constants import ExcCodes
import pytest

from cem_core.modbus import Kind, load, names
from cem_core.modbus.order import OrderError
from cem_core.modbus.quantity import Field
from cem_core.modbus.write_budget import BudgetError, WriteBudget
from cem_core.transport.modbus import ModbusConnection, TcpLink
from cem_core.transport.modbus_device import ModbusDevice, NotKeptError
from tests.cem_core.modbus.served import HOST, Words, device, serving, words_of

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)
CURRENT = Field.parse("current_limit_a")
WATCHDOG = Field.parse("watchdog_s")
PHASES = Field.parse("phases")
THREE_PHASES = Field.parse("three_phases")


def told(name: str, port: int, a_day: int = 50) -> ModbusDevice:
    link = ModbusConnection(link=TcpLink(host=HOST, port=port), timeout_s=0.5)
    return ModbusDevice(
        unit=link.unit(1), register_map=load(name), budget=WriteBudget(a_day)
    )


def everything(name: str) -> Words:
    """Return a device whose every register, and nothing else, is there."""
    known = load(name)
    return {
        (register.table, address): 0
        for register in known.registers.values()
        for address in range(register.address, register.end)
    }


@pytest.mark.parametrize(
    "name", [name for name in names() if load(name).kind is not Kind.METER]
)
async def test_each_device_is_read_and_takes_what_its_map_allows(name: str) -> None:
    async with serving(device(everything(name), all_else=None)) as port:
        one = told(name, port)
        said = await one.read()
        assert all(
            field in said
            for r in one.register_map.readable()
            for field in r.fields
            if r.encoding != "text"
        )
        for register in one.register_map.registers.values():
            for field in register.fields if register.write else ():
                most = register.write.most if register.write else 0
                value = most * field.per(register.unit)
                value *= -1 if register.export_positive else 1
                assert await one.write(field, value, at=NOON)


async def test_a_volatile_register_is_written_as_often_as_need_be() -> None:
    async with serving(device(everything("heidelberg_energy_control"))) as port:
        box = told("heidelberg_energy_control", port, a_day=1)
        for ampere in (6, 7, 8, 8):
            assert await box.write(CURRENT, Fraction(ampere), at=NOON)
        assert (await box.read())[CURRENT] == 8
        assert set(box.left(NOON)) == {"watchdog", "failsafe_current"}


async def test_a_stored_register_is_spared() -> None:
    async with serving(device(everything("heidelberg_energy_control"))) as port:
        box = told("heidelberg_energy_control", port, a_day=2)
        assert not await box.write(WATCHDOG, Fraction(0), at=NOON)
        assert await box.write(WATCHDOG, Fraction(15), at=NOON)
        assert not await box.write(WATCHDOG, Fraction(15), at=NOON)
        assert await box.write(WATCHDOG, Fraction(16), at=NOON)
        assert box.left(NOON)["watchdog"] == 0
        with pytest.raises(BudgetError):
            await box.write(WATCHDOG, Fraction(17), at=NOON)
        assert (await box.read())[WATCHDOG] == 16
        assert await box.write(WATCHDOG, Fraction(18), at=NOON, safety=True)
        assert await box.write(WATCHDOG, Fraction(19), at=NOON + timedelta(days=1))


async def test_what_is_followed_late_is_told_once_until_it_had_its_time() -> None:
    async with serving(device(everything("keba_p30"))) as port:
        box = told("keba_p30", port, a_day=3)
        settles_s = box.register_map.registers["set_three_phases"].write.settles_s  # type: ignore[union-attr]
        later = NOON + timedelta(seconds=settles_s - 1)
        assert await box.write(THREE_PHASES, Fraction(1), at=NOON)
        assert not await box.write(THREE_PHASES, Fraction(1), at=later)
        box.forget()  # lost and back: what it was told, it was told
        assert not await box.write(THREE_PHASES, Fraction(1), at=later)
        assert await box.write(THREE_PHASES, Fraction(0), at=later)  # another order
        again = later + timedelta(seconds=settles_s)
        assert await box.write(THREE_PHASES, Fraction(0), at=again)
        assert box.left(again)["set_three_phases"] == 0
        with pytest.raises(BudgetError):
            await box.write(THREE_PHASES, Fraction(1), at=again)
        assert await box.write(THREE_PHASES, Fraction(1), at=again, safety=True)


async def test_a_clock_set_back_keeps_no_order_from_being_repeated() -> None:
    async with serving(device(everything("keba_p30"))) as port:
        box = told("keba_p30", port)
        assert await box.write(THREE_PHASES, Fraction(1), at=NOON)
        earlier = NOON - timedelta(hours=1)
        assert await box.write(THREE_PHASES, Fraction(1), at=earlier)


async def test_a_register_that_lags_is_not_disbelieved() -> None:
    """Alfen's firmware 6.4 says three phases whatever it uses (evcc, issue 9487)."""

    async def lagging(function: int, *rest: object) -> ExcCodes | None:
        written = rest[4]
        if function in (6, 16) and isinstance(written, list):
            written[:] = [3] * len(written)
        return None

    known = load("alfen_ng9xx")
    held = words_of(known, {"phases": Fraction(3)})
    async with serving(device(held, action=lagging)) as port:
        box = told("alfen_ng9xx", port)
        assert await box.write(PHASES, Fraction(1), at=NOON)
        assert not await box.write(PHASES, Fraction(1), at=NOON)
        assert await box.changed() == ()
        later = NOON + timedelta(seconds=60)
        assert await box.write(PHASES, Fraction(1), at=later)
        assert box.left(later)["phases"] == 48


async def test_what_another_master_writes_is_told_once() -> None:
    async with serving(device(everything("heidelberg_energy_control"))) as port:
        box = told("heidelberg_energy_control", port)
        await box.write(CURRENT, Fraction(8), at=NOON)
        assert await box.changed() == ()
        await box.unit.write_registers(261, [60])
        assert await box.changed() == ("current_limit (261)",)
        assert await box.changed() == ()
        await box.write(CURRENT, Fraction(8), at=NOON)
        await box.unit.write_registers(261, [60])
        box.forget()
        assert await box.changed() == ()


async def test_what_is_not_allowed_is_not_sent() -> None:
    async with serving(device(everything("heidelberg_energy_control"))) as port:
        box = told("heidelberg_energy_control", port)
        with pytest.raises(OrderError):
            await box.write(CURRENT, Fraction(32), at=NOON)
        assert box.unit.connection.counts.requests == 0  # type: ignore[attr-defined]


async def test_a_device_that_keeps_something_else_is_not_believed() -> None:
    async def stubborn(function: int, *rest: object) -> ExcCodes | None:
        written = rest[4]
        if function in (6, 16) and isinstance(written, list):
            written[:] = [60] * len(written)
        return None

    held = words_of(load("heidelberg_energy_control"), {"current_limit": Fraction(6)})
    async with serving(device(held, action=stubborn)) as port:
        box = told("heidelberg_energy_control", port)
        with pytest.raises(NotKeptError, match="0064 was written, it holds 003C"):
            await box.write(CURRENT, Fraction(10), at=NOON)
