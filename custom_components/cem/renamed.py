"""Follow the entities that the user picked when they are renamed."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_entity_registry_updated_event


@callback
def async_follow_renames(hass: HomeAssistant, entry: ConfigEntry) -> Callable[[], None]:
    """Keep the subentries of ``entry`` pointing at their entities.

    The entry's update listener then reloads it with the new names.
    """
    picked = {
        value
        for subentry in entry.subentries.values()
        for value in subentry.data.values()
        if isinstance(value, str) and "." in value
    }

    @callback
    def renamed(event: Event[er.EventEntityRegistryUpdatedData]) -> None:
        old, new = event.data.get("old_entity_id"), event.data["entity_id"]
        if event.data["action"] != "update" or old is None:
            return
        for subentry in tuple(entry.subentries.values()):
            if old in subentry.data.values():
                data = {k: new if v == old else v for k, v in subentry.data.items()}
                hass.config_entries.async_update_subentry(entry, subentry, data=data)

    return async_track_entity_registry_updated_event(hass, picked, renamed)
