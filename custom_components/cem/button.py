"""Buttons: take a device back that a person had taken, boost it, test it."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from cem_core.model import Owner
from cem_core.model.role import Right
from custom_components.cem import CemConfigEntry, wishes
from custom_components.cem.boost import boosts
from custom_components.cem.boost_entities import BoostButton
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.entity import DeviceEntity, devices_in_turn
from custom_components.cem.home import Home
from custom_components.cem.reaction_entities import TestReactionButton, reacts

PARALLEL_UPDATES = 0

RESUME: Final = ButtonEntityDescription(key="resume", translation_key="resume")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CemConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for each device that can be commanded."""
    home = entry.runtime_data
    async for device in devices_in_turn(home):
        if device.controllable:
            buttons: list[ButtonEntity] = [ResumeButton(home, device, RESUME)]
            if boosts(device):
                buttons.append(BoostButton(home, device))
            if reacts(device):
                buttons.append(TestReactionButton(home, device))
            async_add_entities(
                buttons,
                config_subentry_id=device.subentry_id,
            )


class ResumeButton(DeviceEntity, ButtonEntity):
    """Available while somebody else commands the device."""

    def __init__(
        self, home: Home, device: ControlledDevice, description: ButtonEntityDescription
    ) -> None:
        """Start unavailable."""
        super().__init__(home, device, description)
        self._attr_available = False

    @callback
    @override
    def update(self) -> None:
        """Write whether there is anything to take back."""
        taken = self.device.owner is Owner.PERSON
        until = self.device.person_until
        if self._attr_available != taken:
            self._attr_available = taken
            self._attr_extra_state_attributes = {
                "handed_over_until": until.isoformat() if until else None
            }
            self.async_write_ha_state()

    @override
    async def async_press(self) -> None:
        """Take the device back."""
        await self.async_require(Right.WISH)
        wishes.resume(self.home, self.device)
