"""Meters that are heard by Home Assistant's own MQTT client."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from cem_core.meter.json_forms.forms import FORMS
from cem_core.transport import ConnectionChange, ConnectionState, MeterLine
from cem_core.transport.mqtt_reader import MqttMessage, MqttReader
from custom_components.cem.broker import (
    OnBytes,
    async_subscribe_bytes,
    has_broker,
    on_broker_change,
)
from custom_components.cem.meters.method import Answers, Method, key_of, only_changes

ANY_FORM: Final = "any"  # known by its first message; a meter's own bytes too
JSON_FORMS: Final = (ANY_FORM, *sorted(FORMS))

_TRIED_EVERY_S: Final = 10.0
_WAITING: Final = 1000  # messages; of a meter that says more, what is new is lost
_NO_BROKER: Final = "MQTT is not set up in Home Assistant"
_BROKER_GONE: Final = "the MQTT broker is away"


class MqttMessages:
    """What is said at a topic from now on.

    What the broker kept is left out: it says nothing of now.
    """

    def __init__(
        self, hass: HomeAssistant, answers: Answers, line: MeterLine[MqttMessage]
    ) -> None:
        """Subscribe to nothing yet."""
        self._hass = hass
        self._topic: str = answers["topic"]
        self._on_change = only_changes(line.connection_changed)

    async def stream(self) -> AsyncGenerator[MqttMessage]:
        """Yield messages; wait until MQTT is there."""
        messages: asyncio.Queue[MqttMessage] = asyncio.Queue(_WAITING)

        def heard(topic: str, payload: bytes, retained: bool) -> None:
            if not retained and not messages.full():
                messages.put_nowait(MqttMessage(topic, payload))

        def changed(connected: bool) -> None:
            if not connected:
                self._disconnected(_BROKER_GONE)

        unsubscribe = await self._subscribe(heard)
        while unsubscribe is None:
            await asyncio.sleep(_TRIED_EVERY_S)
            unsubscribe = await self._subscribe(heard)
        unwatch = on_broker_change(self._hass, changed)
        try:
            while True:
                message = await messages.get()
                self._on_change(ConnectionChange(ConnectionState.CONNECTED))
                yield message
        finally:
            unwatch()
            unsubscribe()

    async def _subscribe(self, heard: OnBytes) -> Callable[[], None] | None:
        cause = _NO_BROKER
        if has_broker(self._hass):
            try:
                return await async_subscribe_bytes(self._hass, self._topic, heard)
            except HomeAssistantError as error:
                cause = str(error)
        self._disconnected(cause)
        return None

    def _disconnected(self, cause: str) -> None:
        self._on_change(ConnectionChange(ConnectionState.DISCONNECTED, cause))


def _reader(answers: Answers) -> MqttReader:
    form = answers["form"]
    return MqttReader(
        None if form == ANY_FORM else form,
        key=key_of(answers, "key"),
        auth_key=key_of(answers, "auth_key"),
    )


MQTT: Final = Method(
    name="MQTT", source=MqttMessages, reader=_reader, first_within_s=30
)
