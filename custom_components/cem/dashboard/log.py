"""What happened since the home was set up, the newest first."""

from typing import Any

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import websocket_command
from homeassistant.core import HomeAssistant, callback
import probatio

from cem_core.model.message_json import message_to_json
from custom_components.cem.dashboard.asked_home import Message, asked_home
from custom_components.cem.language import home_clock, renderer


@callback
@websocket_command(
    {probatio.Required("type"): "cem/log", probatio.Required("entry_id"): str}
)
def ws_log(hass: HomeAssistant, connection: ActiveConnection, message: Message) -> None:
    """Tell the last actions and events."""
    if (home := asked_home(hass, connection, message)) is None:
        return
    say = renderer(hass, home_clock)
    entries: list[dict[str, Any]] = [
        {
            "time": entry.time.isoformat(),
            "about": entry.about,
            "device": entry.device_id,
            "name": entry.name,
            "action": entry.action,
            "text": say.text(entry.message),
            **message_to_json(entry.message),
        }
        for entry in reversed(home.action_log.entries)
    ]
    since = home.action_log.since.isoformat()
    connection.send_result(message["id"], {"since": since, "entries": entries})
