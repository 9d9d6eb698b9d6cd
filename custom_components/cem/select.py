"""Selects: the home's mode, and how the car is charged."""

from typing import Final, override

from homeassistant.components.select import SelectEntity, SelectEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from cem_core.model import DeviceKind
from custom_components.cem import CemConfigEntry, wishes
from custom_components.cem.const import Charging, Mode
from custom_components.cem.entity import DeviceEntity, HomeEntity

PARALLEL_UPDATES = 0

MODE: Final = SelectEntityDescription(
    key="mode", translation_key="mode", options=[mode.value for mode in Mode]
)
CHARGING: Final = SelectEntityDescription(
    key="charging",
    translation_key="charging",
    options=[charging.value for charging in Charging],
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CemConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the mode, and each charger's wish."""
    home = entry.runtime_data
    async_add_entities([ModeSelect(home, MODE)])
    for device in home.by_kind(DeviceKind.EV_CHARGER):
        async_add_entities(
            [ChargingSelect(home, device, CHARGING)],
            config_subentry_id=device.subentry_id,
        )


class ModeSelect(HomeEntity, SelectEntity):
    """Observe, advise or control."""

    @callback
    @override
    def update(self) -> None:
        """Write the mode if it changed."""
        if self._attr_current_option != self.home.mode:
            self._attr_current_option = self.home.mode.value
            self.async_write_ha_state()

    _attr_current_option: str | None = None

    @override
    async def async_select_option(self, option: str) -> None:
        """Change what the CEM may do."""
        await wishes.async_set_mode(self.home, Mode(option))


class ChargingSelect(DeviceEntity, SelectEntity):
    """As planned, now, or not tonight."""

    _attr_current_option: str | None = None

    @callback
    @override
    def update(self) -> None:
        """Write the wish if it changed."""
        if self._attr_current_option != self.device.charging:
            self._attr_current_option = self.device.charging.value
            self.async_write_ha_state()

    @override
    async def async_select_option(self, option: str) -> None:
        """Change the wish."""
        await wishes.async_set_charging(self.home, self.device, Charging(option))
