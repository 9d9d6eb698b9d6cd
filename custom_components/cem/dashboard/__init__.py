"""What the dashboard asks for, one file for each kind of question."""

from homeassistant.components import websocket_api
from homeassistant.core import HomeAssistant, callback

from custom_components.cem.dashboard.budgets import ws_budgets
from custom_components.cem.dashboard.energy import ws_energy
from custom_components.cem.dashboard.health import ws_health
from custom_components.cem.dashboard.log import ws_log
from custom_components.cem.dashboard.opportunities import ws_opportunities
from custom_components.cem.dashboard.wish import (
    ws_end_wish,
    ws_preview_wish,
    ws_set_wish,
)


@callback
def async_setup_dashboard(hass: HomeAssistant) -> None:
    """Register the commands."""
    for command in (
        ws_budgets,
        ws_energy,
        ws_health,
        ws_log,
        ws_opportunities,
        ws_preview_wish,
        ws_set_wish,
        ws_end_wish,
    ):
        websocket_api.async_register_command(hass, command)
