"""What every test of the integration relies on."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
import gc
import logging
import os
from pathlib import Path
from typing import Any, Final
from unittest.mock import AsyncMock, Mock

import freezegun
from homeassistant.components.recorder import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.syrupy import HomeAssistantSnapshotExtension
from syrupy.assertion import SnapshotAssertion

from cem_core.insight.learned.answer import learn
from cem_core.transport.eebus_identity import Identity, create
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.home import Home
from custom_components.cem.learning.samples import (
    LEARNED_KINDS,
    stated,
    without_samples,
)
from custom_components.cem.meters import METHODS
from custom_components.cem.planner import Planner
from tests.custom_components.house import add_states, make_entry

# Freezing time looks at every attribute of every module; pyomo's import what
# they stand for when looked at, and that does not end. The optimiser is asked in
# documents, as its worker would be: it needs no other time than theirs.
freezegun.configure(extend_ignore_list=["pyomo", "optimizer"])

# The harness logs every statement of the recorder's database.
logging.getLogger("sqlalchemy.engine").setLevel(logging.WARNING)

# Made before any test freezes time: cryptography keeps the datetime it meets first,
# and takes no other.
_OURS: Final = create("CEM-Test", datetime(2026, 1, 1, tzinfo=UTC))

type SetUp = Callable[..., Awaitable[Home]]


@pytest.fixture(autouse=True)
def custom(request: pytest.FixtureRequest) -> None:
    """Let Home Assistant load what lies in custom_components/.

    The recorder is a dependency, and its database must be there before Home
    Assistant is. It records nothing unless a test asks for ``recorded``: the harness
    has it look up and commit each event by itself, half of the work of a test.
    """
    if "hass" in request.fixturenames:
        request.getfixturevalue("recorder_mock").set_enable(False)
        request.getfixturevalue("enable_custom_integrations")


@pytest.fixture(autouse=True)
async def reloaded(
    custom: None, request: pytest.FixtureRequest
) -> AsyncGenerator[None]:
    """Let a reload that the test began end: the harness unloads what it finds loaded."""
    del custom  # it made ``hass``
    yield
    if "hass" in request.fixturenames:
        hass: HomeAssistant = request.getfixturevalue("hass")
        for entry in hass.config_entries.async_entries(DOMAIN):
            async with entry.setup_lock:
                pass


@pytest.fixture
def recorded(recorder_mock: Recorder) -> Recorder:
    """Have the recorder write events and states down, as it does in a home."""
    recorder_mock.set_enable(True)
    return recorder_mock


@pytest.fixture(autouse=True)
def planner_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start no worker and plan nothing where a test does not ask for it."""
    monkeypatch.setattr(Planner, "start", lambda _: None)


@pytest.fixture(autouse=True)
def season_rests(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the recorder for no weather in the background: it may be closing."""
    monkeypatch.setattr("custom_components.cem.season.async_look", AsyncMock())


@pytest.fixture(autouse=True)
def habits_rest(monkeypatch: pytest.MonkeyPatch) -> AsyncMock:
    """Look at no days that are over in the background, for the same reason."""
    look = AsyncMock()
    monkeypatch.setattr("custom_components.cem.habits.keeper.async_look", look)
    return look


@pytest.fixture(autouse=True)
def decides_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Decide in the next turn of the loop, which is as far as tests wait."""
    monkeypatch.setattr("custom_components.cem.cycle_pace._CHANGES_DECIDED_EVERY_S", 0)


@pytest.fixture(autouse=True)
def spared(monkeypatch: pytest.MonkeyPatch) -> Mock:
    """Let what one test leaves behind be collected during the next."""
    collector = Mock(spec=gc)
    monkeypatch.setattr("custom_components.cem.garbage.gc", collector)
    return collector


@pytest.fixture(autouse=True)
def own_ports(monkeypatch: pytest.MonkeyPatch) -> None:
    """Listen for stations and managers where no process of tests beside this one does."""
    first = 10_000 + 2 * (os.getpid() % 5_000)
    monkeypatch.setattr("custom_components.cem.forms.ocpp.PORT", first)
    monkeypatch.setattr("custom_components.cem.forms.s2.PORT", first + 1)


@pytest.fixture(autouse=True)
def soon_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """At the end of a test no device is waited for that does not take itself back."""
    monkeypatch.setattr("custom_components.cem.carrying_out._HANDED_BACK_WITHIN_S", 0.5)


@pytest.fixture(autouse=True)
def soon_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before a meter is kept, its telegrams are not looked at for long."""
    monkeypatch.setattr("custom_components.cem.meter_dialog._WATCHED_S", 0.2)


@pytest.fixture(autouse=True)
def identity(monkeypatch: pytest.MonkeyPatch) -> Identity:
    """Leave no EEBUS key in the harness's folder, which all tests share."""
    monkeypatch.setattr(Identity, "read", lambda *_: _OURS)
    return _OURS


@pytest.fixture(autouse=True)
def evidence_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Leave no evidence in the harness's folder, which all tests share."""
    folder = tmp_path / "evidence"
    monkeypatch.setattr("custom_components.cem.evidence.folder_of", lambda *_: folder)
    key = tmp_path / "evidence.key"
    monkeypatch.setattr("custom_components.cem.evidence.key_of", lambda *_: key)
    return folder


@pytest.fixture(autouse=True)
def exchange_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Leave no load curves and consents in the harness's folder."""
    folder, exchange = tmp_path / "exchange", "custom_components.cem.exchange"
    for name, path in (
        (f"{exchange}.curve_recorder.path_of", folder / "curves.sqlite"),
        (f"{exchange}.publications.folder_of", folder / "consents"),
        (f"{exchange}.publications.key_of", folder / "pseudonyms.key"),
    ):
        monkeypatch.setattr(name, lambda *_, path=path: path)
    return folder


@pytest.fixture
def snapshot(snapshot: SnapshotAssertion) -> SnapshotAssertion:
    """Serialise registry entries and states the way core does."""
    return snapshot.use_extension(HomeAssistantSnapshotExtension)


def know_start_values(home: Home) -> None:
    """Let the home know what its worker says first: start values."""
    devices = [d for d in home.devices.values() if d.kind in LEARNED_KINDS]
    parts = {device.subentry_id: without_samples(device) for device in devices}
    answer = learn({"time_zone": "UTC", "parts": parts})
    for device in devices:
        models = answer[device.subentry_id]
        home.learned.parts[device.subentry_id] = {
            "stated": stated(device),
            "start": {name: model["parameters"] for name, model in models.items()},
            "models": models,
        }


async def make_it_noon(hass: HomeAssistant) -> None:
    """Move the home to where it is about noon: the car leaves in 19 hours then."""
    east = 12 - dt_util.utcnow().hour
    await hass.config.async_set_time_zone(f"Etc/GMT{-east:+}" if east else "Etc/GMT")


@pytest.fixture
def set_up(hass: HomeAssistant) -> SetUp:
    """Return what sets up a home with the given kinds of devices."""

    async def set_up_home(*kinds: Kind, options: dict[str, Any] | None = None) -> Home:
        add_states(hass)
        entry = make_entry(*kinds, options=options)
        entry.add_to_hass(hass)
        assert await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        home: Home = entry.runtime_data
        know_start_values(home)
        return home

    return set_up_home


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait not long for the first telegram of a meter."""
    for name, method in METHODS.items():
        monkeypatch.setitem(METHODS, name, replace(method, first_within_s=0.5))
