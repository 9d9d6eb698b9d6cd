"""Chargers behind evcc: each of its loadpoints is read every few seconds."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession

from cem_core.evcc.error import EvccError, EvccGoneError
from cem_core.transport.evcc_client import EvccClient
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers.evcc_driver import EvccDriver

EVERY_S: Final = 5.0
_LOST_AFTER: Final = 3  # answers that say nothing; one that is missing counts at once


class EvccLoadpoints:
    """Those of a home."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        devices: Sequence[ControlledDevice],
        *,
        changed: Callable[[], None],
        plugged: Callable[[], None],
        taken_over: Callable[[ControlledDevice], None],
    ) -> None:
        """Serve those of ``devices`` that evcc charges; nothing is read yet."""
        self._hass = hass
        self._entry = entry
        self._devices = tuple(d for d in devices if isinstance(d.driver, EvccDriver))
        self._changed = changed
        self._plugged = plugged
        self._taken_over = taken_over
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Follow each of them in the background, through every failure."""
        for device in self._devices:
            if isinstance(device.driver, EvccDriver):
                following = self._follow(device, device.driver)
                self._tasks.append(
                    self._entry.async_create_background_task(
                        self._hass, following, f"cem evcc {device.device_id}"
                    )
                )

    async def async_stop(self) -> None:
        """Read no more."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        self._tasks.clear()

    async def _follow(self, device: ControlledDevice, driver: EvccDriver) -> None:
        session = async_get_clientsession(self._hass)
        try:
            driver.attach(EvccClient(session, driver.address))
        except EvccError as error:
            self._lost(driver, str(error))
            return
        failed = 0
        while True:
            try:
                await self._poll(device, driver)
                failed = 0
            except EvccError as error:
                failed += 1
                if isinstance(error, EvccGoneError) or failed >= _LOST_AFTER:
                    self._lost(driver, str(error))
            await asyncio.sleep(EVERY_S)

    async def _poll(self, device: ControlledDevice, driver: EvccDriver) -> None:
        before = driver.available, driver.plugged
        taken_over = await driver.poll(self._hass.loop.time())
        if not before[0]:
            device.queue.forget()  # it may have forgotten all: order it at once
        if taken_over:
            self._taken_over(device)
        self._changed()
        if before[1] != driver.plugged:
            self._plugged()

    def _lost(self, driver: EvccDriver, why: str) -> None:
        driver.lost(why)
        self._changed()
