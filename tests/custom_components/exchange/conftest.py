"""What every test of publications needs."""

from collections.abc import Iterator
from itertools import repeat
from pathlib import Path
from threading import Thread

import pytest

from tests.custom_components.exchange.receiver import Receiver


@pytest.fixture
def receiver(tmp_path: Path, socket_enabled: None) -> Iterator[Receiver]:
    found = Receiver(tmp_path)
    thread = Thread(target=found.serve_forever, args=(0.02,))
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let Home Assistant's MQTT client keep its own."""
    return True


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    delays = "cem_core.transport.backoff.Backoff.delays"
    monkeypatch.setattr(delays, lambda *_: repeat(0.05))
