"""Tells whoever listens that the home changed, and what happened."""

from collections.abc import Callable

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import dispatcher

from custom_components.cem import events
from custom_components.cem.const import DOMAIN


class Announcer:
    """The part of a home that entities and the dashboard listen to."""

    def __init__(self, hass: HomeAssistant, entry: ConfigEntry) -> None:
        """Announce for the home of ``entry``."""
        self.hass = hass
        self.entry = entry

    def listen(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call ``listener``, a callback, after each decision, until told to stop."""
        signal = self._signal("changed")
        return dispatcher.async_dispatcher_connect(self.hass, signal, listener)

    def _signal(self, name: str) -> str:
        return f"{DOMAIN}_{name}_{self.entry.entry_id}"

    def listen_events(self, listener: events.Listener) -> Callable[[], None]:
        """Call ``listener``, a callback, with each event."""
        signal = self._signal("event")
        return dispatcher.async_dispatcher_connect(self.hass, signal, listener)

    @callback
    def notify(self) -> None:
        """Tell the entities and the dashboard; who of them fails is logged."""
        dispatcher.async_dispatcher_send(self.hass, self._signal("changed"))

    @callback
    def fire(self, event: events.HomeEvent) -> None:
        """Tell the event entities."""
        dispatcher.async_dispatcher_send(self.hass, self._signal("event"), event)
