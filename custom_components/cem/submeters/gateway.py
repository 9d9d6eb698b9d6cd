"""A German smart meter gateway: its meter's counters, every few minutes."""

import asyncio
from typing import Final, override

from homeassistant.core import HomeAssistant

from cem_core.model.slow_reading import SlowReading
from cem_core.transport import smgw
from cem_core.transport.smgw import GatewayError, Login
from custom_components.cem.submeters.http import PinnedHttp, fingerprint_of
from custom_components.cem.submeters.source import (
    Answers,
    OnResult,
    SlowResult,
    SlowSource,
)

_KEY: Final = "gateway"
_MINUTE_S: Final = 60


class GatewayMeter(SlowSource):
    """The first meter that one gateway shows its customer."""

    def __init__(self, hass: HomeAssistant, answers: Answers) -> None:
        """Connect to nothing yet."""
        self._maker: str = answers["maker"]
        self._login = Login(user=answers["user"], password=answers["password"])
        self._interval_s = answers["interval"] * _MINUTE_S
        self._http = PinnedHttp(
            hass,
            answers["host"],
            int(answers["port"]),
            fingerprint_of(answers.get("fingerprint", "")),
        )

    @property
    @override
    def keys(self) -> tuple[str, ...]:
        """Its one meter."""
        return (_KEY,)

    async def read(self) -> SlowReading:
        """Return what it shows now. Raises `GatewayError`, OSError."""
        return await smgw.read(self._maker, self._http, self._login)

    @override
    async def run(self, on_result: OnResult) -> None:
        """Read it again and again."""
        while True:
            try:
                result = SlowResult(key=_KEY, reading=await self.read())
            except (GatewayError, OSError) as error:
                cause = str(error) or "no answer in time"
                result = SlowResult(key=_KEY, reading=None, cause=cause)
            on_result(result)
            await asyncio.sleep(self._interval_s)
