"""A real broker: messages of meters, and what happens when it goes."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
import gc
from ipaddress import ip_address
import json
from pathlib import Path
import socket

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from paho.mqtt import publish
import pytest

from cem_core.model import Reading
from cem_core.transport import Backoff, LineState, LineStatus, MeterLine
from cem_core.transport.mqtt import MqttAddress, MqttSource
from cem_core.transport.mqtt_reader import MqttMessage, MqttReader
from tests.cem_core.transport.conftest import HOST
from tests.cem_core.transport.mosquitto import Mosquitto
from tests.telegrams.compose import DSMR5, telegram

AT_ONCE = Backoff(first_s=0.02, most_s=0.1)
TOPIC = "home/meter"


@pytest.fixture
async def broker(tmp_path: Path) -> AsyncGenerator[Mosquitto]:
    mosquitto = Mosquitto(tmp_path)
    await mosquitto.start()
    yield mosquitto
    mosquitto.stop()


class Follower:
    """A line over MQTT that is read in the background."""

    def __init__(self, address: MqttAddress, reader: MqttReader) -> None:
        self.readings: list[Reading] = []
        self.states: list[LineState] = []
        self.line = MeterLine(reader, on_change=self.states.append)
        self.source = MqttSource(
            address=address,
            silence_s=0.5,
            backoff=AT_ONCE,
            on_change=self.line.connection_changed,
        )
        self._task = asyncio.create_task(self._follow())

    async def _follow(self) -> None:
        async with aclosing(self.line.readings(self.source)) as readings:
            async for reading in readings:
                self.readings.append(reading)

    async def until(self, what: Callable[[], bool]) -> None:
        async with asyncio.timeout(15):
            while not what():
                if self._task.done():
                    self._task.result()
                await asyncio.sleep(0.01)

    async def stop(self) -> None:
        self._task.cancel()
        with suppress(asyncio.CancelledError):
            await self._task


def at(broker: Mosquitto, **more: object) -> MqttAddress:
    return MqttAddress(host=HOST, port=broker.port, topic=f"{TOPIC}/#", **more)  # type: ignore[arg-type]


async def say(
    broker: Mosquitto, payload: bytes, topic: str = TOPIC, *, retain: bool = False
) -> None:
    await asyncio.to_thread(
        publish.single, topic, payload, 1, retain, HOST, broker.port
    )


async def listening(broker: Mosquitto, follower: Follower, payload: bytes) -> None:
    """Say ``payload`` until the follower has heard it: now it is subscribed."""
    before = len(follower.readings)
    while len(follower.readings) == before:
        await say(broker, payload)
        await asyncio.sleep(0.05)


def numbered(number: int) -> bytes:
    return telegram([f"1-0:1.7.0({number:06}*W)", "1-0:2.7.0(0*W)"])


async def test_a_stopped_broker_is_named_and_nothing_lost_once_it_is_back(
    broker: Mosquitto,
) -> None:
    follower = Follower(at(broker), MqttReader())
    await listening(broker, follower, numbered(1))
    await say(broker, numbered(2)[:30])  # the broker stops in mid-telegram
    broker.stop()
    await follower.until(lambda: follower.line.state.status is LineStatus.DISCONNECTED)
    assert follower.line.state.cause.startswith("the broker has gone")
    await follower.until(lambda: follower.line.state.cause == "Connection refused")
    await broker.start()
    await listening(broker, follower, numbered(3))
    follower.readings.clear()
    for number in range(10, 30):
        await say(broker, numbered(number))
    await follower.until(lambda: len(follower.readings) >= 20)
    assert [r.import_power_w for r in follower.readings] == list(range(10, 30))
    assert follower.line.state.status is LineStatus.READING
    await follower.until(lambda: follower.line.state.status is LineStatus.SILENT)
    assert follower.line.state.cause == "no message on home/meter/# for 0.5 s"
    await follower.stop()
    assert follower.source.dropped == 0


async def test_a_retained_message_is_no_news(broker: Mosquitto) -> None:
    await say(broker, numbered(1), retain=True)
    follower = Follower(at(broker), MqttReader())
    await listening(broker, follower, numbered(2))
    assert {r.import_power_w for r in follower.readings} == {2}
    await follower.stop()


async def test_json_is_read_by_the_form_that_fits(broker: Mosquitto) -> None:
    follower = Follower(at(broker), MqttReader())
    said = {"power": 230.5, "energy": 12.5, "produced_energy": 1, "voltage": 231}
    await listening(broker, follower, json.dumps(said).encode())
    assert follower.readings[0].format == "zigbee2mqtt"
    assert follower.line.state.format == "zigbee2mqtt"
    await follower.stop()


async def test_values_on_topics_of_their_own_are_collected(broker: Mosquitto) -> None:
    follower = Follower(at(broker), MqttReader("dsmr_reader"))
    await follower.until(lambda: follower.line.state.status is LineStatus.SILENT)
    for watts in (1, 2, 3):
        for name, value in (
            ("electricity_currently_delivered", f"0.00{watts}"),
            ("electricity_currently_returned", "0"),
            ("phase_voltage_l1", "231"),
        ):
            await say(broker, value.encode(), f"{TOPIC}/reading/{name}")
    await follower.until(lambda: len(follower.readings) >= 3)
    assert [r.import_power_w for r in follower.readings] == [1, 2, 3]
    await follower.stop()


async def test_a_password_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "passwords").touch(mode=0o600)
    broker = Mosquitto(
        tmp_path,
        ("allow_anonymous false", f"password_file {tmp_path / 'passwords'}"),
    )
    await broker.start()
    follower = Follower(at(broker, username="a", password="b"), MqttReader())
    await follower.until(lambda: bool(follower.states))
    assert follower.states[0].status is LineStatus.DISCONNECTED
    assert follower.states[0].cause == "the broker refuses: Not authorized"
    await follower.stop()
    broker.stop()


def self_signed(folder: Path) -> Path:
    """Write ``key`` and ``certificate`` for the loopback address; return the latter."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "broker")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), False
        )
        .add_extension(x509.BasicConstraints(True, None), True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / "key").write_bytes(
        key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    (folder / "certificate").write_bytes(certificate.public_bytes(pem))
    return folder / "certificate"


# paho leaves the socket of a refused handshake to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_tls_is_spoken_with_a_broker_that_is_trusted_and_no_other(
    tmp_path: Path,
) -> None:
    certificate = self_signed(tmp_path)
    lines = (f"certfile {certificate}", f"keyfile {tmp_path / 'key'}")
    broker = Mosquitto(tmp_path, ("allow_anonymous true", *lines))
    await broker.start()
    try:
        stranger = Follower(at(broker, tls=True), MqttReader())
        await stranger.until(lambda: bool(stranger.states))
        assert stranger.states[0].cause == "TLS: self-signed certificate"
        await stranger.stop()
        gc.collect()
        friend = Follower(at(broker, tls=True, ca_file=certificate), MqttReader())
        await friend.until(lambda: bool(friend.states))
        assert friend.states[0].status is LineStatus.SILENT  # and so connected
        await friend.stop()
    finally:
        broker.stop()


