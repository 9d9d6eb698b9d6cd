"""The devices' side of MQTT: discovery, states, orders and faults."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
import json
import logging
from typing import Final

from paho.mqtt import client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from cem_core.model import Interval
from cem_core.simulation.config import MqttSetup
from cem_core.simulation.discovery import OFFLINE, ONLINE, availability_topic, discovery
from cem_core.simulation.entities import entities_of
from cem_core.simulation.faults import HOUSE, PRICES, Fault, FaultError, order_from_json
from cem_core.simulation.forecasts import outdoor_forecast, prices, solar_forecast
from cem_core.simulation.home import Home
from cem_core.simulation.orders import RefusedError, obey
from cem_core.simulation.registers import quarter_of
from cem_core.simulation.states import states

_LOGGER: Final = logging.getLogger(__name__)
# Every state is said again after this time, changed or not.
SAY_AGAIN_S: Final = 5.0
KEEP_ALIVE_S: Final = 20
ANSWER_WITHIN_S: Final = 10.0


class BrokerError(OSError):
    """No broker where HOME.yaml says there is one."""


class MqttBridge:
    """Everything that goes over MQTT; used from one event loop only.

    paho runs its own thread; what arrives is handed to the loop at once.
    """

    def __init__(self, setup: MqttSetup, home: Home) -> None:
        """Prepare to speak for ``home``."""
        self._setup = setup
        self._home = home
        self._entities = entities_of(home)
        self._devices = tuple(sorted({entity.device for entity in self._entities}))
        self._said: dict[str, str] = {}
        self._said_at = float("-inf")
        self._forecasts_for: tuple[datetime, bool, frozenset[str]] | None = None
        self._client = self._new_client()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._answer: asyncio.Future[str] | None = None

    async def start(self) -> None:
        """Connect; raises `BrokerError` when there is no broker."""
        self._loop = asyncio.get_running_loop()
        answer: asyncio.Future[str] = self._loop.create_future()
        self._answer = answer
        setup = self._setup
        where = f"{setup.host}:{setup.port}"
        try:
            await asyncio.to_thread(
                self._client.connect, setup.host, setup.port, KEEP_ALIVE_S
            )
        except OSError as error:
            raise BrokerError(f"no MQTT broker at {where}: {error}") from error
        self._client.loop_start()
        try:
            async with asyncio.timeout(ANSWER_WITHIN_S):
                refused = await answer
        except TimeoutError as error:
            await asyncio.to_thread(self._client.loop_stop)
            raise BrokerError(f"no answer from the MQTT broker at {where}") from error
        if refused:
            await asyncio.to_thread(self._client.loop_stop)
            raise BrokerError(f"the MQTT broker at {where} refuses: {refused}")

    async def stop(self) -> None:
        """Say good-bye as a device that is switched off cannot."""
        status = self._client.publish(f"{self._setup.prefix}/status", OFFLINE, 1, True)
        if self._client.is_connected():
            await asyncio.to_thread(status.wait_for_publish, 2)
        self._client.disconnect()
        await asyncio.to_thread(self._client.loop_stop)

    def publish(self) -> None:
        """Say what has changed, and everything again from time to time."""
        if self._loop is None or not self._client.is_connected():
            return
        time_s = self._loop.time()
        if time_s - self._said_at >= SAY_AGAIN_S:
            self._said_at = time_s
            self._said = {
                topic: payload
                for topic, payload in self._said.items()
                if topic.endswith("/availability")
            }
        self._publish_availability()
        for (device, key), payload in states(self._home).items():
            self._say(f"{self._setup.prefix}/{device}/{key}", payload)
        self._publish_forecasts()

    def _say(self, topic: str, payload: str, *, retain: bool = False) -> None:
        if self._said.get(topic) != payload:
            self._said[topic] = payload
            self._client.publish(topic, payload, qos=1 if retain else 0, retain=retain)

    def _publish_availability(self) -> None:
        home = self._home
        for device in self._devices:
            gone = home.faults.absent(device, home.now)
            topic = availability_topic(self._setup.prefix, device)
            self._say(topic, OFFLINE if gone else ONLINE, retain=True)

    def _publish_forecasts(self) -> None:
        home = self._home
        gap = home.faults.active(Fault.PRICE_GAP, PRICES, home.now)
        silent = frozenset(
            device
            for device in self._devices
            if home.faults.active(Fault.SILENCE, device, home.now)
        )
        silent |= {d for d in self._devices if home.faults.absent(d, home.now)}
        if home.faults.active(Fault.INTERNET_OUT, HOUSE, home.now):
            silent |= {"solar"}  # its forecast comes from outside
        now_for = (quarter_of(home.now), gap, silent)
        if now_for == self._forecasts_for:
            return
        self._forecasts_for = now_for
        load = home.setup.load
        forecasts = {
            ("tariff", "import_price"): prices(home, load.import_price),
            ("tariff", "export_price"): prices(home, load.export_price),
            ("weather", "outdoor_temperature"): outdoor_forecast(home),
        }
        if home.solar is not None:
            forecasts["solar", "forecast"] = solar_forecast(home)
        for (device, key), intervals in forecasts.items():
            if device in silent:
                continue
            topic = f"{self._setup.prefix}/{device}/{key}/attributes"
            payload = attributes(intervals)
            self._client.publish(topic, payload, qos=1, retain=True)

    def _new_client(self) -> mqtt.Client:
        client = mqtt.Client(CallbackAPIVersion.VERSION2)
        prefix = self._setup.prefix
        client.will_set(f"{prefix}/status", OFFLINE, qos=1, retain=True)
        if self._setup.username is not None:
            client.username_pw_set(self._setup.username, self._setup.password)
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        return client

    def _on_connect(
        self,
        client: mqtt.Client,
        _userdata: object,
        _flags: mqtt.ConnectFlags,
        reason: ReasonCode,
        _properties: Properties | None,
    ) -> None:
        """In paho's thread: take up the session, also after a break."""
        refused = str(reason) if reason.is_failure else ""
        self._in_loop(lambda: self._answered(refused))
        if refused:
            return
        setup = self._setup
        for topic in (
            f"{setup.prefix}/+/+/set",
            f"{setup.prefix}/fault",
            f"{setup.discovery_prefix}/status",
        ):
            client.subscribe(topic, qos=1)
        messages = discovery(
            self._entities,
            prefix=setup.prefix,
            discovery_prefix=setup.discovery_prefix,
        )
        for topic, payload in messages.items():
            client.publish(topic, payload, qos=1, retain=True)
        client.publish(f"{setup.prefix}/status", ONLINE, qos=1, retain=True)
        self._in_loop(self._say_all_again)

    def _on_message(
        self, _client: mqtt.Client, _userdata: object, message: mqtt.MQTTMessage
    ) -> None:
        topic, payload = message.topic, message.payload.decode("utf-8", "replace")
        self._in_loop(lambda: self._received(topic, payload))

    def _in_loop(self, call: Callable[[], None]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call)

    def _answered(self, refused: str) -> None:
        """Tell `start` what the broker said; later answers are of no use."""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(refused)
        elif refused:
            _LOGGER.error("MQTT: the broker refuses: %s", refused)

    def _say_all_again(self) -> None:
        self._said.clear()
        self._forecasts_for = None

    def _received(self, topic: str, payload: str) -> None:
        prefix = self._setup.prefix
        if topic == f"{self._setup.discovery_prefix}/status":
            if payload == ONLINE:  # Home Assistant has started
                self._say_all_again()
        elif topic == f"{prefix}/fault":
            self._fault(payload)
        else:
            _, device, key, _ = topic.split("/")
            self._order(device, key, payload)

    def _fault(self, payload: str) -> None:
        home = self._home
        try:
            order = order_from_json(json.loads(payload), home.setup.names)
        except ValueError as error:  # JSONDecodeError and FaultError
            known = isinstance(error, FaultError)
            reason = str(error) if known else f"no JSON: {error}"
            answer = {"accepted": False, "reason": reason}
        else:
            home.befall(order)
            answer = {
                "accepted": True,
                "fault": order.fault,
                "device": order.device,
                "until": (home.now + timedelta(seconds=order.seconds)).isoformat(),
            }
        _LOGGER.info("fault: %s", json.dumps(answer))
        self._client.publish(f"{self._setup.prefix}/fault/answer", json.dumps(answer))

    def _order(self, device: str, key: str, payload: str) -> None:
        home = self._home
        if home.faults.absent(device, home.now):
            return
        base = f"{self._setup.prefix}/{device}"
        try:
            obey(home, device, key, payload)
        except RefusedError as refused:
            _LOGGER.warning("%s refuses %s %s: %s", device, key, payload, refused)
            answer = {"key": key, "payload": payload, "reason": str(refused)}
            self._client.publish(f"{base}/refused", json.dumps(answer))
            self._said.pop(f"{base}/{key}", None)
        self.publish()


def attributes(intervals: list[Interval]) -> str:
    """Return the attributes of a sensor with a forecast."""
    forecast = [
        {
            "start": interval.start.isoformat(),
            "end": interval.end.isoformat(),
            "value": interval.value,
        }
        for interval in intervals
    ]
    return json.dumps({"forecast": forecast}, separators=(",", ":"))
