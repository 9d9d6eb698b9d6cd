"""Messages from an MQTT broker, outside Home Assistant (which has its own client).

Retained messages are left out: they may be hours old, and a meter speaks again soon.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path
import ssl
from typing import Final, Self
from urllib.parse import unquote, urlsplit

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cem_core.transport.backoff import Backoff
from cem_core.transport.mqtt_reader import MqttMessage
from cem_core.transport.source import ConnectionChange, ConnectionState, OnChange
from cem_core.transport.stream import reason

_KEEP_ALIVE_S: Final = 20
_CONNECT_S: Final = 5.0
_WAITING: Final = 1000  # messages that a slow reader has not taken yet


def _ignore(_: ConnectionChange) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MqttAddress:
    """Where a broker is and what is read there; ``topic`` may have wildcards.

    ``ca_file`` names the certificates to trust instead of the system's.
    """

    host: str
    topic: str
    port: int = 1883
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca_file: Path | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the address in ``mqtt[s]://[user:password@]host[:port]/topic``.

        Raises ValueError, which does not repeat the password.
        """
        expected = "expected mqtt://host:port/topic, or mqtts:// for TLS"
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError as error:
            raise ValueError(f"no MQTT address: {expected}") from error
        # A wildcard # looks like a fragment.
        topic = unquote(url.partition("://")[2].partition("/")[2])
        if parts.scheme not in ("mqtt", "mqtts") or not parts.hostname or not topic:
            raise ValueError(f"no MQTT address: {expected}")
        tls = parts.scheme == "mqtts"
        user, password = parts.username, parts.password
        return cls(
            host=parts.hostname,
            topic=topic,
            port=(8883 if tls else 1883) if port is None else port,
            username=None if user is None else unquote(user),
            password=None if password is None else unquote(password),
            tls=tls,
        )


@dataclass(slots=True, kw_only=True)
class MqttSource:
    """Subscribes, and connects again for as long as it is iterated.

    No message for ``silence_s`` is silence; the connection, which the broker and the
    client watch by themselves, stays. ``dropped`` counts messages that nobody took.
    """

    address: MqttAddress
    silence_s: float = 60.0
    backoff: Backoff = field(default_factory=Backoff)
    on_change: OnChange = _ignore
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    state: ConnectionState = field(default=ConnectionState.DISCONNECTED, init=False)
    cause: str = field(default="not started", init=False)
    dropped: int = field(default=0, init=False)

    async def stream(self) -> AsyncGenerator[MqttMessage]:
        """Yield messages until the consumer stops."""
        delays = self.backoff.delays()
        try:
            while True:
                async with aclosing(self._connection()) as messages:
                    async for message in messages:
                        delays = self.backoff.delays()
                        yield message
                await self.sleep(next(delays))
        finally:
            self._change(ConnectionState.DISCONNECTED, "stopped")

    async def _connection(self) -> AsyncGenerator[MqttMessage]:
        """Yield the messages of one connection; none when it cannot be made."""
        session = _Session(self.address, asyncio.get_running_loop(), self._drop)
        try:
            await asyncio.to_thread(session.connect)
            async with aclosing(self._read(session)) as messages:
                async for message in messages:
                    yield message
        except OSError as error:  # what TLS refuses is one
            self._change(ConnectionState.DISCONNECTED, reason(error))
        except ValueError as error:
            where = f"{self.address.host}:{self.address.port}"
            self._change(ConnectionState.DISCONNECTED, f"{where}: {error}")
        finally:
            await asyncio.shield(asyncio.to_thread(session.close))

    async def _read(self, session: _Session) -> AsyncGenerator[MqttMessage]:
        while True:
            try:
                async with asyncio.timeout(self.silence_s):
                    came = await session.came.get()
            except TimeoutError:
                cause = f"no message on {self.address.topic} for {self.silence_s:g} s"
                self._change(ConnectionState.SILENT, cause)
                continue
            if isinstance(came, str):
                self._change(ConnectionState.DISCONNECTED, came)
                return
            self._change(ConnectionState.CONNECTED)
            yield came

    def _drop(self) -> None:
        self.dropped += 1

    def _change(self, state: ConnectionState, cause: str = "") -> None:
        known = (self.state, self.cause)
        self.state, self.cause = state, cause
        if known != (state, cause):
            self.on_change(ConnectionChange(state, cause))


class _Session:
    """One connection: paho's thread on one side, a queue of the loop on the other."""

    def __init__(
        self,
        address: MqttAddress,
        loop: asyncio.AbstractEventLoop,
        on_drop: Callable[[], None],
    ) -> None:
        self.came: asyncio.Queue[MqttMessage | str] = asyncio.Queue(_WAITING)
        """Messages, and why there are no more."""
        self._address = address
        self._loop = loop
        self._on_drop = on_drop
        self._client = client = mqtt.Client(
            CallbackAPIVersion.VERSION2, reconnect_on_failure=False
        )
        client.connect_timeout = _CONNECT_S
        if address.username is not None:
            client.username_pw_set(address.username, address.password)
        client.on_connect = self._on_connect
        client.on_subscribe = self._on_subscribe
        client.on_message = self._on_message
        client.on_disconnect = self._on_disconnect

    def connect(self) -> None:
        """Connect and start the thread. Blocks; raises OSError, ValueError."""
        address = self._address
        if address.tls:
            context = ssl.create_default_context(cafile=address.ca_file)
            self._client.tls_set_context(context)
        self._client.connect(address.host, address.port, _KEEP_ALIVE_S)
        self._client.loop_start()

    def close(self) -> None:
        """End the connection and the thread. Blocks."""
        self._client.disconnect()
        self._client.loop_stop()

    def _on_connect(
        self, client: mqtt.Client, _d: object, _f: object, code: ReasonCode, *_: object
    ) -> None:
        if code.is_failure:
            self._tell(f"the broker refuses: {code}")
        else:
            client.subscribe(self._address.topic)

    def _on_subscribe(
        self, _c: mqtt.Client, _d: object, _m: int, codes: list[ReasonCode], *_: object
    ) -> None:
        if any(code.is_failure for code in codes):
            self._tell(f"the broker refuses to let {self._address.topic} be read")

    def _on_message(self, _c: mqtt.Client, _d: object, got: mqtt.MQTTMessage) -> None:
        if not got.retain:
            self._tell(MqttMessage(got.topic, bytes(got.payload)))

    def _on_disconnect(
        self,
        _c: mqtt.Client,
        _d: object,
        _f: object,
        code: ReasonCode,
        _p: Properties | None,
    ) -> None:
        self._tell(f"the broker has gone: {code}")

    def _tell(self, what: MqttMessage | str) -> None:
        with suppress(RuntimeError):  # the loop has been closed
            self._loop.call_soon_threadsafe(self._put, what)

    def _put(self, what: MqttMessage | str) -> None:
        if self.came.full():
            self.came.get_nowait()
            self._on_drop()
        self.came.put_nowait(what)
