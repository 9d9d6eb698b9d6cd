"""The integrations of this system that tell market prices by an action."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant

NORDPOOL: Final = "nordpool"
ENERGYZERO: Final = "energyzero"
EASYENERGY: Final = "easyenergy"
TIBBER: Final = "tibber"
# The one that a person pays for first: who has Tibber and Nord Pool pays Tibber.
INTEGRATIONS: Final = (TIBBER, ENERGYZERO, EASYENERGY, NORDPOOL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceSource:
    """An integration's entry, and what it answers in the form of its method."""

    method: str
    title: str
    answers: Mapping[str, Any]


def price_sources(hass: HomeAssistant) -> tuple[PriceSource, ...]:
    """Return the entries that are loaded, those asked first coming first."""
    return tuple(
        PriceSource(
            method=integration,
            title=entry.title,
            answers={f"{integration}_entry": entry.entry_id} | _area(entry.data),
        )
        for integration in INTEGRATIONS
        for entry in hass.config_entries.async_entries(integration)
        if entry.state is ConfigEntryState.LOADED
    )


def _area(data: Mapping[str, Any]) -> dict[str, str]:
    """Nord Pool's entry knows its areas."""
    areas = data.get("areas") or ()
    return {"area": areas[0]} if areas else {}
