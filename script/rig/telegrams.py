"""Listen to the meter itself, as a second reader beside the CEM.

What the tests hold the CEM to is read here, with two patterns and no code of
the CEM.
"""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
import re
import time
from typing import Final

from script.rig.waiting import until

IMPORT_KW: Final = re.compile(rb"1-0:1\.7\.0\((\d+\.\d+)\*kW\)")
EXPORT_KW: Final = re.compile(rb"1-0:2\.7\.0\((\d+\.\d+)\*kW\)")
RETRY_S: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Telegram:
    """Net import in W, and when the telegram's last byte came."""

    at: float
    net_w: int


class TelegramListener:
    """Keeps every telegram since it started."""

    def __init__(self, host: str, port: int) -> None:
        self.host = host
        self.port = port
        self.telegrams: list[Telegram] = []
        self._task: asyncio.Task[None] | None = None

    @property
    def last(self) -> Telegram | None:
        """The newest telegram."""
        return self.telegrams[-1] if self.telegrams else None

    def since(self, moment: float) -> list[Telegram]:
        """Return the telegrams that came after a moment."""
        return [telegram for telegram in self.telegrams if telegram.at > moment]

    async def start(self) -> None:
        """Listen until `stop`, whatever happens to the connection."""
        self._task = asyncio.create_task(self._listen())
        await until("a telegram from the meter", lambda: self.last, within_s=20)

    async def stop(self) -> None:
        """Hang up."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    async def next(self, within_s: float = 5.0) -> Telegram:
        """Wait for the next telegram."""
        seen = len(self.telegrams)
        await until(
            "the next telegram",
            lambda: len(self.telegrams) > seen,
            within_s=within_s,
            every_s=0.02,
        )
        return self.telegrams[-1]

    async def _listen(self) -> None:
        while True:
            with suppress(OSError, asyncio.IncompleteReadError):
                reader, writer = await asyncio.open_connection(self.host, self.port)
                try:
                    await self._follow(reader)
                finally:
                    writer.close()
            await asyncio.sleep(RETRY_S)

    async def _follow(self, reader: asyncio.StreamReader) -> None:
        while True:
            text = await reader.readuntil(b"!") + await reader.readline()
            imported = IMPORT_KW.search(text)
            exported = EXPORT_KW.search(text)
            if imported and exported:
                net_kw = float(imported[1]) - float(exported[1])
                self.telegrams.append(
                    Telegram(at=time.monotonic(), net_w=round(net_kw * 1000))
                )
