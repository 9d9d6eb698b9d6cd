"""One device on a Modbus connection, as this package sees it.

Home Assistant's shared unit has the same methods, but its own errors; whoever
implements this raises those of `cem_core.modbus.error` and nothing else.
"""

from typing import Protocol


class ModbusUnit(Protocol):
    """Reads and writes 16-bit registers; addresses are those on the wire, from 0."""

    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        """Return ``count`` words (function 3)."""

    async def read_input_registers(self, address: int, count: int) -> list[int]:
        """Return ``count`` words (function 4)."""

    async def write_registers(self, address: int, values: list[int]) -> None:
        """Write words that belong together (function 16)."""

    async def write_register(self, address: int, value: int) -> None:
        """Write one word (function 6)."""
