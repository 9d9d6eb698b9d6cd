"""Nothing is published without a consent that holds."""

# ruff: noqa: PLR0917 - fixtures are asked for by name

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.config_entries import ConfigSubentry
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr
import pytest

from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp
from tests.custom_components.exchange.receiver import (
    START,
    Receiver,
    reached,
    records,
    say,
    set_up_to,
    settled,
    shown,
)


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
