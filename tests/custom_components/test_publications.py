"""Publishing on a consent: to an HTTPS server, through Home Assistant's broker."""

# ruff: noqa: PLR0917 - fixtures are asked for by name

import asyncio
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import repeat
import json
from pathlib import Path
import ssl
from threading import Thread
import time
from typing import Any

from freezegun.api import FrozenDateTimeFactory, real_monotonic
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.helpers import device_registry as dr
import pytest
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from cem_core.evidence import EvidenceLog
from cem_core.model import Reading
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.diagnostics import async_get_config_entry_diagnostics
from custom_components.cem.exchange.sinks import is_endpoint
from custom_components.cem.home import Home
from tests.cem_core.transport.broker import certificate, tls_broker
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DATA
from tests.custom_components.test_config_flow import body, start

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


@pytest.fixture
def receiver(tmp_path: Path, socket_enabled: None) -> Iterator[Receiver]:
    found = Receiver(tmp_path)
    thread = Thread(target=found.serve_forever, args=(0.02,))
    thread.start()
    yield found
    found.shutdown()
    thread.join()
    found.server_close()


def reached(receiver: Receiver, tmp_path: Path) -> dict[str, Any]:
    """Return the answers of the form that lead to the receiver."""
    return {
        "endpoint": f"https://127.0.0.1:{receiver.server_port}/nrtd",
        "ca_file": str(tmp_path / "cert.pem"),
    }


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Let Home Assistant's MQTT client keep its own."""
    return True


@pytest.fixture(autouse=True)
def quick_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    delays = "cem_core.transport.backoff.Backoff.delays"
    monkeypatch.setattr(delays, lambda *_: repeat(0.05))


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


