"""What the dashboard asks and subscribes to."""

from collections.abc import Callable
from typing import Any, Final

from homeassistant.components import websocket_api
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
    async_response,
    require_admin,
    websocket_command,
)
from homeassistant.core import HomeAssistant, callback
import probatio

from custom_components.cem import wishes
from custom_components.cem.const import DOMAIN, Mode
from custom_components.cem.dashboard import async_setup_dashboard
from custom_components.cem.dashboard.asked_home import asked_home as _home
from custom_components.cem.home import Home
from custom_components.cem.live import LiveView
from custom_components.cem.meter_view import meter_json
from custom_components.cem.roles import role_of
from custom_components.cem.saving.view import savings_json

type Message = dict[str, Any]

# Telegrams come each second, give or take: a little less than one keeps them all.
_LIVE_EVERY_S: Final = 0.9


@callback
def async_setup_websocket(hass: HomeAssistant) -> None:
    """Register the commands."""
    for command in (
        ws_homes,
        ws_subscribe_live,
        ws_subscribe_meter,
        ws_subscribe_plan,
        ws_savings,
        ws_set_mode,
    ):
        websocket_api.async_register_command(hass, command)
    async_setup_dashboard(hass)


@callback
@websocket_command({probatio.Required("type"): "cem/homes"})
def ws_homes(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Tell which homes there are, and who somebody is in each."""
    entries = hass.config_entries.async_loaded_entries(DOMAIN)
    connection.send_result(
        message["id"],
        [
            {
                "entry_id": entry.entry_id,
                "title": entry.title,
                "role": role_of(entry.runtime_data, connection.user),
            }
            for entry in entries
        ],
    )


@callback
@websocket_command(
    {
        probatio.Required("type"): "cem/subscribe_live",
        probatio.Required("entry_id"): str,
    }
)
def ws_subscribe_live(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Send the home as it is, at most once a second."""
    # The entry's home is another one after each reload.
    _send_often(hass, connection, message, lambda home: LiveView(home).as_json())


@callback
@websocket_command(
    {
        probatio.Required("type"): "cem/subscribe_meter",
        probatio.Required("entry_id"): str,
    }
)
def ws_subscribe_meter(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Send the meter's registers as it said them, at most once a second."""
    _send_often(hass, connection, message, meter_json)


def _send_often(
    hass: HomeAssistant,
    connection: ActiveConnection,
    message: Message,
    document: Callable[[Home], Message],
) -> None:
    if (home := _home(hass, connection, message)) is None:
        return
    entry = home.entry
    sent_at = float("-inf")

    @callback
    def send() -> None:
        nonlocal sent_at
        if hass.loop.time() - sent_at >= _LIVE_EVERY_S:
            sent_at = hass.loop.time()
            connection.send_event(message["id"], document(entry.runtime_data))

    _subscribe(connection, message, home.listen(send))
    send()


@callback
@websocket_command(
    {
        probatio.Required("type"): "cem/subscribe_plan",
        probatio.Required("entry_id"): str,
    }
)
def ws_subscribe_plan(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Send the plan, and each new one."""
    if (home := _home(hass, connection, message)) is None:
        return
    entry = home.entry
    sent: dict[str, Any] | None = {}

    @callback
    def send() -> None:
        nonlocal sent
        plan = entry.runtime_data.plan_document
        if plan is not sent:
            sent = plan
            connection.send_event(message["id"], sent)

    _subscribe(connection, message, home.listen(send))
    send()


@callback
@websocket_command(
    {
        probatio.Required("type"): "cem/savings",
        probatio.Required("entry_id"): str,
    }
)
def ws_savings(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Tell what control saved, or would have saved."""
    if (home := _home(hass, connection, message)) is not None:
        connection.send_result(message["id"], savings_json(home))


def _subscribe(
    connection: ActiveConnection, message: Message, stop: Callable[[], None]
) -> None:
    connection.subscriptions[message["id"]] = stop
    connection.send_result(message["id"])


@require_admin
@websocket_command(
    {
        probatio.Required("type"): "cem/set_mode",
        probatio.Required("entry_id"): str,
        probatio.Required("mode"): probatio.Coerce(Mode),
    }
)
@async_response
async def ws_set_mode(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Change what the CEM may do."""
    if (home := _home(hass, connection, message)) is None:
        return
    await wishes.async_set_mode(home, message["mode"])
    connection.send_result(message["id"])
