"""What it costs to poll fifty Modbus devices at their rates, and the same without ours.

A pymodbus server in another process holds fifty units with the registers of real maps.
Each is read whole, as the integration does every five seconds: asked, decoded, and laid
into fields. The baseline sends the same requests with pymodbus alone. The second case is
the most that can come: every device follows an order, so each is read every second and
what it was told is compared, and each charger is told another current every second.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import cycle
import subprocess
import sys
from time import process_time_ns
from typing import Final

from benchmarks.figures import Aim, Figure, Samples
from cem_core.modbus import Kind, RegisterMap, Table, blocks, load
from cem_core.modbus.quantity import Field, Quantity
from cem_core.transport.modbus import ModbusConnection, TcpLink
from cem_core.transport.modbus_device import ModbusDevice
from cem_core.transport.modbus_meter import read_block
from custom_components.cem.modbus_devices import EVERY_S, SOON_S
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
_AIM: Final = Aim(statistic="median", below=10.0)
_CURRENT: Final = Field(Quantity.CURRENT_LIMIT)
_CURRENTS_A: Final = (Fraction(6), Fraction(7))

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
                for register in known.registers.values()
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


async def _timed(one_round: Round, every_s: float) -> Samples:
    """Return the per cent of a core that a round every ``every_s`` takes.

    In processor time: what it waits for the server is no work of ours.
    """
    percent = []
    await one_round()
    for _ in range(ROUNDS):
        began_ns = process_time_ns()
        await one_round()
        percent.append((process_time_ns() - began_ns) / (every_s * 1e9) * 100)
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

    currents = cycle(_CURRENTS_A)

    async def following() -> None:
        ampere = next(currents)
        for each in devices:
            if each.register_map.kind is Kind.CHARGER:
                await each.write(_CURRENT, ampere, at=datetime.now(UTC))
            await each.read()
            await each.changed()

    async def bare() -> None:
        for unit, block in requests:
            await read_block(unit, block)

    try:
        return [
            Figure(
                benchmark="polling",
                case=f"{DEVICES} Modbus devices every {EVERY_S:g} s",
                unit="% of a core",
                samples=await _timed(ours, EVERY_S),
                baseline="the same requests, nothing decoded",
                base=await _timed(bare, EVERY_S),
                aim=_AIM,
            ),
            Figure(
                benchmark="polling",
                case=f"the same every {SOON_S:g} s, each told another power",
                unit="% of a core",
                samples=await _timed(following, SOON_S),
                baseline="the same reads, nothing decoded",
                base=await _timed(bare, SOON_S),
                aim=_AIM,
            ),
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
