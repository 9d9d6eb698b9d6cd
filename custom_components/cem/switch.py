"""Switches: may the CEM command this device."""

from typing import Any, Final, override

from homeassistant.components.switch import SwitchEntity, SwitchEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from cem_core.model.role import Right
from custom_components.cem import CemConfigEntry, wishes
from custom_components.cem.entity import DeviceEntity, devices_in_turn

PARALLEL_UPDATES = 0

CONTROL: Final = SwitchEntityDescription(key="control", translation_key="control")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CemConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a switch for each device that can be commanded."""
    home = entry.runtime_data
    async for device in devices_in_turn(home):
        if device.controllable:
            async_add_entities(
                [ControlSwitch(home, device, CONTROL)],
                config_subentry_id=device.subentry_id,
            )


class ControlSwitch(DeviceEntity, SwitchEntity):
    """Off hands the device back; an operator's limit still counts it."""

    @callback
    @override
    def update(self) -> None:
        """Write the state if it changed."""
        if self._attr_is_on != self.device.control:
            self._attr_is_on = self.device.control
            self.async_write_ha_state()

    _attr_is_on: bool | None = None

    @override
    async def async_turn_on(self, **kwargs: Any) -> None:
        """Let the CEM command the device."""
        await self.async_require(Right.WISH)
        await wishes.async_set_control(self.home, self.device, on=True)

    @override
    async def async_turn_off(self, **kwargs: Any) -> None:
        """Leave the device to itself."""
        await self.async_require(Right.WISH)
        await wishes.async_set_control(self.home, self.device, on=False)
