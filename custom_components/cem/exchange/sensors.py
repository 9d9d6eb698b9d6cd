"""A sensor a recipient: whether anything leaves for it, and on what consent."""

from typing import Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo

from custom_components.cem.const import DOMAIN
from custom_components.cem.entity import HomeEntity, Recorded
from custom_components.cem.exchange.publications import Publication, PublicationState
from custom_components.cem.home import Home

_DESCRIPTION: Final = SensorEntityDescription(
    key="publication",
    translation_key="publication",
    device_class=SensorDeviceClass.ENUM,
    entity_category=EntityCategory.DIAGNOSTIC,
    options=[each.value for each in PublicationState],
)


class PublicationSensor(HomeEntity, SensorEntity):
    """What a publication does."""

    def __init__(self, home: Home, publication: Publication) -> None:
        """Belong to the recipient's own entry in the device registry."""
        super().__init__(home, _DESCRIPTION)
        subentry = publication.subentry
        self._publication = publication
        self._recorded = Recorded(home.hass.loop.time, home.settings.record_interval_s)
        self._attr_unique_id = f"{subentry.subentry_id}_{_DESCRIPTION.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, subentry.subentry_id)},
            name=subentry.title,
            manufacturer="CEM",
            model="Publication",
        )

    @callback
    @override
    def update(self) -> None:
        """Write the state when it is another."""
        state = self._publication.state
        if self._recorded.due(state.value):
            self._attr_native_value = state.value
            self._attr_extra_state_attributes = self._publication.attributes()
            self.async_write_ha_state()
