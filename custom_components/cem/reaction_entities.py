"""A device's reaction: a sensor that tells it, a button that measures it."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import EntityCategory, UnitOfTime
from homeassistant.core import callback

from cem_core.model.role import Right
from custom_components.cem.calls import refuse
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.entity import DeviceEntity
from custom_components.cem.home import Home
from custom_components.cem.obedience import CannotTestError

REACTION_TIME: Final = SensorEntityDescription(
    key="reaction_time",
    translation_key="reaction_time",
    device_class=SensorDeviceClass.DURATION,
    native_unit_of_measurement=UnitOfTime.SECONDS,
    suggested_display_precision=0,
    entity_category=EntityCategory.DIAGNOSTIC,
)
TEST_REACTION: Final = ButtonEntityDescription(
    key="test_reaction",
    translation_key="test_reaction",
    entity_category=EntityCategory.DIAGNOSTIC,
)


def reacts(device: ControlledDevice) -> bool:
    """Tell whether the reaction of ``device`` can be measured at all."""
    return device.controllable and device.kind is not Kind.APPLIANCE


class ReactionSensor(DeviceEntity, SensorEntity):
    """The median time from an order until the device's power shows it."""

    def __init__(self, home: Home, device: ControlledDevice) -> None:
        """Start with what was stored."""
        super().__init__(home, device, REACTION_TIME)
        self._attr_available = False

    @callback
    @override
    def update(self) -> None:
        """Write it when something was learned."""
        reaction, model = self.device.reaction, self.device.model
        if self._attr_available and self._attr_native_value == reaction.seconds:
            return
        self._attr_available = True
        self._attr_native_value = reaction.seconds
        known = reaction.seconds is not None
        self._attr_extra_state_attributes = {
            "orders": len(reaction.times_s),
            "ramp_w_per_s": reaction.ramp_w_per_s if known else None,
            "keeps_operator_limits": not model.slow if known else None,
        }
        self.async_write_ha_state()


class TestReactionButton(DeviceEntity, ButtonEntity):
    """Sends a small test order."""

    __test__ = False  # no test of pytest's

    def __init__(self, home: Home, device: ControlledDevice) -> None:
        """Belong to the device."""
        super().__init__(home, device, TEST_REACTION)

    @callback
    @override
    def update(self) -> None:
        """A button has no state of its own."""

    @override
    async def async_press(self) -> None:
        """Start the test; the sensor tells what came of it."""
        await self.async_require(Right.INSTALL)
        try:
            self.home.obedience.check(self.device)
        except CannotTestError as error:
            raise refuse(str(error), device=self.device.model.name) from error
        self.home.entry.async_create_background_task(
            self.home.hass, self.home.obedience.async_test(self.device), "cem test"
        )
