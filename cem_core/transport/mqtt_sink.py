"""Messages to a broker of somebody else: MQTT 3.1.1 over TLS, quality of service 1."""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass
from pathlib import Path
import ssl
from typing import Final

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cem_core.transport.sink import SinkError

PORT: Final = 8883
_KEEP_ALIVE_S: Final = 30
_ANSWER_WITHIN_S: Final = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttTarget:
    """A broker and a topic; ``ca_file`` where no public authority vouches for it."""

    host: str
    topic: str
    port: int = PORT
    username: str | None = None
    password: str | None = None
    ca_file: Path | None = None


class MqttSink:
    """One connection, made when there is a message, never without TLS.

    A client that did not get an answer is thrown away with what it holds: it would send
    that by itself later, when perhaps nothing may leave any more.
    """

    def __init__(self, target: MqttTarget) -> None:
        """Send to ``target``; connect to nothing yet."""
        self._target = target
        self._link: _Link | None = None

    async def deliver(self, payload: str) -> None:
        """Send and wait for the broker's word. Raises `SinkError`."""
        if self._link is None or not self._link.client.is_connected():
            await self.close()
            self._link = _Link(self._target)
            await self._answered(self._link.connect())
        await self._answered(self._link.publish(payload))

    async def close(self) -> None:
        """Disconnect."""
        link, self._link = self._link, None
        if link is not None:
            link.client.disconnect()
            await asyncio.to_thread(link.client.loop_stop)

    async def _answered(self, asked: Awaitable[str]) -> None:
        try:
            async with asyncio.timeout(_ANSWER_WITHIN_S):
                refused = await asked
        except TimeoutError:
            refused = "no answer"
        except OSError as error:
            refused = str(error) or type(error).__name__
        if refused:
            await self.close()
            raise SinkError(f"{self._target.host}:{self._target.port}: {refused}")


class _Link:
    """A client and what the broker answers it; paho speaks from a thread of its own.

    One thing is asked at a time; the answer is why it was refused, empty: it was not.
    """

    def __init__(self, target: MqttTarget) -> None:
        self._target = target
        self._loop = asyncio.get_running_loop()
        self._answer: asyncio.Future[str] = self._loop.create_future()
        client = mqtt.Client(CallbackAPIVersion.VERSION2, reconnect_on_failure=False)
        client.on_connect = self._connected
        client.on_publish = self._published
        client.on_disconnect = self._lost
        if target.username is not None:
            client.username_pw_set(target.username, target.password)
        self.client = client

    async def connect(self) -> str:
        """Connect and return why the broker refuses. Raises `OSError`."""
        target = self._target
        context = await asyncio.to_thread(_context, target.ca_file)
        self.client.tls_set_context(context)
        await asyncio.to_thread(
            self.client.connect, target.host, target.port, _KEEP_ALIVE_S
        )
        self.client.loop_start()
        return await self._answer

    async def publish(self, payload: str) -> str:
        """Publish and return why the broker did not take it."""
        self._answer = self._loop.create_future()
        sent = self.client.publish(self._target.topic, payload, qos=1)
        if sent.rc != mqtt.MQTT_ERR_SUCCESS:
            return mqtt.error_string(sent.rc)
        return await self._answer

    def _connected(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._say(str(reason) if reason.is_failure else "")

    def _published(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _message: int,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._say(str(reason) if reason.is_failure else "")

    def _lost(
        self,
        _client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.DisconnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        self._say(f"connection lost: {reason}")

    def _say(self, refused: str) -> None:
        self._loop.call_soon_threadsafe(self._decide, refused)

    def _decide(self, refused: str) -> None:
        if not self._answer.done():
            self._answer.set_result(refused)


def _context(ca_file: Path | None) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)
