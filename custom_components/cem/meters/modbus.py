"""A Modbus meter, read through Home Assistant's own shared connections."""

import asyncio
from collections.abc import Coroutine, Mapping
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import Any, Final

from homeassistant.components.modbus import async_get_unit
from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import modbus_connection
from modbus_connection import ModbusSerialParams, ModbusTcpParams

from cem_core.modbus import (
    LinkError,
    MapError,
    ModbusUnit,
    NoAnswerError,
    RefusedError,
    RegisterMap,
    load,
)
from cem_core.modbus.sunspec_meter import preload_meters
from cem_core.transport import ConnectionChange, ConnectionState, OnChange
from cem_core.transport.modbus_meter import ModbusMeter
from custom_components.cem.meters.meter import MeterListener

MODBUS: Final = ("modbus_tcp", "modbus_serial")
SUNSPEC: Final = "sunspec"
SILENT_AFTER_S: Final = 10.0
ANSWER_WITHIN_S: Final = 3.0
"""How long one answer may take, from when it is asked for: a request that is never
answered holds up all those behind it, an operator's limit too."""

_NO_ANSWERS: Final = 3
"""Requests in a row without a usable answer after which the link is made anew: bytes
that begin like a long frame would swallow every answer that follows."""

_PASSED_THROUGH_BAUD: Final = 115_200  # as Home Assistant names such a link itself


@dataclass(slots=True)
class SharedUnit:
    """Home Assistant's unit with the errors of `cem_core.modbus`."""

    unit: modbus_connection.ModbusUnit
    _unanswered: int = field(default=0, init=False)

    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        """Return ``count`` words (function 3)."""
        return await self._answered(self.unit.read_holding_registers(address, count))

    async def read_input_registers(self, address: int, count: int) -> list[int]:
        """Return ``count`` words (function 4)."""
        return await self._answered(self.unit.read_input_registers(address, count))

    async def write_registers(self, address: int, values: list[int]) -> None:
        """Write words that belong together (function 16)."""
        await self._answered(self.unit.write_registers(address, values))

    async def write_register(self, address: int, value: int) -> None:
        """Write one word (function 6)."""
        await self._answered(self.unit.write_register(address, value))

    async def _answered[T](self, request: Coroutine[Any, Any, T]) -> T:
        """Return the answer; a request that is under way ends even if nobody waits.

        Cancelled, it would leave its failure to the loop's handler of forgotten errors.
        """
        under_way = asyncio.ensure_future(self._asked(request))
        under_way.add_done_callback(_note)
        await asyncio.wait((under_way,))
        return under_way.result()

    async def _asked[T](self, request: Coroutine[Any, Any, T]) -> T:
        try:
            answer = await request
        except modbus_connection.ModbusExceptionError as error:
            self._unanswered = 0
            code = error.exception_code
            raise RefusedError(0 if code is None else int(code)) from error
        except modbus_connection.ModbusConnectionError as error:
            self._unanswered = 0
            raise LinkError(str(error) or "no connection") from error
        except modbus_connection.ModbusError as error:
            await self._missed()
            raise NoAnswerError(str(error) or "no answer in time") from error
        self._unanswered = 0
        return answer

    async def _missed(self) -> None:
        self._unanswered += 1
        if self._unanswered >= _NO_ANSWERS:
            self._unanswered = 0
            with suppress(modbus_connection.ModbusConnectionError):
                await self.unit.disconnect()


def shared_unit(
    hass: HomeAssistant,
    entry: ConfigEntry,
    params: ModbusTcpParams | ModbusSerialParams,
    unit_id: int,
) -> SharedUnit:
    """Return a unit until ``entry`` is unloaded; raises HomeAssistantError.

    Another user of the link may ask for longer answers than we do, and gets them.
    """
    unit = async_get_unit(hass, entry, params, unit_id)
    if hasattr(unit, "require_timeout"):  # 2026.9 waits for 10 s whatever is wanted
        unit.require_timeout(ANSWER_WITHIN_S)
        entry.async_on_unload(lambda: unit.require_timeout(None))
    return SharedUnit(unit)


def _note(done: asyncio.Future[Any]) -> None:
    """Take note of a failure, whether or not somebody still waits for the answer."""
    if not done.cancelled():
        done.exception()


def link(answers: Mapping[str, Any]) -> ModbusTcpParams | ModbusSerialParams:
    """Return how Home Assistant reaches the device that the user described."""
    if "device" in answers:
        return ModbusSerialParams(
            device=answers["device"],
            baudrate=int(answers["baud_rate"]),
            parity=answers["parity"][0].upper(),
        )
    host, port = answers["host"], int(answers["port"])
    if answers["framing"] == "tcp":
        return ModbusTcpParams(host=host, port=port)
    bracketed = f"[{host}]" if ":" in host else host
    return ModbusSerialParams(
        device=f"socket://{bracketed}:{port}", baudrate=_PASSED_THROUGH_BAUD
    )


def _register_map(name: str) -> RegisterMap | None:
    """Return the map, None for one that the device itself tells. Reads files."""
    if name == SUNSPEC:
        preload_meters()
        return None
    return load(name)


def _ignore(_: ConnectionChange) -> None:
    """Tell nobody."""


async def polled(
    hass: HomeAssistant,
    unit: ModbusUnit,
    answers: Mapping[str, Any],
    on_change: OnChange = _ignore,
) -> ModbusMeter:
    """Return the meter behind ``unit``; nothing is read yet."""
    return ModbusMeter(
        unit=unit,
        register_map=await hass.async_add_executor_job(
            _register_map, answers["register_map"]
        ),
        period_s=float(answers["poll_period"]),
        export_positive=answers["power_sign"] == "export_positive",
        on_change=on_change,
    )


class ModbusRegisters:
    """Polls a meter's registers for as long as the entry is loaded."""

    source = "Modbus"

    def __init__(
        self, hass: HomeAssistant, entry: ConfigEntry, data: Mapping[str, Any]
    ) -> None:
        """Read as the user described; nothing happens before `start`."""
        self._hass = hass
        self._entry = entry
        self._data = data
        self._task: asyncio.Task[None] | None = None

    @property
    def silent_after_s(self) -> float:
        """Three polls, if that is longer than for a meter that speaks by itself."""
        return max(SILENT_AFTER_S, 3 * float(self._data["poll_period"]))

    def start(self, listener: MeterListener) -> None:
        """Poll, in the background, and go on after every failure."""
        try:
            unit = shared_unit(
                self._hass, self._entry, link(self._data), int(self._data["unit_id"])
            )
        except HomeAssistantError as error:
            listener.connected(False, str(error))
            return
        self._task = self._entry.async_create_background_task(
            self._hass, self._follow(unit, listener), "cem meter"
        )

    async def stop(self) -> None:
        """Poll no more; the connection is given up when the entry is unloaded."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
            self._task = None

    async def _follow(self, unit: SharedUnit, listener: MeterListener) -> None:
        def changed(change: ConnectionChange) -> None:
            listener.connected(change.state is ConnectionState.CONNECTED, change.cause)

        try:
            meter = await polled(self._hass, unit, self._data, changed)
        except MapError as error:  # a map that an update took away
            listener.connected(False, str(error))
            return
        async with aclosing(meter.readings()) as readings:
            async for reading in readings:
                # By way of the loop: whatever comes of a reading, the next one is
                # read.
                self._hass.loop.call_soon(listener.reading, reading)
