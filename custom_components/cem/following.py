"""Devices that are asked every few seconds, in the background, through every failure."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Any, Final, NoReturn

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant

_LOST_AFTER: Final = 3  # failures; one by which it is gone counts at once


class Following:
    """One task for each device of a kind."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry, kind: str) -> None:
        """Follow none yet; ``kind`` names the tasks."""
        self._hass = hass
        self._entry = entry
        self._kind = kind
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, device_id: str, following: Coroutine[Any, Any, None]) -> None:
        """Follow one more."""
        self._tasks.append(
            self._entry.async_create_background_task(
                self._hass, following, f"cem {self._kind} {device_id}"
            )
        )

    async def async_stop(self) -> None:
        """Follow none any more."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()


async def ask_for_good(
    poll: Callable[[], Awaitable[None]],
    pause: Callable[[], Awaitable[None]],
    lost: Callable[[str], None],
    *,
    failures: tuple[type[Exception], ...],
    gone: type[Exception],
) -> NoReturn:
    """Call ``poll`` for good, ``pause`` after each; say why it is ``lost``.

    It is so when ``poll`` raised ``gone``, or several ``failures`` in a row.
    """
    failed = 0
    while True:
        try:
            await poll()
            failed = 0
        except failures as error:
            failed += 1
            if isinstance(error, gone) or failed >= _LOST_AFTER:
                lost(str(error) or "no answer in time")
        await pause()
