"""Meters that are heard by Home Assistant's own MQTT client."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from dataclasses import dataclass
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError

from cem_core.meter import TelegramError
from cem_core.meter.json_forms.forms import FormReader
from cem_core.model import Reading
from cem_core.transport import ConnectionChange, ConnectionState, OnChange
from custom_components.cem.broker import (
    OnBytes,
    async_subscribe_bytes,
    has_broker,
    on_broker_change,
)
from custom_components.cem.meters.method import Method

_TRIED_EVERY_S: Final = 10.0
_WAITING: Final = 1000  # messages; of a meter that says more, what is new is lost
_NO_BROKER: Final = "MQTT is not set up in Home Assistant"
_BROKER_GONE: Final = "the MQTT broker is away"


@dataclass(frozen=True, slots=True)
class Heard:
    """One message."""

    topic: str
    payload: bytes

    def __len__(self) -> int:
        """Return how many bytes it says."""
        return len(self.payload)


class MqttMessages:
    """What is said at a topic from now on.

    What the broker kept is left out: it says nothing of now.
    """

    def __init__(self, hass: HomeAssistant, topic: str, on_change: OnChange) -> None:
        """Subscribe to nothing yet."""
        self._hass = hass
        self._topic = topic
        self._on_change = on_change

    async def stream(self) -> AsyncGenerator[Heard]:
        """Yield messages; wait until MQTT is there."""
        messages: asyncio.Queue[Heard] = asyncio.Queue(_WAITING)

        def heard(topic: str, payload: bytes, retained: bool) -> None:
            if not retained and not messages.full():
                messages.put_nowait(Heard(topic, payload))

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


class MqttBytes:
    """A meter's bytes as they are, in messages of any cut."""

    def __init__(self, hass: HomeAssistant, topic: str, on_change: OnChange) -> None:
        """Subscribe to nothing yet."""
        self._messages = MqttMessages(hass, topic, on_change)

    async def stream(self) -> AsyncGenerator[bytes]:
        """Yield each message's payload."""
        async with aclosing(self._messages.stream()) as messages:
            async for message in messages:
                yield message.payload


class _Reader:
    """A `PieceReader` of messages in one of the JSON forms."""

    def __init__(self, form: str) -> None:
        self._reader = FormReader(form)
        self._last = ""

    def feed(self, piece: Heard, /) -> list[Reading | TelegramError]:
        """Return what ``piece`` completes."""
        self._last = piece.topic
        return self._reader.feed(piece.topic, piece.payload)

    def finish(self) -> list[Reading | TelegramError]:
        """Return what is left, and start anew."""
        return self._reader.finish()

    def hint(self) -> str:
        """Return what was heard."""
        return f"messages at {self._last}, but no values in them"


JSON_FORMS: Final = (
    "dsmr_reader",
    "esphome",
    "ams2mqtt",
    "tasmota",
    "glow",
    "shelly_em",
    "zigbee2mqtt",
    "tibber",
)
MQTT_JSON: Final = Method(
    name="MQTT",
    source=lambda hass, answers, on_change: MqttMessages(
        hass, answers["topic"], on_change
    ),
    reader=lambda answers: _Reader(answers["form"]),
    first_within_s=30,
)
