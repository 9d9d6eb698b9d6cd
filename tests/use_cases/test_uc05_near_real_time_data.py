"""UC5: near-real-time data go out on a consent, and only so."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
import json
from typing import Any

from cem_core.exchange.consent import Consent, What
from cem_core.exchange.message import JSON_SCHEMA
from cem_core.exchange.publish import Publisher
from cem_core.meter import Decoder
from cem_core.model import Reading
from cem_core.simulation.home import Home
from tests.use_cases.closed_loop import demo_home

MINUTE_S = 60
MOST_BYTES = 10_000 / 8 * 10  # what 10 kbit/s carry in 10 s


def agreed(home: Home, **changes: Any) -> Consent:
    words = {
        "recipient": "Grid Ltd",
        "endpoint": "https://example.org/nrtd",
        "what": ["power", "registers", "phases"],
        "start": home.now.isoformat(),
        "end": (home.now + timedelta(days=1)).isoformat(),
    }
    return Consent.from_json(words | changes)


def publisher(consent: Consent, per_minute: int = 6) -> Publisher:
    return Publisher(consent=consent, per_minute=per_minute, key=b"k" * 32, run="run")


def play(home: Home, source: Publisher, seconds: int) -> None:
    """Let the demo's meter say a telegram a second."""
    decoder = Decoder()
    for _ in range(seconds):
        home.step()
        for found in decoder.feed(home.telegram() or b""):
            assert isinstance(found, Reading)
            source.take(found, home.now)


def delivered(home: Home, source: Publisher) -> Iterator[Mapping[str, Any]]:
    while (message := source.next(home.now)) is not None:
        yield message
        source.sent(message)


def test_sixty_messages_in_ten_minutes_at_six_a_minute() -> None:
    home = demo_home()
    source = publisher(agreed(home))
    play(home, source, 10 * MINUTE_S)
    messages = list(delivered(home, source))
    assert abs(len(messages) - 60) <= 1
    for message in messages:
        assert set(JSON_SCHEMA["required"]) <= set(message)
        assert set(message) <= set(JSON_SCHEMA["properties"])
        assert len(json.dumps(message)) < MOST_BYTES / 6


def test_nothing_that_was_not_agreed_to_is_in_them() -> None:
    home = demo_home()
    source = publisher(agreed(home, what=[What.POWER]))
    play(home, source, MINUTE_S)
    (meter_id,) = {
        found.meter_id
        for found in Decoder().feed(home.telegram() or b"")
        if isinstance(found, Reading)
    }
    assert meter_id is not None
    for message in delivered(home, source):
        text = json.dumps(message)
        assert meter_id not in text
        assert "energy_wh" not in text
        assert "voltage" not in text


def test_after_a_revocation_nothing_goes_out() -> None:
    home = demo_home()
    source = publisher(agreed(home))
    play(home, source, MINUTE_S)
    source.revoke(home.now)
    play(home, source, 2 * MINUTE_S)
    assert list(delivered(home, source)) == []


def test_an_hour_without_a_connection_is_filled_in_order_without_repeating() -> None:
    home = demo_home()
    source = publisher(agreed(home), per_minute=2)
    play(home, source, 20 * MINUTE_S)  # as long as it takes: nothing is sent
    messages = list(delivered(home, source))
    assert abs(len(messages) - 40) <= 1
    times = [message["time"] for message in messages]
    assert times == sorted(times)
    assert len({message["id"] for message in messages}) == len(messages)
