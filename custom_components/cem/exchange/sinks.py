"""Where publications go: an HTTPS server, a broker of others, Home Assistant's own."""

from collections.abc import Mapping
from pathlib import Path
import ssl
from typing import Any, Final
from urllib.parse import urlsplit

import aiohttp
from homeassistant.core import HomeAssistant
from homeassistant.helpers.aiohttp_client import async_get_clientsession
from homeassistant.requirements import RequirementsNotFound, async_process_requirements

from cem_core.transport.sink import Sink, SinkError
from custom_components.cem.broker import async_publish, has_broker
from custom_components.cem.const import DOMAIN

_MQTT_REQUIREMENTS: Final = ("paho-mqtt==2.1.0",)  # Home Assistant's own pin
_WITHIN: Final = aiohttp.ClientTimeout(total=10)
_ACCEPTED: Final = range(200, 300)
HOME_BROKER, HTTPS, MQTTS = "mqtt", "https", "mqtts"


def is_endpoint(text: str) -> bool:
    """Tell whether messages can be sent to ``text``, and only as they may be."""
    try:
        url = urlsplit(text)
        has_port = url.port is None or url.port > 0
    except ValueError:
        return False
    if url.username or url.password or not text.isprintable() or " " in text:
        return False  # a secret has a field of its own, which is not shown
    topic = url.path.strip("/")
    topical = bool(topic) and not set("+#") & set(text)
    match url.scheme:
        case "https":
            return bool(url.hostname) and has_port
        case "mqtts":
            return bool(url.hostname) and has_port and topical
        case "mqtt":  # of Home Assistant's own broker: a topic, no host
            return not url.netloc and topical
        case _:
            return False


async def async_sink(hass: HomeAssistant, answers: Mapping[str, Any]) -> Sink:
    """Return where a publication goes. Raises `SinkError`."""
    endpoint: str = answers["endpoint"]
    url = urlsplit(endpoint)
    secret: str | None = answers.get("secret")
    ca_file = answers.get("ca_file")
    if url.scheme == HOME_BROKER:
        return HomeBrokerSink(hass, url.path.strip("/"))
    if url.scheme == HTTPS:
        context = await _context(hass, ca_file)
        return HttpsSink(async_get_clientsession(hass), endpoint, secret, context)
    try:
        await async_process_requirements(
            hass, DOMAIN, list(_MQTT_REQUIREMENTS), is_built_in=False
        )
    except RequirementsNotFound as error:
        raise SinkError(f"the package for MQTT cannot be installed: {error}") from error
    # It is not there until it is asked for.
    from cem_core.transport.mqtt_sink import PORT, MqttSink, MqttTarget  # noqa: PLC0415

    return MqttSink(
        MqttTarget(
            host=url.hostname or "",
            port=url.port or PORT,
            topic=url.path.strip("/"),
            username=answers.get("username"),
            password=secret,
            ca_file=None if ca_file is None else Path(ca_file),
        )
    )


async def _context(hass: HomeAssistant, ca_file: str | None) -> ssl.SSLContext | bool:
    """Return who vouches for the server: the public authorities, or a file."""
    if ca_file is None:
        return True
    try:
        return await hass.async_add_executor_job(_of_file, ca_file)
    except OSError as error:  # ssl.SSLError is one
        raise SinkError(f"{ca_file}: {error}") from error


def _of_file(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


class HttpsSink:
    """Posts each message; what is not answered with 2xx was not delivered."""

    def __init__(
        self,
        session: aiohttp.ClientSession,
        url: str,
        token: str | None,
        context: ssl.SSLContext | bool = True,
    ) -> None:
        """Post to ``url``, with a bearer token where there is one."""
        self._session = session
        self._url = url
        self._headers = {"Content-Type": "application/json"}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"
        self._context = context

    async def deliver(self, payload: str) -> None:
        """Post and wait for the answer. Raises `SinkError`."""
        try:
            async with self._session.post(
                self._url,
                data=payload.encode(),
                headers=self._headers,
                ssl=self._context,
                timeout=_WITHIN,
                # Nobody agreed to the place that it would be sent on to.
                allow_redirects=False,
            ) as answer:
                status = answer.status
        except (aiohttp.ClientError, TimeoutError) as error:
            raise SinkError(str(error) or type(error).__name__) from error
        if status not in _ACCEPTED:
            raise SinkError(f"the server answers {status}")

    async def close(self) -> None:
        """Leave the session, which is Home Assistant's, as it is."""


class HomeBrokerSink:
    """Home Assistant's own MQTT broker."""

    def __init__(self, hass: HomeAssistant, topic: str) -> None:
        """Publish at ``topic``."""
        self._hass = hass
        self._topic = topic

    async def deliver(self, payload: str) -> None:
        """Publish. Raises `SinkError`."""
        if not has_broker(self._hass):
            raise SinkError("MQTT is not set up")
        # It imports its client library: only where it is set up, and so loaded.
        from homeassistant.components import mqtt  # noqa: PLC0415

        # While it is not connected, the client would keep the message and send it
        # later by itself, allowed or not.
        if not mqtt.is_connected(self._hass):
            raise SinkError("the broker is not connected")
        if not await async_publish(self._hass, self._topic, payload):
            raise SinkError("the broker did not take the message")

    async def close(self) -> None:
        """Leave the client, which is Home Assistant's, as it is."""
