"""A device of a register map on a pymodbus server, in a process of its own.

`python -m tests.custom_components.conformance.modbus_server PORT`. The first line that
it reads is its registers, `[[table, address, word], …]`; those after it make it do
something (`set TABLE ADDRESS WORD …`, `refuse`, `agree`, `rubbish`). What is written to
it, it prints: one JSON object a line.
"""

import asyncio
import json
import sys
from typing import Final

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import SimDevice

from cem_core.modbus import Table
from tests.cem_core.modbus.served import HOST, device

_WRITES: Final = (6, 16)
_TABLES: Final = {Table.HOLDING: 3, Table.INPUT: 4}
# A whole frame, so that the next one is seen, but of nobody's question.
_STRAY: Final = bytes((0xFF, 0xFF, 0, 0, 0, 3, 1, 0x63, 0))


class Served:
    """What one server does."""

    def __init__(self) -> None:
        """Take whatever is written."""
        self.refuses = False
        self.babbles = 0  # so many answers more
        self.shown: dict[int, dict[int, int]] = {3: {}, 4: {}}

    async def act(  # noqa: PLR0917 - pymodbus's
        self,
        function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        """Tell what is written; put in what it measures."""
        if function in _WRITES and written is not None:
            tell = {"event": "write", "address": address, "words": list(written)}
            if self.refuses:
                return ExcCodes.DEVICE_FAILURE
            sys.stdout.write(json.dumps(tell) + "\n")
            sys.stdout.flush()
        for where, word in self.shown.get(function, {}).items():
            if address <= where < address + count:
                registers[where - start] = word
        return None

    def send(self, sending: bool, data: bytes) -> bytes:
        """Send what it is, or what is no Modbus at all."""
        if not sending or not self.babbles:
            return data
        self.babbles -= 1
        return _STRAY

    def obey(self, line: str) -> None:
        """Do what is read."""
        match line.split():
            case ["set", table, *numbers]:
                address, *words = map(int, numbers)
                shown = self.shown[_TABLES[Table(table)]]
                shown |= {address + index: word for index, word in enumerate(words)}
            case ["refuse" | "agree" as verb]:
                self.refuses = verb == "refuse"
            case ["rubbish"]:
                self.babbles = 2


async def main(port: str) -> None:
    """Serve until the input ends."""
    reader = asyncio.StreamReader()
    protocol = asyncio.StreamReaderProtocol(reader)
    await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, sys.stdin)
    held = json.loads(await reader.readline())
    words = {(Table(table), address): word for table, address, word in held}
    served = Served()
    known: SimDevice = device(words, all_else=None, action=served.act)
    server = ModbusTcpServer(
        [known], address=(HOST, int(port)), trace_packet=served.send
    )
    await server.serve_forever(background=True)
    while line := (await reader.readline()).decode().strip():
        served.obey(line)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