async def test_no_broker_is_a_cause_and_no_end() -> None:
    with socket.socket() as unused:
        unused.bind((HOST, 0))
        address = MqttAddress(host=HOST, port=unused.getsockname()[1], topic="#")
    follower = Follower(address, MqttReader())
    await follower.until(lambda: bool(follower.states))
    assert follower.states[0].cause == "Connection refused"
    await follower.stop()
    assert follower.states[-1].cause == "stopped"


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("mqtt://h/a/b", MqttAddress(host="h", topic="a/b")),
        ("mqtt://h:1/a/#", MqttAddress(host="h", topic="a/#", port=1)),
        ("mqtts://h/+/x", MqttAddress(host="h", topic="+/x", port=8883, tls=True)),
        (
            "mqtt://me:p%40ss@h/t",
            MqttAddress(host="h", topic="t", username="me", password="p@ss"),
        ),
    ],
)
def test_an_address_is_read(url: str, address: MqttAddress) -> None:
    assert MqttAddress.parse(url) == address


@pytest.mark.parametrize(
    "url", ["mqtt://h", "mqtt://h/", "mqtt://me:secret@/t", "mqtt://me:secret@h:x/t"]
)
def test_what_is_no_address_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="no MQTT address") as refused:
        MqttAddress.parse(url)
    assert "secret" not in str(refused.value)
    assert "secret" not in repr(MqttAddress.parse("mqtt://me:secret@h/t"))


def causes(*payloads: bytes, form: str | None = None, topic: str = "t") -> list[str]:
    reader = MqttReader(form)
    results = [r for p in payloads for r in reader.feed(MqttMessage(topic, p))]
    return [str(r) for r in results if not isinstance(r, Reading)]


def test_what_is_wrong_with_a_message_is_said() -> None:
    assert causes(b"0.5") == ["byte 1: t holds one value: name the form"]
    assert causes(b"{") == ["byte 1: the message is no JSON"]
    assert causes(b"{}") == ["byte 1: a document of no known form"]
    [both] = causes(b'{"power": 5}')
    assert both == "byte 1: a document that tibber and zigbee2mqtt fit: name the form"
    assert causes(b'{"power": "x"}', form="tibber") == [
        "byte 1: power: 'x' is no number"
    ]
    assert causes(b" " * 70_000) == [
        "byte 1: a message of 70000 bytes, more than 65536"
    ]


def test_a_telegram_in_messages_of_two_topics_is_read_from_each() -> None:
    reader = MqttReader()
    half = len(DSMR5) // 2
    for topic in ("a", "b"):
        assert reader.feed(MqttMessage(topic, DSMR5[:half])) == []
    for topic in ("a", "b"):
        [reading] = reader.feed(MqttMessage(topic, DSMR5[half:]))
        assert isinstance(reading, Reading)
    assert reader.finish() == []
    assert "text" in reader.hint() or "messages" in reader.hint()


def test_topics_are_bounded() -> None:
    reader = MqttReader()
    for number in range(16):
        assert reader.feed(MqttMessage(f"t{number}", b"\0\1\2")) == []
    [error] = reader.feed(MqttMessage("one more", b"\0\1\2"))
    assert "more than 16 topics" in str(error)
