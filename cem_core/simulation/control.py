"""Orders a fault from a running simulator over MQTT."""

from collections.abc import Mapping
from dataclasses import dataclass
import json
import threading
from typing import Final, Self
from urllib.parse import urlsplit

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

DEFAULT_PORT: Final = 1883
ANSWER_WITHIN_S: Final = 5.0


class ControlError(Exception):
    """The simulator could not be reached or did not take the order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a simulator listens: ``mqtt://[user:password@]host[:port]/prefix``."""

    host: str
    port: int
    prefix: str
    username: str | None = None
    password: str | None = None

    @classmethod
    def parse(cls, url: str) -> Self:
        """Return the address in ``url``, or raise ValueError."""
        parts = urlsplit(url)
        prefix = parts.path.strip("/")
        if parts.scheme != "mqtt" or not parts.hostname or not prefix:
            raise ValueError(f"{url!r}: mqtt://host:port/prefix is expected")
        return cls(
            host=parts.hostname,
            port=parts.port or DEFAULT_PORT,
            prefix=prefix,
            username=parts.username,
            password=parts.password,
        )


def order(address: Address, fault: Mapping[str, object]) -> Mapping[str, object]:
    """Send ``fault`` and return the simulator's answer.

    Raises `ControlError` when there is no broker, no answer, or a refusal.
    """
    answered = threading.Event()
    answers: list[bytes] = []

    def on_subscribe(client: mqtt.Client, *_: object) -> None:
        client.publish(f"{address.prefix}/fault", json.dumps(fault), qos=1)

    def on_message(_client: mqtt.Client, _data: object, got: mqtt.MQTTMessage) -> None:
        answers.append(bytes(got.payload))
        answered.set()

    client = mqtt.Client(CallbackAPIVersion.VERSION2)
    if address.username is not None:
        client.username_pw_set(address.username, address.password)
    client.on_connect = lambda c, *_: c.subscribe(f"{address.prefix}/fault/answer")
    client.on_subscribe = on_subscribe
    client.on_message = on_message
    try:
        client.connect(address.host, address.port)
    except OSError as error:
        where = f"{address.host}:{address.port}"
        raise ControlError(f"no MQTT broker at {where}: {error}") from error
    client.loop_start()
    answered.wait(ANSWER_WITHIN_S)
    client.disconnect()
    client.loop_stop()
    if not answers:
        raise ControlError(f"no simulator answers on {address.prefix}/fault")
    answer: Mapping[str, object] = json.loads(answers[0])
    if not answer.get("accepted"):
        raise ControlError(str(answer.get("reason")))
    return answer
