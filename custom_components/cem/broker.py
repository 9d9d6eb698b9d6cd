"""Home Assistant's own MQTT client, where it is set up: no dependency of ours."""

from collections.abc import Callable
import logging
from typing import Final

from homeassistant.core import HomeAssistant, callback
from homeassistant.exceptions import HomeAssistantError

_LOGGER: Final = logging.getLogger(__name__)
_MQTT: Final = "mqtt"


def has_broker(hass: HomeAssistant) -> bool:
    """Tell whether MQTT is set up."""
    return _MQTT in hass.config.components


async def async_publish(
    hass: HomeAssistant,
    topic: str,
    payload: str,
    *,
    retain: bool = False,
    qos: int = 1,
) -> bool:
    """Give a message to the broker; tell whether it was taken."""
    if not hass.services.has_service(_MQTT, "publish"):
        return False
    message = {"topic": topic, "payload": payload, "qos": qos, "retain": retain}
    try:
        await hass.services.async_call(_MQTT, "publish", message, blocking=True)
    except HomeAssistantError as error:
        _LOGGER.warning("The broker did not take a message at %s: %s", topic, error)
        return False
    return True


type OnMessage = Callable[[str, str, bool], None]  # topic, payload, retained


async def async_subscribe(
    hass: HomeAssistant, topic: str, on_message: OnMessage
) -> Callable[[], None]:
    """Call ``on_message`` in the event loop with what comes; return how to end it.

    Raises `HomeAssistantError` where MQTT is not set up or cannot be used.
    """
    # It imports its client library: only where it is set up, and so loaded.
    from homeassistant.components import mqtt  # noqa: PLC0415

    @callback
    def received(message: mqtt.ReceiveMessage) -> None:
        on_message(message.topic, str(message.payload), message.retain)

    return await mqtt.async_subscribe(hass, topic, received, qos=1)


type OnBytes = Callable[[str, bytes, bool], None]  # topic, payload, retained


async def async_subscribe_bytes(
    hass: HomeAssistant, topic: str, on_message: OnBytes
) -> Callable[[], None]:
    """Do as `async_subscribe` does, with payloads as they came: no text at all."""
    from homeassistant.components import mqtt  # noqa: PLC0415 - as above

    @callback
    def received(message: mqtt.ReceiveMessage) -> None:
        payload = message.payload
        raw = payload.encode() if isinstance(payload, str) else bytes(payload)
        on_message(message.topic, raw, message.retain)

    return await mqtt.async_subscribe(hass, topic, received, qos=0, encoding=None)


def on_broker_change(
    hass: HomeAssistant, changed: Callable[[bool], None]
) -> Callable[[], None]:
    """Call ``changed`` when the broker comes or goes; return how to end it."""
    from homeassistant.components import mqtt  # noqa: PLC0415 - as above

    return mqtt.async_subscribe_connection_status(hass, callback(changed))
