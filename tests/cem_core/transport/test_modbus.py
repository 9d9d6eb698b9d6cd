"""A real client against real pymodbus servers, over TCP and a serial line."""

import asyncio
from collections.abc import Awaitable, Callable

from pymodbus.framer import FramerType
import pytest

from cem_core.modbus import Block, LinkError, NoAnswerError, RefusedError, Table
from cem_core.transport.backoff import Backoff
from cem_core.transport.modbus import ModbusConnection, SerialLink, TcpLink
from cem_core.transport.modbus_meter import read_block
from tests.cem_core.modbus.served import (
    HOST,
    device,
    holding,
    serial_cable,
    serving as serving_modbus,
    serving_serial,
)
from tests.cem_core.transport.conftest import serving

WORDS = {(Table.INPUT, 7): 70, (Table.INPUT, 8): 80, **holding(5, [50, 60])}
ONE = device(WORDS, 1)
TWO = device(holding(5, [51, 61]), 2)

type Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def connection(
    port: int, *, rtu: bool = False, timeout_s: float = 0.3
) -> ModbusConnection:
    link = TcpLink(host=HOST, port=port, rtu=rtu)
    return ModbusConnection(link=link, timeout_s=timeout_s)


@pytest.mark.parametrize("rtu", [False, True])
async def test_both_tables_of_several_units_are_read_over_one_connection(
    rtu: bool,
) -> None:
    framer = FramerType.RTU if rtu else FramerType.SOCKET
    async with serving_modbus(ONE, TWO, framer=framer) as port:
        shared = connection(port, rtu=rtu)
        assert await shared.unit(1).read_input_registers(7, 2) == [70, 80]
        assert await shared.unit(2).read_holding_registers(5, 2) == [51, 61]
        assert (shared.counts.requests, shared.counts.unanswered) == (2, 0)
        assert shared.counts.bytes_received > 0
        await shared.close()


async def test_requests_at_once_are_sent_one_after_the_other() -> None:
    at_work, most = 0, 0

    async def slowly(*_: object) -> None:
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        await asyncio.sleep(0.01)
        at_work -= 1

    async with serving_modbus(device(WORDS, 1, action=slowly), TWO) as port:
        shared = connection(port)
        answers = await asyncio.gather(
            *(shared.unit(1).read_holding_registers(5, 2) for _ in range(5)),
            *(shared.unit(2).read_holding_registers(5, 2) for _ in range(5)),
        )
        await shared.close()
    assert answers == [[50, 60]] * 5 + [[51, 61]] * 5
    assert most == 1


async def test_what_is_written_is_read_back() -> None:
    async with serving_modbus(device(holding(5, [50, 60]))) as port:
        unit = connection(port).unit(1)
        await unit.write_registers(5, [1, 2])
        assert await unit.read_holding_registers(5, 2) == [1, 2]
        await unit.connection.close()


async def test_a_refusal_says_why_and_costs_no_connection() -> None:
    async with serving_modbus(ONE) as port:
        unit = connection(port).unit(1)
        with pytest.raises(RefusedError, match=r"no such register \(2\)") as refused:
            await unit.read_holding_registers(9000, 2)
        assert refused.value.no_such_register
        assert await unit.read_holding_registers(5, 1) == [50]
        assert unit.connection.counts.refused == 1
        await unit.connection.close()


async def test_a_unit_that_is_not_there_does_not_answer() -> None:
    async with serving_modbus(ONE, silent=True) as port:
        shared = connection(port, timeout_s=0.05)
        for _ in range(4):
            with pytest.raises(NoAnswerError, match="no answer from"):
                await shared.unit(9).read_holding_registers(5, 1)
            assert await shared.unit(1).read_holding_registers(5, 1) == [50]
        assert shared.counts.unanswered == 4
        await shared.close()


