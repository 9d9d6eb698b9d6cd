"""Which home a message of the dashboard is about."""

from typing import Any

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.const import ERR_NOT_FOUND
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home

type Message = dict[str, Any]


def asked_home(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> Home | None:
    """Return the home that is meant; None: it is not set up, and that is answered."""
    entry = hass.config_entries.async_get_entry(message["entry_id"])
    if (
        entry is None
        or entry.domain != DOMAIN
        or entry.state is not ConfigEntryState.LOADED
    ):
        connection.send_error(message["id"], ERR_NOT_FOUND, "This home is not set up")
        return None
    home: Home = entry.runtime_data
    return home
