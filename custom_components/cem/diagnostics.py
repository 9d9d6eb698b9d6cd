"""What a user may hand over for help: nothing that names person or place."""

from dataclasses import asdict
from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant

from custom_components.cem import CemConfigEntry
from custom_components.cem.live import LiveView

TO_REDACT: Final = {
    "host",
    "issuer",
    "limit_users",
    "meter_id",
    "message",
    "name",
    "names",
    "raw",
    "source",
    "submeters",
    "title",
}


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: CemConfigEntry
) -> dict[str, Any]:
    """Return the entry, its subentries, the last reading, the plan, the problems."""
    home = entry.runtime_data
    reading = home.snapshot.reading
    found: dict[str, Any] = {
        "entry": {"data": dict(entry.data), "options": dict(entry.options)},
        "subentries": [
            {"type": subentry.subentry_type, "data": dict(subentry.data)}
            for subentry in entry.subentries.values()
        ],
        "live": LiveView(home).as_json(),
        "reading": asdict(reading) if reading else None,
        "plan": home.plan_document,
        "commanded": sorted(home.store.commanded),
    }
    return async_redact_data(found, TO_REDACT)
