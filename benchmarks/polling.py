"""What it costs to poll fifty Modbus devices at their rates, and the same without ours.

A pymodbus server in another process holds fifty units with the registers of real maps.
Each is read whole, as the integration does every five seconds: asked, decoded, and laid
into fields. The baseline sends the same requests with pymodbus alone.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
import subprocess
import sys
from time import process_time_ns
from typing import Final

from benchmarks.figures import Aim, Figure, Samples
from cem_core.modbus import RegisterMap, Table, blocks, load
from cem_core.transport.modbus import ModbusConnection, TcpLink
from cem_core.transport.modbus_device import ModbusDevice
from cem_core.transport.modbus_meter import read_block
from custom_components.cem.modbus_devices import EVERY_S
from tests.cem_core.modbus.served import HOST, device, serving

DEVICES: Final = 50
ROUNDS: Final = 40
MAPS: Final = (
    "heidelberg_energy_control",
    "keba_p30",
    "huawei_sun2000_luna",
    "stiebel_eltron_isg",
    "eastron_sdm630",
)
_AIM_PERCENT: Final = 10.0

type Round = Callable[[], Awaitable[object]]


def kinds() -> Sequence[RegisterMap]:
    """Return the map of each device, in turn."""
    known = [load(name) for name in MAPS]
    return [known[place % len(known)] for place in range(DEVICES)]


async def serve() -> None:
    """Hold the fifty units; say the port; end with stdin."""
    units = [
        device(
            {
                (register.table, register.address + word): 1
                for register in known.readable()
                for word in range(register.length)
                if register.table in {Table.HOLDING, Table.INPUT}
            },
            unit_id,
        )
        for unit_id, known in enumerate(kinds(), 1)
    ]
    async with serving(*units) as port:
        sys.stdout.write(f"{port}\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.read)


async def _timed(one_round: Round) -> Samples:
    """Return the per cent of a core that a round every few seconds takes.

    In processor time: what it waits for the server is no work of ours.
    """
    percent = []
    await one_round()
    for _ in range(ROUNDS):
        began_ns = process_time_ns()
        await one_round()
        percent.append((process_time_ns() - began_ns) / (EVERY_S * 1e9) * 100)
    return Samples(wall=percent)


async def _measured(port: int) -> list[Figure]:
    maps = kinds()
    connection = ModbusConnection(link=TcpLink(host=HOST, port=port), timeout_s=5.0)
    devices = [
        ModbusDevice(unit=connection.unit(unit_id), register_map=known)
        for unit_id, known in enumerate(maps, 1)
    ]
    requests = [
        (connection.unit(unit_id), block)
        for unit_id, known in enumerate(maps, 1)
        for block in blocks(
            known.readable(), most_words=known.most_words, gap=known.gap
        )
    ]

    async def ours() -> None:
        for each in devices:
            await each.read()

    async def bare() -> None:
        for unit, block in requests:
            await read_block(unit, block)

    try:
        return [
            Figure(
                benchmark="polling",
                case=f"{DEVICES} Modbus devices every {EVERY_S:g} s",
                unit="% of a core",
                samples=await _timed(ours),
                baseline="the same requests, nothing decoded",
                base=await _timed(bare),
                aim=Aim(statistic="median", below=_AIM_PERCENT),
            )
        ]
    finally:
        await connection.close()


def figures() -> list[Figure]:
    """Measure against a server of its own."""
    command = [sys.executable, "-m", "benchmarks.polling"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        if server.stdin is None or server.stdout is None:
            raise RuntimeError("the server has no pipes")
        try:
            return asyncio.run(_measured(int(server.stdout.readline())))
        finally:
            server.stdin.close()


if __name__ == "__main__":
    asyncio.run(serve())
