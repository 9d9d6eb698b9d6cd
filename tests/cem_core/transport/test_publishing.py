"""Publishing to a real broker over TLS: outage, order, revocation."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from cem_core.exchange.consent import Consent, What
from cem_core.exchange.publish import Publisher
from cem_core.model import Reading
from cem_core.transport import Backoff
from cem_core.transport.mqtt_sink import MqttSink, MqttTarget
from cem_core.transport.sink import Delivery, SinkError
from tests.cem_core.transport.broker import HOST, TlsBroker, free_port, tls_broker

START = datetime(2026, 3, 1, tzinfo=UTC)
QUICK = Backoff(first_s=0.05, most_s=0.2)
# Slower than the subscriber, who must not miss what comes after the outage.
SLOW = Backoff(first_s=2.0, most_s=2.0, jitter=0)


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


def publisher(consent: Consent | None = None) -> Publisher:
    agreed = consent or Consent(
        recipient="Grid Ltd",
        endpoint="mqtts://127.0.0.1/nrtd",
        what=(What.POWER,),
        start=START,
        end=START + timedelta(days=1),
    )
    return Publisher(consent=agreed, per_minute=6, key=b"k" * 32, run="run")


def say(source: Publisher, clock: Clock, count: int) -> None:
    for _ in range(count):
        reading = Reading(format="dsmr", timestamp=clock.now, import_power_w=1)
        assert source.take(reading, clock.now)
        clock.now += timedelta(seconds=10)


async def until(holds: object, within_s: float = 15.0) -> None:
    assert callable(holds)
    async with asyncio.timeout(within_s):
        while not holds():  # noqa: ASYNC110 - another thread changes it
            await asyncio.sleep(0.02)


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[TlsBroker]:
    with tls_broker(tmp_path) as found:
        yield found


def target(broker: TlsBroker) -> MqttTarget:
    return MqttTarget(
        host=HOST, port=broker.port, topic="nrtd/home", ca_file=broker.ca_file
    )


async def stopped(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_messages_arrive_and_an_outage_is_filled_in_order(
    broker: TlsBroker,
) -> None:
    clock, source = Clock(), publisher()
    delivery = Delivery(source, MqttSink(target(broker)), clock, SLOW)
    task = asyncio.create_task(delivery.run())
    say(source, clock, 3)
    delivery.wake()
    await until(lambda: len(broker.heard) == 3)

    await asyncio.to_thread(broker.stop)
    say(source, clock, 20)
    delivery.wake()
    await until(lambda: delivery.problem is not None)
    assert source.waiting == 20

    await asyncio.to_thread(broker.start)
    await until(lambda: not source.waiting)
    await until(lambda: len(broker.heard) == 23)
    assert [m["sequence"] for m in broker.heard] == list(range(1, 24))
    assert [m["time"] for m in broker.heard] == sorted(m["time"] for m in broker.heard)
    assert delivery.problem is None
    await stopped(task)


async def test_after_a_revocation_not_one_message_comes(broker: TlsBroker) -> None:
    clock, source = Clock(), publisher()
    delivery = Delivery(source, MqttSink(target(broker)), clock, QUICK)
    task = asyncio.create_task(delivery.run())
    say(source, clock, 2)
    delivery.wake()
    await until(lambda: len(broker.heard) == 2)
    source.revoke(clock.now)
    assert not source.take(Reading(format="dsmr", import_power_w=1), clock.now)
    delivery.wake()
    await asyncio.sleep(0.5)
    assert len(broker.heard) == 2
    await stopped(task)


async def test_what_waited_through_an_outage_is_not_sent_after_a_revocation(
    broker: TlsBroker,
) -> None:
    clock, source = Clock(), publisher()
    await asyncio.to_thread(broker.stop)
    delivery = Delivery(source, MqttSink(target(broker)), clock, QUICK)
    task = asyncio.create_task(delivery.run())
    say(source, clock, 5)
    delivery.wake()
    await until(lambda: delivery.problem is not None)
    source.revoke(clock.now)
    await asyncio.to_thread(broker.start)
    await asyncio.sleep(1)
    assert broker.heard == []
    await stopped(task)


async def test_without_a_consent_no_connection_is_made() -> None:
    connections: list[object] = []
    server = await asyncio.start_server(lambda *both: connections.append(both), HOST, 0)
    port = server.sockets[0].getsockname()[1]
    clock = Clock()
    source = publisher(
        Consent(
            recipient="Grid Ltd",
            endpoint="mqtts://127.0.0.1/nrtd",
            what=(What.POWER,),
            start=START - timedelta(days=2),
            end=START,
        )
    )
    sink = MqttSink(MqttTarget(host=HOST, port=port, topic="nrtd"))
    delivery = Delivery(source, sink, clock, QUICK)
    task = asyncio.create_task(delivery.run())
    assert not source.take(Reading(format="dsmr", import_power_w=1), clock.now)
    delivery.wake()
    await asyncio.sleep(0.3)
    assert connections == []
    await stopped(task)
    server.close()


# paho leaves the socket of a handshake that failed to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_broker_that_nobody_vouches_for_gets_nothing(
    broker: TlsBroker,
) -> None:
    stranger = MqttTarget(host=HOST, port=broker.port, topic="nrtd")
    with pytest.raises(SinkError, match="certificate verify failed"):
        await MqttSink(stranger).deliver("{}")
    nobody = MqttTarget(host=HOST, port=free_port(), topic="nrtd")
    with pytest.raises(SinkError, match="refused"):
        await MqttSink(nobody).deliver("{}")
    assert broker.heard == []


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_a_port_that_accepts_and_says_nothing_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cem_core.transport.mqtt_sink._ANSWER_WITHIN_S", 0.5)
    held: list[object] = []
    server = await asyncio.start_server(lambda *both: held.append(both), HOST, 0)
    port = server.sockets[0].getsockname()[1]
    sink = MqttSink(MqttTarget(host=HOST, port=port, topic="nrtd"))
    with pytest.raises(SinkError, match="no answer"):
        await sink.deliver("{}")
    server.close()
    server.close_clients()
