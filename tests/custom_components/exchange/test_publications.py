"""Publishing on a consent: to an HTTPS server, through Home Assistant's broker."""

# ruff: noqa: PLR0917 - fixtures are asked for by name

from datetime import UTC, datetime, timedelta
import json
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest
from pytest_homeassistant_custom_component.typing import MqttMockHAClient

from custom_components.cem.const import Kind
from custom_components.cem.diagnostics import async_get_config_entry_diagnostics
from custom_components.cem.exchange.sinks import is_endpoint
from custom_components.cem.home import Home
from tests.cem_core.transport.broker import tls_broker
from tests.custom_components.conftest import SetUp
from tests.custom_components.exchange.receiver import (
    METER,
    START,
    Receiver,
    is_recorded,
    reached,
    records,
    say,
    set_up_to,
    settled,
    shown,
    until,
)
from tests.custom_components.test_config_flow import body, start


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
