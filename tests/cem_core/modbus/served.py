"""A pymodbus server that holds what a device of a register map would hold."""

import asyncio
from collections.abc import (
    AsyncGenerator,
    Awaitable,
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import asynccontextmanager, contextmanager
from fractions import Fraction
import os
import tty
from typing import Final

from pymodbus.constants import ExcCodes
from pymodbus.framer import FramerType
from pymodbus.server import ModbusSerialServer, ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from cem_core.modbus import RegisterMap, Table
from cem_core.modbus.encoding import encode

HOST: Final = "127.0.0.1"

type Words = dict[tuple[Table, int], int]
type Action = Callable[..., Awaitable[ExcCodes | None]]


def words_of(known: RegisterMap, said: Mapping[str, Fraction | str]) -> Words:
    """Return the words of a device that says ``said``, each in its register's unit."""
    found: Words = {}
    for name, value in said.items():
        register = known.registers[name]
        raw = value if isinstance(value, str) else value / register.scale
        words = encode(
            raw,
            register.encoding,
            length=register.length,
            low_word_first=register.low_word_first,
        )
        found |= {
            (register.table, register.address + index): word
            for index, word in enumerate(words)
        }
    return found


def device(
    words: Words,
    unit_id: int = 1,
    *,
    all_else: int | None = 0,
    action: Action | None = None,
) -> SimDevice:
    """Return a device with ``words``; ``all_else`` None: it has no other registers."""
    return SimDevice(
        id=unit_id,
        simdata=(
            [SimData(0, values=[False], datatype=DataType.BITS)],
            [SimData(0, values=[False], datatype=DataType.BITS)],
            _data(words, Table.HOLDING, all_else),
            _data(words, Table.INPUT, all_else),
        ),
        action=action,
    )


def _data(words: Words, table: Table, all_else: int | None) -> list[SimData]:
    held = {address: word for (where, address), word in words.items() if where is table}
    if all_else is not None:
        begin, end = max(0, min(held, default=0) - 200), max(held, default=0) + 200
        held = {at: held.get(at, all_else) for at in range(begin, end)}
    runs: list[tuple[int, list[int]]] = []
    for address in sorted(held):
        if runs and address == runs[-1][0] + len(runs[-1][1]):
            runs[-1][1].append(held[address])
        else:
            runs.append((address, [held[address]]))
    return [
        SimData(start, values=list(run), datatype=DataType.UINT16)
        for start, run in runs
    ] or [SimData(0, values=0, datatype=DataType.INVALID)]


@asynccontextmanager
async def serving(
    *devices: SimDevice,
    framer: FramerType = FramerType.SOCKET,
    silent: bool = False,
    port: int = 0,
) -> AsyncGenerator[int]:
    """Serve ``devices`` on a free port, or ``port``; ``silent``: refusals are not sent."""
    server = ModbusTcpServer(
        list(devices),
        address=(HOST, port),
        framer=framer,
        trace_packet=_without_refusals(7) if silent else None,
    )
    await server.serve_forever(background=True)
    try:
        listening: object = server.transport  # a server, though its type says not
        assert isinstance(listening, asyncio.Server)
        yield listening.sockets[0].getsockname()[1]
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus's


def _without_refusals(place: int) -> Callable[[bool, bytes], bytes]:
    """Drop answers whose function, at ``place``, says that it is an exception.

    pymodbus's server answers for units that it does not have; real lines do not.
    """

    def passed(sending: bool, data: bytes) -> bytes:
        return b"" if sending and data[place] & 0x80 else data

    return passed


def fractions(said: Mapping[str, float | str]) -> dict[str, Fraction | str]:
    """Return decimal numbers exactly as they are written."""
    return {
        name: value if isinstance(value, str) else Fraction(str(value))
        for name, value in said.items()
    }


def holding(address: int, words: Sequence[int]) -> Words:
    """Return words of the table of holding registers."""
    return {(Table.HOLDING, address + index): word for index, word in enumerate(words)}


@contextmanager
def serial_cable() -> Iterator[tuple[str, str]]:
    """Give two serial devices that are joined; needs a running event loop."""
    ends = [os.openpty() for _ in range(2)]
    loop = asyncio.get_running_loop()
    for master, slave in ends:
        tty.setraw(slave)
        os.set_blocking(master, False)
    (first, first_slave), (second, second_slave) = ends
    loop.add_reader(first, lambda: os.write(second, os.read(first, 4096)))
    loop.add_reader(second, lambda: os.write(first, os.read(second, 4096)))
    try:
        yield os.ttyname(first_slave), os.ttyname(second_slave)
    finally:
        for master, slave in ends:
            loop.remove_reader(master)
            os.close(master)
            os.close(slave)


@asynccontextmanager
async def serving_serial(port: str, *devices: SimDevice) -> AsyncGenerator[None]:
    """Serve ``devices`` as Modbus RTU on a serial device; refusals are not sent."""
    server = ModbusSerialServer(
        list(devices),
        framer=FramerType.RTU,
        port=port,
        trace_packet=_without_refusals(1),
    )
    await server.serve_forever(background=True)
    try:
        yield
    finally:
        await server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus's
