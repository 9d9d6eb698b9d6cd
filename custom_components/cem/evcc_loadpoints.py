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
from custom_components.cem.following import Following, ask_for_good

EVERY_S: Final = 5.0


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
        self._following = Following(hass, entry, "evcc")

    def start(self) -> None:
        """Follow each of them in the background, through every failure."""
        for device in self._devices:
            if isinstance(device.driver, EvccDriver):
                following = self._follow(device, device.driver)
                self._following.start(device.device_id, following)

    async def async_stop(self) -> None:
        """Read no more."""
        await self._following.async_stop()

    async def _follow(self, device: ControlledDevice, driver: EvccDriver) -> None:
        session = async_get_clientsession(self._hass)
        try:
            driver.attach(EvccClient(session, driver.address))
        except EvccError as error:
            self._lost(driver, str(error))
            return
        await ask_for_good(
            lambda: self._poll(device, driver),
            lambda: asyncio.sleep(EVERY_S),
            lambda why: self._lost(driver, why),
            failures=(EvccError,),
            gone=EvccGoneError,
        )

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
