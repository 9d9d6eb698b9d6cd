"""The integrations that tell market prices are found by their entries."""

from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.cem.forms.tariff_preset import answers_with, best_source
from custom_components.cem.presets.price_sources import price_sources
from custom_components.cem.presets.tariffs import TARIFFS


async def test_what_is_loaded_is_found_in_order(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert best_source(hass) is None
    entries: dict[str, ConfigEntry] = {
        "nordpool": MockConfigEntry(
            domain="nordpool",
            title="Nord Pool",
            data={"areas": ["NL"], "currency": "EUR"},
            state=ConfigEntryState.LOADED,
        ),
        "energyzero": MockConfigEntry(
            domain="energyzero", title="EnergyZero", state=ConfigEntryState.LOADED
        ),
        "tibber": MockConfigEntry(domain="tibber", title="Tibber"),
    }
    monkeypatch.setattr(
        hass.config_entries,
        "async_entries",
        lambda domain: [entries[domain]] if domain in entries else [],
    )
    found = price_sources(hass)
    assert [source.method for source in found] == ["energyzero", "nordpool"]
    assert found[1].answers == {
        "nordpool_entry": entries["nordpool"].entry_id,
        "area": "NL",
    }
    method, answers = answers_with(TARIFFS["nl_dynamic"], best_source(hass))
    assert method == "energyzero"
    assert answers["energyzero_entry"] == entries["energyzero"].entry_id
    assert answers["price_factor"] == 1.21
    monkeypatch.undo()
