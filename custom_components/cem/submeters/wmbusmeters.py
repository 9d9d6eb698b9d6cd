"""Meters that wmbusmeters hears and publishes by MQTT."""

import asyncio
from collections.abc import Callable
import logging
from typing import Final, override

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

from cem_core.meter.json_forms import wmbusmeters
from cem_core.meter.json_forms.forms import document
from custom_components.cem.broker import OnBytes, async_subscribe_bytes, has_broker
from custom_components.cem.submeters.source import (
    Answers,
    OnResult,
    SlowResult,
    SlowSource,
)

_LOGGER: Final = logging.getLogger(__name__)

MOST_METERS: Final = 32
"""A topic with wildcards may bring the meters of the whole street."""

_TRIED_EVERY_S: Final = 10.0


class WmbusMeters(SlowSource):
    """The meters that are spoken of at one topic.

    A message that the broker kept counts: a counter of yesterday is better than none.
    """

    def __init__(self, hass: HomeAssistant, answers: Answers) -> None:
        """Subscribe to nothing yet."""
        self._hass = hass
        self._topic: str = answers["topic"]
        self._heard: set[str] = set()

    @property
    @override
    def keys(self) -> tuple[str, ...]:
        """None: who is heard is only known then."""
        return ()

    @override
    async def run(self, on_result: OnResult) -> None:
        """Subscribe as soon as MQTT is there."""

        @callback
        def heard(topic: str, payload: bytes, retained: bool) -> None:
            del retained
            if (result := self._result(topic, payload)) is not None:
                on_result(result)

        unsubscribe = await self._subscribe(heard)
        while unsubscribe is None:
            await asyncio.sleep(_TRIED_EVERY_S)
            unsubscribe = await self._subscribe(heard)
        try:
            await asyncio.Event().wait()
        finally:
            unsubscribe()

    async def _subscribe(self, heard: OnBytes) -> Callable[[], None] | None:
        if not has_broker(self._hass):
            return None
        try:
            return await async_subscribe_bytes(self._hass, self._topic, heard)
        except HomeAssistantError as error:
            _LOGGER.debug("No subscription to %s yet: %s", self._topic, error)
            return None

    def _result(self, topic: str, payload: bytes) -> SlowResult | None:
        """Return what a message says; what is none of wmbusmeters is left out."""
        try:
            reading = wmbusmeters.read(document(payload))
        except ValueError as error:
            _LOGGER.debug("A message at %s is not read: %s", topic, error)
            return None
        key = str(reading.meter_id)
        if key not in self._heard and len(self._heard) >= MOST_METERS:
            return None
        self._heard.add(key)
        return SlowResult(key=key, reading=reading)
