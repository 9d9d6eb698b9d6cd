"""Which statistics tell a device's past: of the user's entity, else of our own sensor.

A device without a power entity measures itself, where it speaks to us.
"""

from typing import Final

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.cem.const import DOMAIN
from custom_components.cem.controlled import ControlledDevice

_OWN_POWER: Final = ("own_power", "eebus_power")
_OWN_CHARGE: Final = ("own_charge",)


def power_entity(hass: HomeAssistant, device: ControlledDevice) -> str | None:
    """Return what records its power, None: nothing does."""
    return _entity(hass, device, "power", _OWN_POWER)


def charge_entity(hass: HomeAssistant, device: ControlledDevice) -> str | None:
    """Return what records its state of charge in percent, None: nothing does."""
    return _entity(hass, device, "state_of_charge", _OWN_CHARGE)


def sign(device: ControlledDevice) -> int:
    """Return -1 where what is recorded of its power has to be turned, else 1.

    Into a battery, out of a roof is positive; our own sensors are so already.
    """
    data = device.data
    turned = (
        data.get("production_negative")
        or data.get("power_sign") == "discharge_positive"
    )
    return -1 if "power" in data and turned else 1


def _entity(
    hass: HomeAssistant, device: ControlledDevice, chosen: str, own: tuple[str, ...]
) -> str | None:
    if chosen in device.data:
        entity_id: str = device.data[chosen]
        return entity_id
    registry = er.async_get(hass)
    for key in own:
        found = registry.async_get_entity_id(
            Platform.SENSOR, DOMAIN, f"{device.subentry_id}_{key}"
        )
        if found is not None and registry.entities[found].disabled_by is None:
            return found
    return None