async def test_an_https_server_gets_what_was_agreed_to(
    hass: HomeAssistant,
    set_up: SetUp,
    receiver: Receiver,
    tmp_path: Path,
    exchange_folder: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freezer.move_to(START)
    home = await set_up_to(
        hass,
        set_up,
        monkeypatch,
        **reached(receiver, tmp_path),
        secret="token of ours",
    )
    say(home, START)
    await until(hass, lambda: bool(receiver.got))
    (message,) = receiver.got
    assert message["schema"] == "cem-nrtd/1"
    assert message["import_power_w"] == 1200
    assert METER not in json.dumps(message)
    assert receiver.headers["Authorization"] == "Bearer token of ours"
    assert records(exchange_folder) == [("given", None)]
    assert shown(hass) == "publishing"


async def test_a_broker_of_others_gets_it_over_tls(
    hass: HomeAssistant,
    set_up: SetUp,
    socket_enabled: None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with tls_broker(tmp_path) as broker:
        home = await set_up_to(
            hass,
            set_up,
            monkeypatch,
            endpoint=f"mqtts://127.0.0.1:{broker.port}/nrtd",
            ca_file=str(broker.ca_file),
        )
        say(home, datetime.now(UTC))
        await until(hass, lambda: bool(broker.heard))
        (message,) = broker.heard
        assert message["import_power_w"] == 1200
        await home.exchange.async_stop()


async def test_an_outage_is_filled_in_order(
    hass: HomeAssistant,
    set_up: SetUp,
    receiver: Receiver,
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freezer.move_to(START)
    receiver.answer = 503
    home = await set_up_to(
        hass,
        set_up,
        monkeypatch,
        **reached(receiver, tmp_path),
    )
    for n in range(12):
        at = START + timedelta(seconds=10 * n)
        freezer.move_to(at)
        say(home, at)
    (publication,) = home.exchange.publications.all.values()
    await until(hass, lambda: publication.problem is not None, freezer)
    home.notify()
    assert (shown(hass), receiver.got) == ("waiting", [])
    receiver.answer = 204
    await until(hass, lambda: len(receiver.got) >= 12, freezer)
    assert [m["sequence"] for m in receiver.got] == list(range(1, 13))
    assert [m["time"] for m in receiver.got] == sorted(m["time"] for m in receiver.got)


async def test_what_waits_at_a_restart_is_sent_after_it(
    hass: HomeAssistant,
    set_up: SetUp,
    receiver: Receiver,
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freezer.move_to(START)
    receiver.answer = 503
    home = await set_up_to(hass, set_up, monkeypatch, **reached(receiver, tmp_path))
    say(home, START)
    await until(hass, lambda: receiver.requests > 0)
    receiver.answer = 204
    assert await hass.config_entries.async_reload(home.entry.entry_id)
    again: Home = home.entry.runtime_data
    await until(hass, lambda: is_recorded(again))
    await until(hass, lambda: bool(receiver.got), freezer)
    say(again, START + timedelta(minutes=1))

    def times() -> list[str]:
        # Whose answer was too late for the clock of this test is sent once more.
        return list(dict.fromkeys(message["time"] for message in receiver.got))

    await until(hass, lambda: len(times()) == 2, freezer)
    assert times() == ["2026-01-15T10:00:00Z", "2026-01-15T10:01:00Z"]


async def test_a_server_that_sends_on_elsewhere_is_not_followed(
    hass: HomeAssistant,
    set_up: SetUp,
    receiver: Receiver,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiver.answer = 307
    home = await set_up_to(
        hass,
        set_up,
        monkeypatch,
        **reached(receiver, tmp_path),
    )
    say(home, datetime.now(UTC))
    (publication,) = home.exchange.publications.all.values()
    await until(hass, lambda: publication.problem is not None)
    assert publication.problem == "the server answers 307"
    assert receiver.got == []


async def test_a_server_that_nobody_vouches_for_gets_nothing(
    hass: HomeAssistant,
    set_up: SetUp,
    receiver: Receiver,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = await set_up_to(
        hass,
        set_up,
        monkeypatch,
        endpoint=f"https://127.0.0.1:{receiver.server_port}/nrtd",
    )
    say(home, datetime.now(UTC))
    (publication,) = home.exchange.publications.all.values()
    await until(hass, lambda: publication.problem is not None)
    assert "certificate verify failed" in (publication.problem or "").lower()
    assert receiver.requests == 0


async def test_a_revocation_ends_it_at_once_and_for_good(
    hass: HomeAssistant,
    set_up: SetUp,
    receiver: Receiver,
    tmp_path: Path,
    exchange_folder: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freezer.move_to(START)
    receiver.answer = 503
    home = await set_up_to(
        hass,
        set_up,
        monkeypatch,
        **reached(receiver, tmp_path),
    )
    say(home, START)
    await settled(hass)
    (subentry,) = [
        s for s in home.entry.subentries.values() if s.subentry_type == "publication"
    ]
    devices = dr.async_entries_for_config_entry(dr.async_get(hass), home.entry.entry_id)
    (device,) = [d for d in devices if (DOMAIN, subentry.subentry_id) in d.identifiers]
    answer = await hass.services.async_call(
        DOMAIN,
        "revoke_consent",
        {"publication": device.id},
        blocking=True,
        return_response=True,
    )
    assert (answer or {})["state"] == "revoked"
    receiver.answer, before = 204, receiver.requests
    freezer.move_to(START + timedelta(minutes=2))
    say(home, START + timedelta(minutes=2))
    await settled(hass)
    assert (receiver.requests, receiver.got) == (before, [])
    assert shown(hass) == "revoked"
    assert records(exchange_folder) == [("given", None), ("revoked", "automation")]

    assert await hass.config_entries.async_reload(home.entry.entry_id)
    await settled(hass)
    again: Home = home.entry.runtime_data
    say(again, START + timedelta(minutes=3))
    await settled(hass)
    assert (receiver.requests, shown(hass)) == (before, "revoked")
    assert len(records(exchange_folder)) == 2


async def test_removing_a_publication_revokes_its_consent(
    hass: HomeAssistant,
    set_up: SetUp,
    exchange_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = await set_up_to(hass, set_up, monkeypatch)
    assert records(exchange_folder) == [("given", None)]
    (name,) = home.exchange.publications.all
    hass.config_entries.async_remove_subentry(home.entry, name)
    await settled(hass)
    assert records(exchange_folder) == [("given", None), ("revoked", "removed")]


async def test_a_change_is_another_consent(
    hass: HomeAssistant,
    set_up: SetUp,
    exchange_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    home = await set_up_to(hass, set_up, monkeypatch)
    (name,) = home.exchange.publications.all
    subentry: ConfigSubentry = home.entry.subentries[name]
    changed = dict(subentry.data) | {"what": ["power", "phases"]}
    hass.config_entries.async_update_subentry(home.entry, subentry, data=changed)
    await settled(hass)
    assert [event for event, _ in records(exchange_folder)] == [
        "given",
        "revoked",
        "given",
    ]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"until": "2026-01-14"}, "expired"),
        ({"from": "2026-02-01"}, "not_yet"),
    ],
)
async def test_outside_of_its_days_not_one_byte_leaves(
    changes: dict[str, Any],
    state: str,
    hass: HomeAssistant,
    set_up: SetUp,
    receiver: Receiver,
    tmp_path: Path,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freezer.move_to(START - timedelta(days=2))
    changes |= reached(receiver, tmp_path)
    home = await set_up_to(hass, set_up, monkeypatch, **changes)
    freezer.move_to(START)
    say(home, START)
    await settled(hass)
    home.notify()
    assert (shown(hass), receiver.requests) == (state, 0)


async def test_without_a_record_not_one_byte_leaves(
    hass: HomeAssistant,
    set_up: SetUp,
    receiver: Receiver,
    tmp_path: Path,
    exchange_folder: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await hass.async_add_executor_job(
        exchange_folder.write_text, "a file where the folder should be"
    )
    home = await set_up_to(
        hass,
        set_up,
        monkeypatch,
        recorded=False,
        **reached(receiver, tmp_path),
    )
    say(home, datetime.now(UTC))
    await settled(hass)
    assert (shown(hass), receiver.requests) == ("unrecorded", 0)


async def test_home_assistants_own_broker_gets_each_quarter_hour(
    hass: HomeAssistant,
    mqtt_mock: MqttMockHAClient,
    set_up: SetUp,
    freezer: FrozenDateTimeFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    freezer.move_to(START)
    monkeypatch.setattr("homeassistant.components.mqtt.is_connected", lambda _: True)
    home = await set_up_to(
        hass, set_up, monkeypatch, endpoint="mqtt:grid/curves", what=["load_curve"]
    )
    await settled(hass)
    for n in range(0, 901, 300):
        at = START + timedelta(seconds=n)
        freezer.move_to(at)
        say(home, at)
        await settled(hass)
    (call,) = [
        call
        for call in mqtt_mock.async_publish.call_args_list
        if call.args[0] == "grid/curves"
    ]
    message = json.loads(call.args[1])
    (curve,) = message["load_curve"]["curves"]
    assert curve["intervals"] == [
        {"start": "2026-01-15T10:00:00Z", "energy_wh": 0, "status": "metered"}
    ]
    assert curve["billing"] == "not for billing"
    assert METER not in call.args[1]


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({}, {}),
        ({"endpoint": "http://example.org/nrtd"}, {"endpoint": "endpoint_wrong"}),
        ({"endpoint": "mqtt://example.org/nrtd"}, {"endpoint": "endpoint_wrong"}),
        ({"endpoint": "mqtt:nrtd"}, {"endpoint": "no_mqtt"}),
        ({"what": []}, {"what": "what_missing"}),
        ({"until": "2020-01-01"}, {"until": "until_past"}),
        ({"from": "2100-01-01"}, {"until": "until_past"}),
    ],
)
async def test_the_form_takes_only_what_can_be_agreed_to(
    changes: dict[str, Any], errors: dict[str, str], hass: HomeAssistant
) -> None:
    result = await start(hass, Kind.PUBLICATION)
    result = dict(
        await hass.config_entries.subentries.async_configure(
            result["flow_id"], body(Kind.PUBLICATION, **changes)
        )
    )
    if errors:
        assert result["errors"] == errors
    else:
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["title"] == "Grid Ltd"
    await settled(hass)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://example.org/a", True),
        ("mqtts://example.org:8883/a/b", True),
        ("mqtt:a/b", True),
        ("mqtts://example.org", False),
        ("mqtts://example.org/a/#", False),
        ("mqtt:", False),
        ("mqtt://example.org/a", False),
        ("https://user:secret@example.org/a", False),
        ("https://example.org:x/a", False),
        ("https://", False),
        ("ftp://example.org", False),
        ("https://example.org/a b", False),
    ],
)
def test_an_endpoint_is_one_that_may_be_used(text: str, expected: bool) -> None:
    assert is_endpoint(text) is expected


async def test_diagnostics_say_neither_where_nor_with_what(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = await set_up_to(hass, set_up, monkeypatch, secret="token of ours")
    text = json.dumps(
        await async_get_config_entry_diagnostics(hass, home.entry), default=str
    )
    assert "127.0.0.1" not in text
    assert "token of ours" not in text
    assert "Grid Ltd" not in text
