"""A server of somebody else, and a home that publishes its readings to it."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import json
from pathlib import Path
import ssl
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory, real_monotonic
from homeassistant.core import HomeAssistant
import pytest

from cem_core.evidence import EvidenceLog
from cem_core.model import Reading
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from tests.cem_core.transport.broker import certificate
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA

START = datetime(2026, 1, 15, 10, 0, tzinfo=UTC)


WITHIN_S = 30.0


METER = "E0047000123456789"


class Receiver(ThreadingHTTPServer):
    """An HTTPS server that keeps what it gets, in threads of its own."""

    daemon_threads = True

    def __init__(self, folder: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.got: list[dict[str, Any]] = []
        self.requests = 0
        self.headers: dict[str, str] = {}
        self.answer = 204
        public, private = certificate(folder)
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(public, private)
        # Each greets in its own thread: who does not answer holds up nobody.
        self.socket = context.wrap_socket(
            self.socket, server_side=True, do_handshake_on_connect=False
        )

    def handle_error(self, *_: object) -> None:
        """Say nothing of who does not trust us."""


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Receiver)
        server.requests += 1
        server.headers = dict(self.headers)
        said = self.rfile.read(int(self.headers["Content-Length"]))
        if server.answer == 204:
            server.got.append(json.loads(said))
        self.send_response(server.answer)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST  # noqa: N815 - as the standard library calls it

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def reached(receiver: Receiver, tmp_path: Path) -> dict[str, Any]:
    """Return the answers of the form that lead to the receiver."""
    return {
        "endpoint": f"https://127.0.0.1:{receiver.server_port}/nrtd",
        "ca_file": str(tmp_path / "cert.pem"),
    }


async def set_up_to(
    hass: HomeAssistant,
    set_up: SetUp,
    monkeypatch: pytest.MonkeyPatch,
    *,
    recorded: bool = True,
    **changes: Any,
) -> Home:
    data = {k: v for k, v in (DATA[Kind.PUBLICATION] | changes).items() if v}
    monkeypatch.setitem(DATA, Kind.PUBLICATION, data)
    home = await set_up(Kind.METER, Kind.PUBLICATION)
    if recorded:
        await until(hass, lambda: is_recorded(home))
    return home


def is_recorded(home: Home) -> bool:
    """Tell whether each consent is on the disk: what comes before does not leave."""
    publications = home.exchange.publications.all.values()
    return all(publication.consent is not None for publication in publications)


async def settled(
    hass: HomeAssistant, freezer: FrozenDateTimeFactory | None = None
) -> None:
    """Wait for what the loop and its threads still do; deliveries go on for ever.

    Where time is frozen, only ``freezer`` lets anybody who sleeps wake up.
    """
    for _ in range(15):
        await hass.async_block_till_done()
        if freezer is not None:
            freezer.tick(0.02)
        time.sleep(0.01)  # noqa: ASYNC251 - asyncio's stands still
        await asyncio.sleep(0)


async def until(
    hass: HomeAssistant,
    done: Callable[[], bool],
    freezer: FrozenDateTimeFactory | None = None,
) -> None:
    """Wait as long as another thread may take on a busy machine."""
    last_s = real_monotonic() + WITHIN_S
    while not done():
        assert real_monotonic() < last_s, f"not within {WITHIN_S} s"
        await settled(hass, freezer)


def say(home: Home, at: datetime) -> None:
    home.exchange.take(
        Reading(
            format="dsmr",
            timestamp=at,
            meter_id=METER,
            import_power_w=1200,
            export_power_w=0,
            import_energy_wh={"total": 1000},
        )
    )


def shown(hass: HomeAssistant) -> str:
    state = hass.states.get("sensor.grid_ltd_publication")
    assert state is not None
    return state.state


def records(folder: Path) -> list[tuple[str, str | None]]:
    log = EvidenceLog(folder / "consents")
    return [(r.data["event"], r.data["by"]) for r in log.records()]
