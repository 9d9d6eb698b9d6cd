"""A serial port, by what opens it: a package that not every Home Assistant has."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from types import ModuleType
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.importlib import async_import_module
from homeassistant.requirements import RequirementsNotFound, async_process_requirements

from cem_core.meter.line_judge import Judge
from cem_core.transport import (
    ByteSource,
    ConnectionChange,
    ConnectionState,
    LineStatus,
    MeterLine,
    PortSettings,
)
from custom_components.cem.const import DOMAIN
from custom_components.cem.meters.method import Answers, key_of

ANY_SPEED: Final = "auto"
OPTICAL: Final = "optical"

_REQUIRED: Final = ("serialx>=1.9",)
_TRIED_EVERY_S: Final = 60.0


class SerialPort:
    """A `ByteSource` of a port; how it is set is found out, or was said."""

    def __init__(
        self, hass: HomeAssistant, answers: Answers, line: MeterLine[bytes]
    ) -> None:
        """Open nothing yet."""
        self._hass = hass
        self._answers = answers
        self._line = line

    async def stream(self) -> AsyncGenerator[bytes]:
        """Yield pieces, once what reads a port is there."""
        source = await self._source()
        while source is None:
            await asyncio.sleep(_TRIED_EVERY_S)
            source = await self._source()
        async with aclosing(source.stream()) as pieces:
            async for piece in pieces:
                yield piece

    async def _source(self) -> ByteSource | None:
        try:
            await async_process_requirements(
                self._hass, DOMAIN, list(_REQUIRED), is_built_in=False
            )
        except RequirementsNotFound as error:
            change = ConnectionChange(ConnectionState.DISCONNECTED, str(error))
            self._line.connection_changed(change)
            return None
        url, how = self._answers["device"], self._answers["settings"]
        if how == ANY_SPEED:
            module = await self._import("auto")
            found: ByteSource = module.AutoSerialSource(
                url=url,
                new_judge=self._judge,
                unreadable=self._is_unreadable,
                on_change=self._line.connection_changed,
            )
        elif how == OPTICAL:
            module = await self._import("optical_head")
            found = module.OpticalHeadSource(
                url=url, on_change=self._line.connection_changed
            )
        else:
            module = await self._import("serial")
            found = module.SerialSource(
                url=url,
                settings=PortSettings.parse(how),
                on_change=self._line.connection_changed,
            )
        return found

    async def _import(self, name: str) -> ModuleType:
        return await async_import_module(self._hass, f"cem_core.transport.{name}")

    def _judge(self) -> Judge:
        answers = self._answers
        return Judge(key=key_of(answers, "key"), auth_key=key_of(answers, "auth_key"))

    def _is_unreadable(self) -> bool:
        return self._line.state.status is LineStatus.UNREADABLE
