"""Over a real broker: what an outside program sees and orders."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
import json

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
import pytest

from cem_core.simulation.config import MqttSetup
from cem_core.simulation.control import Address, ControlError, order
from cem_core.simulation.mqtt_bridge import BrokerError
from cem_core.simulation.simulator import Simulator, scaled_clock
from cem_core.simulation.states import states
from tests.cem_core.simulation.conftest import NewHome


class Client:
    """A program on the other side of the broker."""

    def __init__(self, broker: MqttSetup) -> None:
        self.seen: dict[str, list[str]] = {}
        self.retained: set[str] = set()
        self._client = mqtt.Client(CallbackAPIVersion.VERSION2)
        self._client.on_connect = lambda client, *_: client.subscribe("#")
        self._client.on_message = self._on_message
        self._client.connect(broker.host, broker.port)
        self._client.loop_start()

    def _on_message(self, _: object, __: object, message: mqtt.MQTTMessage) -> None:
        self.seen.setdefault(message.topic, []).append(message.payload.decode())
        if message.retain:
            self.retained.add(message.topic)

    def last(self, topic: str) -> str:
        return self.seen.get(topic, [""])[-1]

    def send(self, topic: str, payload: str) -> None:
        self._client.publish(topic, payload, qos=1)

    def close(self) -> None:
        self._client.disconnect()
        self._client.loop_stop()


async def until(true: Callable[[], object], seconds: float = 10) -> None:
    async with asyncio.timeout(seconds):
        while not true():  # noqa: ASYNC110 (it is fed from paho's thread)
            await asyncio.sleep(0.02)


def hours_of(attributes: str) -> float:
    """Return how many hours a price's forecast spans."""
    forecast = json.loads(attributes)["forecast"]
    first, last = forecast[0]["start"], forecast[-1]["end"]
    span = datetime.fromisoformat(last) - datetime.fromisoformat(first)
    return span.total_seconds() / 3600


@asynccontextmanager
async def played(
    new_home: NewHome, broker: MqttSetup, speed: float = 10
) -> AsyncIterator[tuple[Simulator, Client]]:
    start = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
    simulator = Simulator(
        new_home(start, mqtt=broker), clock=scaled_clock(start, speed), speed=speed
    )
    stop = asyncio.Event()
    await simulator.start()
    running = asyncio.create_task(simulator.run(stop))
    client = Client(broker)
    try:
        await until(lambda: "cem_test/battery/power" in client.seen)
        yield simulator, client
    finally:
        stop.set()
        await running
        await simulator.stop()
        client.close()


async def test_a_setpoint_is_followed_by_power(
    new_home: NewHome, broker: MqttSetup
) -> None:
    async with played(new_home, broker) as (_, client):
        client.send("cem_test/battery/mode/set", "external")
        client.send("cem_test/battery/setpoint/set", "-3000")
        await until(lambda: client.last("cem_test/battery/power") == "-3000")
        assert client.last("cem_test/battery/mode") == "external"
        assert client.last("cem_test/battery/setpoint") == "-3000"


async def test_an_order_out_of_range_changes_nothing_and_is_told(
    new_home: NewHome, broker: MqttSetup
) -> None:
    async with played(new_home, broker) as (simulator, client):
        client.send("cem_test/charger/current/set", "20")
        await until(lambda: client.last("cem_test/charger/refused"))
        refusal = json.loads(client.last("cem_test/charger/refused"))
        assert refusal["reason"] == "20 A is outside 6 to 16 A"
        assert simulator.home.charger is not None
        assert simulator.home.charger.current_limit_a == 16


async def test_who_comes_later_still_finds_the_entities(
    new_home: NewHome, broker: MqttSetup
) -> None:
    async with played(new_home, broker):
        late = Client(broker)
        topic = "homeassistant/number/cem_test/home_battery_setpoint/config"
        try:
            await until(lambda: topic in late.retained)
            await until(lambda: late.last("cem_test/status") == "online")
            prices = "cem_test/tariff/import_price/attributes"
            await until(lambda: prices in late.retained)
            assert hours_of(late.last(prices)) == 24
            # What does not change is said again every few seconds.
            await until(lambda: late.last("cem_test/solar/limit") == "6000")
        finally:
            late.close()


async def test_it_says_everything_again_when_home_assistant_starts(
    new_home: NewHome, broker: MqttSetup
) -> None:
    async with played(new_home, broker) as (_, client):
        topic = "cem_test/tariff/export_price/attributes"
        await until(lambda: topic in client.seen)
        before = len(client.seen[topic])
        client.send("homeassistant/status", "online")
        await until(lambda: len(client.seen[topic]) > before)


async def test_good_bye_is_said(new_home: NewHome, broker: MqttSetup) -> None:
    async with played(new_home, broker):
        pass
    client = Client(broker)
    try:
        await until(lambda: client.last("cem_test/status") == "offline")
    finally:
        client.close()


