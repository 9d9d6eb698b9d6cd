"""Which home and which device an action means, and how it is refused."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, device_registry as dr
import probatio

from custom_components.cem.const import DOMAIN
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home

# Which home an action means, where there is more than one.
HOME: Final = {probatio.Optional("config_entry_id"): cv.string}


def refuse(key: str, **placeholders: str) -> ServiceValidationError:
    """Return the translated refusal of an action."""
    return ServiceValidationError(
        translation_domain=DOMAIN,
        translation_key=key,
        translation_placeholders=placeholders,
    )


def home_of(hass: HomeAssistant, entry_id: str | None) -> Home:
    """Return the home that is meant; without an id the only one there is."""
    entries = [
        entry
        for entry in hass.config_entries.async_entries(DOMAIN)
        if entry_id in (None, entry.entry_id)
    ]
    loaded = [entry for entry in entries if entry.state is ConfigEntryState.LOADED]
    if not loaded:
        raise refuse("no_home")
    if len(loaded) > 1:
        raise refuse("which_home")
    home: Home = loaded[0].runtime_data
    return home


def device_named(home: Home, named: str) -> ControlledDevice | None:
    """Return the device that is named by its plan id or its registry id."""
    entry = dr.async_get(home.hass).async_get(named)
    keys: set[Any] = {key for _, key in entry.identifiers} if entry else set()
    for device in home.devices.values():
        known = (device.device_id, device.subentry_id)
        if named in known or keys & set(known):
            return device
    return None
