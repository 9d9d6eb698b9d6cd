"""Devices over Modbus: read every few seconds, and their writes counted for good."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from cem_core.modbus import LinkError, MapError, ModbusError, ModbusUnit, load
from cem_core.modbus.sunspec import preload
from cem_core.modbus.write_budget import A_DAY, WriteBudget
from cem_core.transport.sunspec_device import OUTPUT_CONTROLS
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers.modbus_driver import ModbusDriver
from custom_components.cem.drivers.modbus_told import (
    INVERTERS,
    STORAGES,
    Told,
    ToldByMap,
    ToldBySunSpec,
    sizes,
)
from custom_components.cem.following import Following, ask_for_good
from custom_components.cem.forms.modbus_device import link_of
from custom_components.cem.meters.modbus import SUNSPEC, shared_unit
from custom_components.cem.store import HomeStore

EVERY_S: Final = 5.0
SOON_S: Final = 1.0  # while it follows an order: as often as a meter speaks
_READ_WITHIN_S: Final = 10.0
_MODELS: Final = (1, *INVERTERS, 120, 121, 702, *OUTPUT_CONTROLS, *STORAGES)


def _told(
    kind: Kind, data: Mapping[str, Any], unit: ModbusUnit, budget: WriteBudget
) -> Told:
    """Return the device behind ``unit``; raises MapError. Reads files."""
    if data["modbus_map"] == SUNSPEC:
        preload(_MODELS)
        return ToldBySunSpec(unit, kind, sizes(kind, data))
    return ToldByMap(unit, load(data["modbus_map"]), sizes(kind, data), budget)


class ModbusDevices:
    """Those of a home."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry: ConfigEntry,
        store: HomeStore,
        devices: Sequence[ControlledDevice],
        *,
        changed: Callable[[], None],
        plugged: Callable[[], None],
    ) -> None:
        """Serve those of ``devices`` that speak Modbus; nothing is read yet."""
        self._hass = hass
        self._entry = entry
        self._store = store
        self._devices = tuple(d for d in devices if isinstance(d.driver, ModbusDriver))
        self._changed = changed
        self._plugged = plugged
        self._following = Following(hass, entry, "modbus")

    def start(self) -> None:
        """Follow each of them in the background, through every failure."""
        for device in self._devices:
            if isinstance(device.driver, ModbusDriver):
                following = self._follow(device, device.driver)
                self._following.start(device.device_id, following)

    async def async_stop(self) -> None:
        """Read and renew no more: what has a timer of its own ends by it."""
        await self._following.async_stop()

    async def _follow(self, device: ControlledDevice, driver: ModbusDriver) -> None:
        budget = self._budget(device)

        def written() -> None:
            counted = budget.as_data()
            if self._store.writes.get(device.subentry_id) != counted:
                self._store.writes[device.subentry_id] = counted
                saving = self._store.async_save()
                self._entry.async_create_task(self._hass, saving, "cem store")

        try:
            unit = shared_unit(
                self._hass,
                self._entry,
                link_of(driver.data),
                int(driver.data.get("modbus_unit", 1)),
            )
            told = await self._hass.async_add_executor_job(
                _told, driver.kind, driver.data, unit, budget
            )
        except (HomeAssistantError, MapError) as error:
            self._lost(driver, str(error))
            return
        driver.attach(told, written)
        await ask_for_good(
            lambda: self._poll(device, driver),
            lambda: driver.pace.pause(EVERY_S, SOON_S),
            lambda why: self._lost(driver, why),
            failures=(ModbusError, TimeoutError),
            gone=LinkError,
        )

    def _budget(self, device: ControlledDevice) -> WriteBudget:
        """Return what may still be written: the count of today survives a restart."""
        a_day = int(device.data.get("writes_a_day", A_DAY))
        kept = self._store.writes.get(device.subentry_id)
        if kept is None:
            return WriteBudget(a_day)
        return WriteBudget.from_data(kept, a_day=a_day)

    async def _poll(self, device: ControlledDevice, driver: ModbusDriver) -> None:
        before, phases = (driver.available, driver.plugged), driver.phases
        async with asyncio.timeout(_READ_WITHIN_S):
            await driver.poll()
        if not before[0] or phases != driver.phases:
            # It may have forgotten all, or the same power is another current now.
            device.queue.forget()
        self._changed()
        if before[1] != driver.plugged:
            self._plugged()

    def _lost(self, driver: ModbusDriver, why: str) -> None:
        driver.lost(why)
        self._changed()
