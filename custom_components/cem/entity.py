"""What all entities share: their device, and how often they are recorded."""

import asyncio
from collections.abc import AsyncIterator, Callable
import math
from typing import Any, Final, override

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity import Entity, EntityDescription

from cem_core.model.role import Right
from custom_components.cem.const import DOMAIN, KIND_NAMES
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.roles import async_require

# A step this large is written at once: waiting would hide what happened.
_SIGNIFICANT_W: Final = 500


def ours(hass: HomeAssistant, entities: set[str], key: str) -> set[str]:
    """Return those of ``entities`` that are this integration's and called ``key``."""
    registry = er.async_get(hass)
    return {
        entity_id
        for entity_id in entities
        if (entry := registry.async_get(entity_id)) is not None
        and (entry.platform, entry.translation_key) == (DOMAIN, key)
    }


def is_leaving(home: Home) -> bool:
    """Tell whether the home is being unloaded: its platforms are gone already.

    What is added to them then is of no config entry any more. It stands still until
    Home Assistant is restarted, and no other can have its place.
    """
    return home.entry.state is ConfigEntryState.UNLOAD_IN_PROGRESS


async def devices_in_turn(home: Home) -> AsyncIterator[ControlledDevice]:
    """Yield each device, and let the event loop go on before the next.

    To add a device's entities takes milliseconds that nothing else is done in.
    """
    for device in tuple(home.devices.values()):
        yield device
        await asyncio.sleep(0)


class HomeEntity(Entity):
    """An entity of the home itself."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(self, home: Home, description: EntityDescription) -> None:
        """Belong to the home's service device."""
        self.home = home
        self.entity_description = description
        self._attr_unique_id = f"{home.entry.entry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, home.entry.entry_id)},
            name=home.entry.title,
            manufacturer="CEM",
            model="Home",
        )

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the home."""
        self.async_on_remove(self.home.listen(self.update))
        self.update()

    async def async_require(self, right: Right) -> None:
        """Raise where the role of who acts does not allow it."""
        await async_require(self.home, self._context, right)

    @callback
    def update(self) -> None:
        """Write the state."""
        self.async_write_ha_state()


class DeviceEntity(HomeEntity):
    """An entity of one controlled device."""

    def __init__(
        self, home: Home, device: ControlledDevice, description: EntityDescription
    ) -> None:
        """Belong to the device's own entry in the device registry."""
        super().__init__(home, description)
        self.device = device
        self._attr_unique_id = f"{device.subentry_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, device.subentry_id)},
            name=device.model.name,
            manufacturer="CEM",
            model=KIND_NAMES[device.kind],
        )


class Recorded:
    """Decides when a value is worth a row in the database.

    A meter speaks each second; an SD card should not have to listen.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        interval_s: float,
        *,
        step: float | None = _SIGNIFICANT_W,
    ) -> None:
        """Let at most one number through in each interval, but for a ``step``."""
        self._clock = clock
        self._interval_s = interval_s
        self._step = math.inf if step is None else step
        self._value: Any = self
        self._at = float("-inf")

    def due(self, value: Any) -> bool:  # noqa: ANN401 - any state
        """Tell whether ``value`` is to be written now."""
        if value == self._value and self._at > float("-inf"):
            return False
        if not self._steps(value) and self._clock() - self._at < self._interval_s:
            return False
        self._value, self._at = value, self._clock()
        return True

    def _steps(self, value: Any) -> bool:  # noqa: ANN401 - any state
        if isinstance(value, float | int) and isinstance(self._value, float | int):
            return abs(value - self._value) >= self._step
        return True  # it came, went or is a word
