"""A battery on an MQTT broker, in a process of its own; Home Assistant discovers it.

`python -m tests.custom_components.conformance.mqtt_device PORT`. It takes a setpoint in
W and a mode, and says what it holds, retained; the broker says that it is gone. What
the broker has taken of it, it prints, one JSON object a line. What it reads makes it do
something: `measure W`, `refuse`, `agree`, `rubbish`.
"""

import json
import sys
from typing import Any, Final

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion

HOST: Final = "127.0.0.1"
_ALIVE: Final = "cellar/status"
_HELD: Final = {"setpoint": "0", "mode": "own"}
_COMMON: Final = {
    "availability_topic": _ALIVE,
    "device": {"identifiers": ["cellar"], "name": "Cellar"},
}
_DISCOVERED: Final[dict[str, dict[str, Any]]] = {
    "number/cellar/setpoint": {
        "command_topic": "cellar/setpoint/set",
        "state_topic": "cellar/setpoint",
        "min": -5000,
        "max": 5000,
        "step": 10,
        "unit_of_measurement": "W",
        "default_entity_id": "number.cellar_setpoint",
    },
    "select/cellar/mode": {
        "command_topic": "cellar/mode/set",
        "state_topic": "cellar/mode",
        "options": ["own", "external"],
        "default_entity_id": "select.cellar_mode",
    },
    "sensor/cellar/power": {
        "state_topic": "cellar/power",
        "unit_of_measurement": "W",
        "device_class": "power",
        "default_entity_id": "sensor.cellar_power",
    },
}


class Battery:
    """What it holds, and what it does."""

    def __init__(self, port: int) -> None:
        """Come to the broker; the thread of its client carries the orders out."""
        self._refuses = False
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.will_set(_ALIVE, "offline", qos=1, retain=True)
        self._client.on_connect = self._connected
        self._client.on_message = self._heard
        self._client.connect(HOST, port)
        self._client.loop_start()

    def _connected(self, *_: object) -> None:
        for name, held in _HELD.items():
            self._client.subscribe([(f"cellar/{name}/set", 1), (f"cellar/{name}", 1)])
            self._say(f"cellar/{name}", held)
        self._say("cellar/power", "0")
        for place, told in _DISCOVERED.items():
            found = told | _COMMON | {"unique_id": place.replace("/", "_")}
            self._say(f"homeassistant/{place}/config", json.dumps(found))
        self._say(_ALIVE, "online")

    def _heard(self, _: object, __: object, message: mqtt.MQTTMessage) -> None:
        name, payload = message.topic.split("/")[1], message.payload.decode()
        if message.topic.endswith("/set"):
            if not self._refuses:
                self._say(f"cellar/{name}", payload)
        elif not message.retain:  # the broker has it, and so has Home Assistant
            told = {"event": "held", "name": name, "value": payload}
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()

    def _say(self, topic: str, payload: str) -> None:
        self._client.publish(topic, payload, qos=1, retain=True)

    def obey(self, line: str) -> None:
        """Do what is read."""
        match line.split():
            case ["measure", power_w]:
                self._say("cellar/power", power_w)
            case ["refuse" | "agree" as verb]:
                self._refuses = verb == "refuse"
            case ["rubbish"]:
                self._say("cellar/power", "much")


def main(port: str) -> None:
    """Be a battery until the input ends."""
    battery = Battery(int(port))
    for line in sys.stdin:
        battery.obey(line)


if __name__ == "__main__":
    main(*sys.argv[1:])
