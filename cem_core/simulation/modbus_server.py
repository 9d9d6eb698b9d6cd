"""Serves the home's meter, inverter and battery over Modbus TCP."""

import asyncio
from functools import partial
from typing import Final

from pymodbus.constants import ExcCodes
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

from cem_core.modbus import Table
from cem_core.simulation.faults import LATE, Fault
from cem_core.simulation.home import Home
from cem_core.simulation.modbus_units import Unit, units_of

_UNIT_PLACE: Final = 6  # of the unit's number in a Modbus TCP message


class ModbusPortError(OSError):
    """The Modbus port cannot be opened."""


class ModbusServer:
    """Each device a unit; its faults befall the unit."""

    def __init__(self, home: Home) -> None:
        """Prepare to serve ``home``."""
        self._home = home
        self._units: dict[int, Unit] = {}
        self._server: ModbusTcpServer | None = None

    async def start(self, host: str, port: int) -> int:
        """Listen, and return the port, or raise `ModbusPortError`."""
        units = await asyncio.to_thread(units_of, self._home)
        self._units = {unit.number: unit for unit in units}
        server = ModbusTcpServer(
            [self._device(unit) for unit in units],
            address=(host, port),
            trace_packet=self._passed,
        )
        try:
            await server.serve_forever(background=True)
        except OSError as error:
            reason = error.strerror or str(error)
            raise ModbusPortError(
                f"Modbus cannot listen on {host}:{port}: {reason}"
            ) from error
        self._server = server
        listening: object = server.transport  # a server, though its type says not
        if not isinstance(listening, asyncio.Server):
            raise ModbusPortError(f"Modbus cannot listen on {host}:{port}")
        return int(listening.sockets[0].getsockname()[1])

    def tick(self) -> None:
        """Let the units' timers run; once a simulated second."""
        for unit in self._units.values():
            unit.tick(self._home)

    async def stop(self) -> None:
        """Close the port and every connection."""
        if self._server is not None:
            await self._server.shutdown()  # type: ignore[no-untyped-call]  # pymodbus's

    def _device(self, unit: Unit) -> SimDevice:
        nothing = [SimData(0, values=0, datatype=DataType.INVALID)]
        bits = [SimData(0, values=[False], datatype=DataType.BITS)]
        words = [SimData(unit.base, values=list(unit.words), datatype=DataType.UINT16)]
        holding = unit.table is Table.HOLDING
        return SimDevice(
            id=unit.number,
            simdata=(
                bits,
                bits,
                words if holding else nothing,
                nothing if holding else words,
            ),
            action=partial(self._asked, unit),
        )

    async def _asked(  # noqa: PLR0917 (pymodbus's form)
        self,
        unit: Unit,
        _function: int,
        start: int,
        address: int,
        count: int,
        registers: list[int],
        written: list[int] | list[bool] | None,
    ) -> ExcCodes | None:
        home = self._home
        if home.faults.absent(unit.device, home.now):
            return ExcCodes.GATEWAY_NO_RESPONSE
        if written is None:
            unit.refresh(home)
            at = address - unit.base
            registers[address - start : address - start + count] = unit.words[
                at : at + count
            ]
            return None
        if home.faults.active(Fault.REFUSE, unit.device, home.now):
            return ExcCodes.DEVICE_BUSY
        if not unit.takes(address, count):
            return ExcCodes.ILLEGAL_ADDRESS
        words = [int(word) for word in written]
        if home.faults.active(Fault.LATE, unit.device, home.now):
            late = partial(unit.write, home, address, words)
            home.late.append((home.now + LATE, late))
        else:
            unit.write(home, address, words)
        return None

    def _passed(self, sending: bool, data: bytes) -> bytes:
        """Drop the answers of a unit that is silent."""
        unit = self._units.get(data[_UNIT_PLACE]) if len(data) > _UNIT_PLACE else None
        if sending and unit is not None:
            silent = self._home.faults.active(
                Fault.SILENCE, unit.device, self._home.now
            )
            return b"" if silent else data
        return data
