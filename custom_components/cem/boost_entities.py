"""The button that boosts a device for an hour, and until when it does."""

from typing import Final, override

from homeassistant.components.button import ButtonEntity, ButtonEntityDescription
from homeassistant.core import callback

from cem_core.model.role import Right
from custom_components.cem.boost import BOOST, async_boost, boosted_until
from custom_components.cem.calls import refuse
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.device_wishes import WishError
from custom_components.cem.entity import DeviceEntity
from custom_components.cem.home import Home

_BOOST: Final = ButtonEntityDescription(key="boost", translation_key="boost")


class BoostButton(DeviceEntity, ButtonEntity):
    """Full power for an hour; ``boosted_until`` says until when."""

    def __init__(self, home: Home, device: ControlledDevice) -> None:
        """Tell of no boost yet."""
        super().__init__(home, device, _BOOST)
        self._until: str | None = None
        self._attr_extra_state_attributes = {"boosted_until": None}

    @callback
    @override
    def update(self) -> None:
        """Write when the boost ends, if that is another time."""
        end = boosted_until(self.home, self.device)
        until = end.isoformat() if end else None
        if until != self._until:
            self._until = until
            self._attr_extra_state_attributes = {"boosted_until": until}
            self.async_write_ha_state()

    @override
    async def async_press(self) -> None:
        """Boost from now on."""
        await self.async_require(Right.WISH)
        try:
            await async_boost(self.home, self.device, BOOST)
        except WishError as error:
            raise refuse("wish_refused", reason=str(error)) from error
