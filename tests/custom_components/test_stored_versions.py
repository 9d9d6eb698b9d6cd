"""Stored data of other versions: older and younger files keep what they hold."""

from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.cem.const import Charging, Kind, Mode
from custom_components.cem.exchange.publications import store_of
from custom_components.cem.learning.store import LearningStore
from custom_components.cem.saving.store import SavingsStore
from custom_components.cem.store import HomeStore
from tests.custom_components.house import add_states, make_entry

_ENTRY: Final = "home_entry"
# What the first version of each store wrote, which nothing may stop reading.
_FIRST_STATE: Final[dict[str, Any]] = {
    "orders": {"version": 1, "limits": []},
    "mode": "control",
    "uncontrolled": ["id_solar"],
    "commanded": ["id_battery"],
    "charging": {"id_ev_charger": "now"},
    "month_peak": None,
    "plan": None,
}
_FIRST_LEARNED: Final[dict[str, Any]] = {
    "parts": {},
    "since": {"id_battery": "2026-01-01T00:00:00+00:00"},
    "errors": {},
    "looked_at": None,
    "sessions": {"id_ev_charger": [{"energy_kwh": 7.5}]},
    "open_sessions": {},
    "away": ["2026-01-02"],
    "issued": {},
}
_FIRST_SAVINGS: Final[dict[str, Any]] = {
    "days": [],
    "prices": [["2026-01-01T00:00:00+00:00", 0.3, 0.05]],
    "controlled": ["2026-01-01T00:00:00+00:00"],
    "own_rule": False,
    "tried": None,
}
_STORES: Final[dict[str, tuple[Any, dict[str, Any]]]] = {
    f"cem.{_ENTRY}": (HomeStore, _FIRST_STATE),
    f"cem.{_ENTRY}.learned": (LearningStore, _FIRST_LEARNED),
    f"cem.{_ENTRY}.savings": (SavingsStore, _FIRST_SAVINGS),
}


def keep(
    storage: dict[str, Any], key: str, data: dict[str, Any], *, version: int = 1
) -> None:
    """Let ``data`` be what is stored."""
    storage[key] = {"version": version, "minor_version": 1, "key": key, "data": data}


async def test_the_first_state_is_still_read(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    keep(hass_storage, f"cem.{_ENTRY}", _FIRST_STATE)
    store = HomeStore(hass, _ENTRY)
    await store.async_load()
    assert store.unreadable is None
    assert store.mode is Mode.CONTROL
    assert store.uncontrolled == {"id_solar"}
    assert store.commanded == {"id_battery"}
    assert store.charging == {"id_ev_charger": Charging.NOW}
    assert store.cut == set()
    assert store.wishes == []


async def test_what_was_learned_and_saved_first_is_still_read(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    keep(hass_storage, f"cem.{_ENTRY}.learned", _FIRST_LEARNED)
    keep(hass_storage, f"cem.{_ENTRY}.savings", _FIRST_SAVINGS)
    learned, savings = LearningStore(hass, _ENTRY), SavingsStore(hass, _ENTRY)
    await learned.async_load()
    await savings.async_load()
    assert learned.sessions == _FIRST_LEARNED["sessions"]
    assert learned.away == ["2026-01-02"]
    assert not savings.own_rule
    assert list(savings.prices.values()) == [(0.3, 0.05)]


@pytest.mark.parametrize("key", _STORES)
async def test_what_is_written_is_read_again_and_holds_all_of_before(
    hass: HomeAssistant, hass_storage: dict[str, Any], key: str
) -> None:
    make, first = _STORES[key]
    keep(hass_storage, key, first)
    store = make(hass, _ENTRY)
    await store.async_load()
    await store.async_save()
    written = hass_storage[key]["data"]
    # An older version finds each of its fields, so the way back is open.
    assert first.items() <= written.items()
    again = make(hass, _ENTRY)
    await again.async_load()
    assert again.as_json() == written


@pytest.mark.parametrize("key", _STORES)
async def test_what_a_younger_version_added_stops_nothing(
    hass: HomeAssistant, hass_storage: dict[str, Any], key: str
) -> None:
    make, first = _STORES[key]
    keep(hass_storage, key, first | {"of_tomorrow": [1, 2, 3]})
    store = make(hass, _ENTRY)
    await store.async_load()
    assert first.items() <= store.as_json().items()


@pytest.mark.parametrize("key", _STORES)
async def test_another_format_is_refused_and_left_as_it_is(
    hass: HomeAssistant, hass_storage: dict[str, Any], key: str
) -> None:
    keep(hass_storage, key, {"unheard": "of"}, version=2)
    before = dict(hass_storage[key])
    add_states(hass)
    entry = make_entry(Kind.METER)
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(_ENTRY)
    assert entry.state is ConfigEntryState.SETUP_ERROR
    assert hass_storage[key] == before


async def test_what_waits_to_be_published_is_of_one_format(
    hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    key = f"cem.publications.{_ENTRY}"
    keep(hass_storage, key, {"id_publication": {"consent_id": "c", "messages": []}})
    store = store_of(hass, _ENTRY)
    assert await store.async_load() == hass_storage[key]["data"]
    keep(hass_storage, key, {}, version=2)
    with pytest.raises(HomeAssistantError):
        await store_of(hass, _ENTRY).async_load()


def _older() -> MockConfigEntry:
    """Return an entry of version 1.1, with the method that 1.2 renamed."""
    made = make_entry(Kind.METER)
    return MockConfigEntry(
        domain=made.domain,
        title=made.title,
        unique_id=made.unique_id,
        entry_id=made.entry_id,
        data=dict(made.data),
        version=1,
        minor_version=1,
        subentries_data=[
            {
                "data": {"method": "p1_tcp", "host": "127.0.0.1", "port": 9},
                "subentry_type": "meter",
                "title": "Meter",
                "unique_id": None,
                "subentry_id": "id_meter",
            }
        ],
    )


@pytest.mark.usefixtures("socket_enabled")
async def test_an_older_entry_is_migrated(hass: HomeAssistant) -> None:
    entry = _older()
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(entry.entry_id)
    assert (entry.version, entry.minor_version) == (1, 2)
    assert entry.subentries["id_meter"].data["method"] == "tcp"


async def test_an_entry_of_a_later_version_is_not_touched(hass: HomeAssistant) -> None:
    made = make_entry(Kind.METER)
    entry = MockConfigEntry(
        domain=made.domain,
        entry_id=_ENTRY,
        data=dict(made.data) | {"of_tomorrow": 1},
        version=2,
    )
    entry.add_to_hass(hass)
    assert not await hass.config_entries.async_setup(_ENTRY)
    assert entry.state is ConfigEntryState.MIGRATION_ERROR
    assert entry.data["of_tomorrow"] == 1
    assert entry.version == 2


async def test_a_later_minor_version_still_loads(hass: HomeAssistant) -> None:
    """After a downgrade within one format the home starts as before."""
    add_states(hass)
    made = make_entry(Kind.METER)
    entry = MockConfigEntry(
        domain=made.domain,
        title=made.title,
        entry_id=_ENTRY,
        data=dict(made.data) | {"of_tomorrow": 1},
        version=1,
        minor_version=9,
    )
    entry.add_to_hass(hass)
    assert await hass.config_entries.async_setup(_ENTRY)
    assert entry.data["of_tomorrow"] == 1
