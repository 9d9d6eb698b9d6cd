"""What ``cem publish`` does."""

from argparse import Namespace
import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
import json
import os
from pathlib import Path
import secrets
import sys
from typing import Final
from urllib.parse import urlsplit

from cem_core.exchange import CurveError
from cem_core.exchange.consent import Consent, ConsentState
from cem_core.exchange.publish import Publisher
from cem_core.meter import TelegramError
from cem_core.meter.recognise import Decoder
from cem_core.transport.mqtt_sink import PORT, MqttSink, MqttTarget
from cem_core.transport.sink import Delivery
from optimizer.cli.decode import pieces_of
from optimizer.cli.status import BAD_INPUT, DONE

_PASSWORD: Final = "CEM_PUBLISH_PASSWORD"  # noqa: S105 - where it is taken from
_KEY_BYTES: Final = 32
_LOOKED_AT_EVERY_S: Final = 0.5


def publish(args: Namespace) -> int:
    """Publish until the telegrams end."""
    path = Path(args.consent)
    try:
        consent = _consent(path)
        target = _target(consent.endpoint, args.ca_file)
        key = _key(Path(args.key_file))
    except CurveError as error:
        return _complain(f"{path}: {error}")
    state = consent.state(_now())
    if state is not ConsentState.HOLDS:
        return _complain(f"{path}: nothing leaves: the consent {_WHY[state]}")
    publisher = Publisher(
        consent=consent,
        per_minute=args.per_minute,
        key=key,
        run=secrets.token_hex(4),
    )
    return asyncio.run(_publish(args, path, publisher, target))


_WHY: Final = {
    ConsentState.NOT_YET: "has not begun",
    ConsentState.EXPIRED: "has ended",
    ConsentState.REVOKED: "was revoked",
}


async def _publish(
    args: Namespace, path: Path, publisher: Publisher, target: MqttTarget
) -> int:
    delivery = Delivery(publisher, MqttSink(target), _now)
    sending = asyncio.create_task(delivery.run())
    loop = asyncio.get_running_loop()
    watching = asyncio.create_task(_revoked(path, publisher))
    status = DONE

    def take(data: bytes, decoder: Decoder) -> int:
        damaged = DONE
        for found in decoder.feed(data):
            if isinstance(found, TelegramError):
                damaged = _complain(str(found))
            elif publisher.take(found, _now()):
                delivery.wake()
        return damaged

    pieces: asyncio.Queue[bytes | None] = asyncio.Queue(maxsize=16)
    reading = loop.run_in_executor(None, _feed, args.file, _putter(loop, pieces))
    decoder = Decoder()
    while (piece := await pieces.get()) is not None:
        if watching.done():
            break
        status = max(status, take(piece, decoder))
    else:
        await reading
        await _drained(publisher, args.wait)
    if watching.done():
        status = _complain(f"{path}: nothing leaves any more")
    for task in (sending, watching):
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
    if publisher.waiting:
        cause = delivery.problem or "not in time"
        status = _complain(f"{publisher.waiting} messages not delivered: {cause}")
    return status


async def _drained(publisher: Publisher, within_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(within_s):
            while publisher.waiting:  # noqa: ASYNC110 - another task sends them
                await asyncio.sleep(_LOOKED_AT_EVERY_S)


def _putter(
    loop: asyncio.AbstractEventLoop, pieces: asyncio.Queue[bytes | None]
) -> Callable[[bytes | None], None]:
    def put(piece: bytes | None) -> None:
        asyncio.run_coroutine_threadsafe(pieces.put(piece), loop).result()

    return put


def _feed(name: str, put: Callable[[bytes | None], None]) -> None:
    try:
        for piece in pieces_of(name):
            put(piece)
    finally:
        put(None)


async def _revoked(path: Path, publisher: Publisher) -> None:
    """Return when the record on disk is gone, another, or no longer holds."""
    while True:
        await asyncio.sleep(_LOOKED_AT_EVERY_S)
        try:
            consent = await asyncio.to_thread(_consent, path)
        except CurveError, OSError:
            break
        same = consent.consent_id == publisher.consent.consent_id
        if not same or consent.state(_now()) is not ConsentState.HOLDS:
            break
    publisher.revoke(_now())


def _consent(path: Path) -> Consent:
    try:
        tree = json.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise CurveError(f"byte {error.start}: not UTF-8") from error
    except ValueError as error:
        raise CurveError(f"no JSON: {error}") from error
    if not isinstance(tree, dict):
        raise CurveError("expected an object")
    return Consent.from_json(tree)


def _target(endpoint: str, ca_file: str | None) -> MqttTarget:
    url = urlsplit(endpoint)
    try:
        port = url.port or PORT
    except ValueError as error:
        raise CurveError(f"endpoint: {error}") from error
    topic = url.path.strip("/")
    wild = set("+#") & set(endpoint)
    if url.scheme != "mqtts" or not url.hostname or not topic or wild:
        raise CurveError(
            f"endpoint: {endpoint!r} is none; expected mqtts://HOST[:PORT]/TOPIC"
        )
    return MqttTarget(
        host=url.hostname,
        port=port,
        topic=topic,
        username=url.username,
        password=os.environ.get(_PASSWORD),
        ca_file=None if ca_file is None else Path(ca_file),
    )


def _key(path: Path) -> bytes:
    """Return the key of pseudonyms; the first call makes it, for its owner alone."""
    if not path.exists():
        path.touch(mode=0o600)
        path.write_bytes(secrets.token_bytes(_KEY_BYTES))
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise CurveError(f"{path} holds no key of {_KEY_BYTES} bytes")
    return key


def _now() -> datetime:
    return datetime.now(UTC)


def _complain(message: str) -> int:
    print(message, file=sys.stderr, flush=True)
    return BAD_INPUT
