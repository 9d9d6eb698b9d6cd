"""An inverter with a battery that ends limits by itself, on a real server."""

from fractions import Fraction

from pymodbus.constants import ExcCodes
import pytest

from cem_core.modbus import RefusedError, Table
from cem_core.modbus.sunspec import Model, NoSunSpecError, points
from cem_core.modbus.sunspec_control import ControlError
from cem_core.transport.modbus import ModbusConnection, TcpLink
from cem_core.transport.modbus_device import NotKeptError
from cem_core.transport.sunspec_device import SunSpecDevice
from tests.cem_core.modbus.served import HOST, Words, device, holding, serving

LENGTHS = {1: 66, 103: 50, 121: 30, 123: 24, 124: 24}


def models(lengths: dict[int, int]) -> dict[int, Model]:
    """Return where the models of such a device are."""
    found, address = {}, 40_002
    for number, length in lengths.items():
        found[number] = Model(number, address, length)
        address = found[number].end
    return found


def inverter(said: dict[str, int], lengths: dict[int, int] = LENGTHS) -> Words:
    """Return a device whose points say 0, but for ``said``."""
    held = holding(40_000, [0x5375, 0x6E53])
    placed = models(lengths)
    for model in placed.values():
        header = [model.number, model.length, *[0] * model.length]
        held |= holding(model.address, header)
        for name, register in points(model).items():
            if name in said:
                held |= holding(register.address, [said[name] & 0xFFFF])
    return held | holding(max(m.end for m in placed.values()), [0xFFFF, 0])


SAID = {"WMax": 8000, "WMaxLimPct_SF": -2, "WChaMax": 5000, "InOutWRte_SF": -2}


class Clock:
    """A clock that is set."""

    now_s = 1000.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now_s


def told(port: int, clock: Clock) -> SunSpecDevice:
    link = ModbusConnection(link=TcpLink(host=HOST, port=port), timeout_s=0.5)
    return SunSpecDevice(unit=link.unit(1), revert_s=60, clock=clock)


def at(number: int, name: str) -> int:
    return points(models(LENGTHS)[number])[name].address


async def word(one: SunSpecDevice, number: int, name: str) -> int:
    [found] = await one.unit.read_holding_registers(at(number, name), 1)
    return found


async def test_a_limit_stands_for_as_long_as_it_is_renewed() -> None:
    clock = Clock()
    async with serving(device(inverter(SAID), all_else=None)) as port:
        one = told(port, clock)
        assert [model.number for model in await one.find()] == list(LENGTHS)
        await one.limit_output(Fraction(2000))
        assert await word(one, 123, "WMaxLimPct") == 2500
        assert await word(one, 123, "WMaxLimPct_RvrtTms") == 60
        assert await word(one, 123, "WMaxLim_Ena") == 1
        # As the device does when its timer has run out:
        await one.unit.write_registers(at(123, "WMaxLim_Ena"), [0])
        clock.now_s += 29
        assert await one.renew() == 0
        clock.now_s += 1
        assert await one.renew() == 1
        assert await word(one, 123, "WMaxLim_Ena") == 1
        await one.limit_output(None)
        assert await word(one, 123, "WMaxLim_Ena") == 0
        clock.now_s += 100
        assert await one.renew() == 0


async def test_a_battery_is_limited_and_let_go() -> None:
    async with serving(device(inverter(SAID), all_else=None)) as port:
        one = told(port, Clock())
        await one.find()
        await one.limit_storage(charge_w=None, discharge_w=Fraction(0))
        assert await word(one, 124, "StorCtl_Mod") == 2
        assert await word(one, 124, "OutWRte") == 0
        assert await word(one, 124, "InOutWRte_RvrtTms") == 60
        await one.limit_storage(charge_w=None, discharge_w=None)
        assert await word(one, 124, "StorCtl_Mod") == 0
        assert await one.renew() == 0


async def test_an_order_that_was_not_taken_is_due_at_once() -> None:
    refuses = True

    async def stubborn(function: int, *rest: object) -> None:
        written = rest[4]
        if refuses and function == 16 and isinstance(written, list):
            written[:] = [0] * len(written)

    clock = Clock()
    held = device(inverter(SAID), action=stubborn)
    async with serving(held) as port:
        one = told(port, clock)
        await one.find()
        with pytest.raises(NotKeptError, match="WMaxLimPct does not hold"):
            await one.limit_output(Fraction(2000))
        refuses = False
        assert await one.renew() == 1
        assert await word(one, 123, "WMaxLim_Ena") == 1
        assert await one.renew() == 0


@pytest.mark.parametrize("known", [{16}, {6}, set()])
async def test_one_word_is_written_by_the_function_that_the_device_knows(
    known: set[int],
) -> None:
    async def choosy(function: int, *rest: object) -> ExcCodes | None:
        written = rest[4] is not None and function in {6, 16}
        return ExcCodes.ILLEGAL_FUNCTION if written and function not in known else None

    async with serving(device(inverter(SAID), action=choosy)) as port:
        one = told(port, Clock())
        await one.find()
        if not known:
            with pytest.raises(RefusedError):
                await one.limit_output(Fraction(2000))
            return
        await one.limit_output(Fraction(2000))
        assert await word(one, 123, "WMaxLimPct") == 2500
        assert await word(one, 123, "WMaxLim_Ena") == 1
        storage = one.limit_storage(charge_w=Fraction(0), discharge_w=Fraction(0))
        if 16 in known:
            await storage
        else:  # two opposite orders go out at once or not at all
            with pytest.raises(RefusedError):
                await storage


async def test_what_a_device_has_not_is_said() -> None:
    without = {1: 66, 103: 50}
    async with serving(device(inverter({"W": 300}, without))) as port:
        one = told(port, Clock())
        await one.find()
        assert (await one.read((101, 102, 103)))["W"] == 300
        with pytest.raises(NoSunSpecError, match="123, 704 is here, only 1, 103"):
            await one.limit_output(Fraction(0))
        with pytest.raises(NoSunSpecError, match="124"):
            await one.limit_storage(charge_w=None, discharge_w=None)
    async with serving(device(inverter({}, {1: 66, 123: 24}))) as port:
        one = told(port, Clock())
        await one.find()
        with pytest.raises(ControlError, match="no highest power"):
            await one.limit_output(Fraction(0))


def test_the_words_are_where_the_models_are() -> None:
    assert inverter({})[Table.HOLDING, models(LENGTHS)[124].address] == 124


async def test_what_another_master_sets_is_told_once_but_not_what_the_timer_ends() -> (
    None
):
    clock = Clock()
    async with serving(device(inverter(SAID), all_else=None)) as port:
        one = told(port, clock)
        await one.find()
        await one.limit_output(Fraction(2000))
        assert await one.changed() == ()
        share = at(123, "WMaxLimPct")
        await one.unit.write_registers(share, [9000])
        assert await one.changed() == (f"WMaxLimPct ({share})",)
        assert await one.changed() == ()
        await one.limit_output(Fraction(2000))
        await one.unit.write_registers(at(123, "WMaxLim_Ena"), [0])
        clock.now_s += 60
        assert await one.changed() == ()
        await one.limit_output(None)
        await one.unit.write_registers(share, [100])
        assert await one.changed() == ()