async def test_a_disconnected_device_is_unavailable_and_deaf(
    new_home: NewHome, broker: MqttSetup
) -> None:
    async with played(new_home, broker) as (simulator, client):
        fault = {"fault": "disconnect", "device": "charger", "seconds": 30}
        client.send("cem_test/fault", json.dumps(fault))
        topic = "cem_test/charger/availability"
        await until(lambda: client.last(topic) == "offline")
        client.send("cem_test/charger/enabled/set", "OFF")
        await until(lambda: client.last(topic) == "online")
        assert simulator.home.charger is not None
        assert simulator.home.charger.enabled


async def test_a_silent_device_says_nothing(
    new_home: NewHome, broker: MqttSetup
) -> None:
    async with played(new_home, broker) as (_, client):
        fault = {"fault": "silence", "device": "battery", "seconds": 600}
        client.send("cem_test/fault", json.dumps(fault))
        await until(lambda: client.last("cem_test/fault/answer"))
        said = len(client.seen["cem_test/battery/power"])
        others = len(client.seen["cem_test/charger/power"])
        await until(lambda: len(client.seen["cem_test/charger/power"]) > others + 3)
        assert len(client.seen["cem_test/battery/power"]) == said


async def test_in_a_price_gap_the_price_is_unknown_and_comes_back(
    new_home: NewHome, broker: MqttSetup
) -> None:
    async with played(new_home, broker) as (_, client):
        price = "cem_test/tariff/import_price"
        await until(lambda: client.last(f"{price}/attributes"))
        before = client.last(f"{price}/attributes")
        fault = {"fault": "price_gap", "seconds": 30}
        client.send("cem_test/fault", json.dumps(fault))
        await until(lambda: client.last(price) == "None")
        await until(lambda: client.last(f"{price}/attributes") != before)
        assert hours_of(client.last(f"{price}/attributes")) == 12
        await until(lambda: client.last(f"{price}/attributes") == before)
        await until(lambda: float(client.last(price)) > 0)


async def test_a_silent_supplier_publishes_nothing_new(
    new_home: NewHome, broker: MqttSetup
) -> None:
    async with played(new_home, broker) as (simulator, client):
        topic = "cem_test/tariff/export_price/attributes"
        weather = "cem_test/weather/outdoor_temperature/attributes"
        await until(lambda: topic in client.seen and weather in client.seen)
        answers = "cem_test/fault/answer"
        fault = {"fault": "silence", "device": "tariff", "seconds": 600}
        client.send("cem_test/fault", json.dumps(fault))
        # What was said before the answer was said before the silence.
        await until(lambda: answers in client.seen)
        said, seen = len(client.seen[topic]), len(client.seen[weather])
        # A change, which a supplier that spoke would have to tell.
        client.send("cem_test/fault", json.dumps(fault | {"fault": "price_gap"}))
        await until(lambda: len(client.seen[answers]) > 1)
        await until(lambda: len(client.seen[weather]) > seen)
        assert len(client.seen[topic]) == said
        assert "import_price" not in {key for _, key in states(simulator.home)}


@pytest.mark.parametrize("payload", ["not json", "[]", '{"fault": "flood"}', "\ufffd"])
async def test_a_bad_fault_is_answered_and_harms_nothing(
    new_home: NewHome, broker: MqttSetup, payload: str
) -> None:
    async with played(new_home, broker) as (_, client):
        client.send("cem_test/fault", payload)
        await until(lambda: client.last("cem_test/fault/answer"))
        answer = json.loads(client.last("cem_test/fault/answer"))
        assert answer["accepted"] is False
        said = len(client.seen["cem_test/battery/power"])
        await until(lambda: len(client.seen["cem_test/battery/power"]) > said)


async def test_a_fault_is_ordered_by_url(new_home: NewHome, broker: MqttSetup) -> None:
    address = Address.parse(f"mqtt://127.0.0.1:{broker.port}/cem_test")
    fault = {"fault": "unplug"}
    async with played(new_home, broker) as (_, client):
        answer = await asyncio.to_thread(order, address, fault)
        assert answer["device"] == "charger"
        await until(lambda: client.last("cem_test/charger/plugged") == "OFF")
        with pytest.raises(ControlError, match="device: stuck befalls"):
            await asyncio.to_thread(
                order, address, {"fault": "stuck", "device": "meter"}
            )


async def test_without_a_broker_the_start_fails_with_its_address(
    new_home: NewHome, broker: MqttSetup
) -> None:
    start = datetime(2026, 11, 25, 11, 0, tzinfo=UTC)
    nowhere = replace(broker, port=1)
    simulator = Simulator(new_home(start, mqtt=nowhere), clock=scaled_clock(start, 1))
    with pytest.raises(BrokerError, match=r"no MQTT broker at 127\.0\.0\.1:1"):
        await simulator.start()