@pytest.mark.parametrize("rtu", [False, True])
async def test_an_answer_that_comes_late_is_nobody_s(rtu: bool) -> None:
    pauses = [0.2, 0.0, 0.0]

    async def pause(*_: object) -> None:
        await asyncio.sleep(pauses.pop(0))

    framer = FramerType.RTU if rtu else FramerType.SOCKET
    async with serving_modbus(device(WORDS, action=pause), framer=framer) as port:
        unit = connection(port, rtu=rtu, timeout_s=0.1).unit(1)
        with pytest.raises(NoAnswerError):
            await unit.read_holding_registers(5, 1)
        unit.connection.timeout_s = 1.0
        assert await unit.read_holding_registers(6, 1) == [60]
        await unit.connection.close()
        await asyncio.sleep(0.2)  # until the server has ended the first request


async def test_a_cancelled_request_ends_and_leaves_no_answer_behind() -> None:
    async def pause(*_: object) -> None:
        await asyncio.sleep(0.05)

    async with serving_modbus(device(WORDS, action=pause)) as port:
        unit = connection(port, timeout_s=1.0).unit(1)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.02):
                await unit.read_holding_registers(5, 1)
        assert await unit.read_holding_registers(6, 1) == [60]
        await unit.connection.close()


async def garbage(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(256):
        writer.write(bytes(range(64)) + b"\x00\x01\x00\x00\x00\x05\x01\x7f\x00\x00\x00")


async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(256)
    writer.close()


async def short(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while asked := await reader.read(256):
        writer.write(asked[:4] + b"\x00\x05\x01\x03\x02\x00\x07")


@pytest.mark.parametrize(
    ("handler", "error"),
    [(garbage, NoAnswerError), (short, NoAnswerError), (hang_up, LinkError)],
)
async def test_what_is_no_answer_is_no_value(
    handler: Handler, error: type[Exception]
) -> None:
    async with serving(*[handler] * 9) as port:
        shared = connection(port, timeout_s=0.1)
        for _ in range(3):
            with pytest.raises(error):
                await read_block(shared.unit(1), Block(Table.HOLDING, 5, 2))
        await shared.close()


async def test_it_connects_anew_after_the_link_was_lost() -> None:
    async with serving_modbus(ONE) as port:
        unit = connection(port).unit(1)
        assert await unit.read_holding_registers(5, 1) == [50]
    with pytest.raises(LinkError):
        await unit.read_holding_registers(5, 1)


async def test_attempts_are_spaced_as_the_back_off_says() -> None:
    async with serving_modbus(ONE) as port:
        pass
    shared = ModbusConnection(
        link=TcpLink(host=HOST, port=port),
        timeout_s=0.2,
        backoff=Backoff(first_s=60.0, jitter=0.0),
    )
    with pytest.raises(LinkError, match=f"no connection to {HOST}:{port}"):
        await shared.unit(1).read_holding_registers(5, 1)
    async with serving_modbus(ONE) as again:
        shared.link = TcpLink(host=HOST, port=again)
        with pytest.raises(LinkError):
            await shared.unit(1).read_holding_registers(5, 1)


async def test_a_serial_line_carries_several_units() -> None:
    with serial_cable() as (ours, theirs):
        async with serving_serial(theirs, ONE, TWO):
            shared = ModbusConnection(link=SerialLink(device=ours), timeout_s=0.3)
            assert await shared.unit(1).read_holding_registers(5, 2) == [50, 60]
            assert await shared.unit(2).read_holding_registers(5, 2) == [51, 61]
            with pytest.raises(NoAnswerError):
                await shared.unit(3).read_holding_registers(5, 2)
            assert await shared.unit(1).read_input_registers(8, 1) == [80]
            await shared.close()


async def test_a_serial_device_that_is_not_there_is_named() -> None:
    shared = ModbusConnection(link=SerialLink(device="/dev/no-such-line"))
    with pytest.raises(LinkError, match="no connection to /dev/no-such-line"):
        await shared.unit(1).read_holding_registers(5, 1)
