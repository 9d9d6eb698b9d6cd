"""Whether the MQTT broker still passes messages on: one of ours has to come back.

A broker that hangs keeps its connection, and Home Assistant gives it up only after its
keep-alive, one to two minutes later. Until then entities say what they said before. The
age of their reports tells nothing: a device may report only what changes.
"""

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util import dt as dt_util

from custom_components.cem.broker import async_publish, async_subscribe, has_broker

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice

ASKED_EVERY: Final = timedelta(seconds=10)
SILENT_AFTER: Final = timedelta(seconds=25)
_SUBSCRIBES_WITHIN_S: Final = 5.0
_MQTT: Final = "mqtt"


class BrokerEcho:
    """Sends a message to itself while a device is reached over the broker."""

    def __init__(
        self,
        hass: HomeAssistant,
        entry_id: str,
        devices: Callable[[], Iterable[ControlledDevice]],
    ) -> None:
        """Have heard nothing yet: a broker that lets nobody echo is not judged."""
        self._hass = hass
        self._topic = f"cem/echo/{entry_id}"
        self._devices = devices
        self._heard_at: datetime | None = None
        self._end: Callable[[], None] | None = None

    @callback
    def start(self) -> Callable[[], None]:
        """Ask time and again until what is returned is called."""
        stop = async_track_time_interval(self._hass, self.async_ask, ASKED_EVERY)

        def stop_and_unsubscribe() -> None:
            stop()
            self._unsubscribe()

        return stop_and_unsubscribe

    @property
    def silent_since(self) -> datetime | None:
        """Since when nothing came back, None: it does, or never did."""
        heard_at = self._heard_at
        if heard_at is None or dt_util.utcnow() - heard_at < SILENT_AFTER:
            return None
        return heard_at

    def reached(self) -> tuple[ControlledDevice, ...]:
        """Return the devices that have an entity over the broker."""
        registry = er.async_get(self._hass)
        return tuple(
            device
            for device in self._devices()
            if any(_is_mqtt(registry, entity_id) for entity_id in device.watched)
        )

    async def async_ask(self, now: datetime | None = None) -> None:
        """Send the message; listen for it, also anew where it stayed away."""
        del now
        if not has_broker(self._hass) or not self.reached():
            self._heard_at = None
            self._unsubscribe()
            return
        if self._end is None or self.silent_since is not None:
            self._unsubscribe()
            try:
                async with asyncio.timeout(_SUBSCRIBES_WITHIN_S):
                    self._end = await async_subscribe(
                        self._hass, self._topic, self._heard
                    )
            except HomeAssistantError, TimeoutError:
                return  # it is not connected: Home Assistant tells of that itself
        await async_publish(self._hass, self._topic, "", qos=0)

    @callback
    def _heard(self, topic: str, payload: str, retained: bool) -> None:
        del topic, payload, retained
        self._heard_at = dt_util.utcnow()

    def _unsubscribe(self) -> None:
        if self._end is not None:
            self._end()
            self._end = None


def _is_mqtt(registry: er.EntityRegistry, entity_id: str) -> bool:
    entry = registry.async_get(entity_id)
    return entry is not None and entry.platform == _MQTT
