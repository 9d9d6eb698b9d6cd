"""Listen to the devices themselves, on the broker they publish to."""

import asyncio
from dataclasses import dataclass
import json
import time
from typing import Any, Final

from paho.mqtt.client import Client, MQTTMessage
from paho.mqtt.enums import CallbackAPIVersion

from script.rig.waiting import until

HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Publication:
    """One message, and when it came."""

    at: float
    topic: str
    payload: str


class TopicListener:
    """Keeps what was published below a prefix; publishes faults."""

    def __init__(self, port: int, prefix: str) -> None:
        self.port = port
        self.prefix = prefix
        self.publications: list[Publication] = []
        self.last: dict[str, str] = {}
        self._client = Client(CallbackAPIVersion.VERSION2)
        self._loop = asyncio.get_running_loop()

    async def start(self) -> None:
        """Connect; reconnecting is the client's own business."""
        self._client.on_connect = lambda client, *_: client.subscribe(
            f"{self.prefix}/#"
        )
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(min_delay=1, max_delay=2)
        self._client.connect_async(HOST, self.port)
        self._client.loop_start()
        await until("the broker to accept", self._client.is_connected, within_s=10)

    async def stop(self) -> None:
        """Hang up."""
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def number(self, topic: str) -> float | None:
        """Return the last number on a topic below the prefix."""
        payload = self.last.get(f"{self.prefix}/{topic}")
        return None if payload is None else float(payload)

    def since(self, moment: float, topic: str) -> list[tuple[float, float]]:
        """Return (when, number) of what came on a topic after a moment."""
        return [
            (publication.at, float(publication.payload))
            for publication in self.publications
            if publication.at > moment and publication.topic == f"{self.prefix}/{topic}"
        ]

    def publish(self, topic: str, payload: str | dict[str, Any]) -> None:
        """Publish below the prefix."""
        text = payload if isinstance(payload, str) else json.dumps(payload)
        self._client.publish(f"{self.prefix}/{topic}", text, qos=1)

    def _on_message(self, _client: Client, _data: object, message: MQTTMessage) -> None:
        # The client's own thread: hand over to the loop.
        publication = Publication(
            at=time.monotonic(),
            topic=message.topic,
            payload=message.payload.decode(errors="replace"),
        )
        self._loop.call_soon_threadsafe(self._add, publication)

    def _add(self, publication: Publication) -> None:
        self.publications.append(publication)
        self.last[publication.topic] = publication.payload
