"""What the energy preferences already know, as suggestions for the forms."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from homeassistant.components.energy import data as energy_data
from homeassistant.components.energy.websocket_api import async_get_energy_platforms
from homeassistant.config_entries import ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant

from cem_core.model.units import kw
from custom_components.cem.const import Kind

type Source = Mapping[str, Any]
type Suggestions = dict[str, Any]


async def suggestions(hass: HomeAssistant, kind: Kind) -> Suggestions:
    """Return what the energy dashboard's settings say about ``kind``.

    Nothing where the user has not set up the energy dashboard, or not this.
    """
    suggest = SUGGEST.get(kind)
    if suggest is None or "energy" not in hass.config.components:
        return {}
    manager = await energy_data.async_get_manager(hass)
    sources: Iterable[Source] = manager.data["energy_sources"] if manager.data else ()
    source_type = SOURCE_TYPE[kind]
    for source in sources:
        if source["type"] == source_type:
            found = suggest(source)
            return {key: value for key, value in found.items() if value is not None}
    return {}


async def solar_forecast(hass: HomeAssistant) -> Suggestions:
    """Return the integration that foretells the sun; of several a person picks one."""
    if "energy" not in hass.config.components:
        return {}
    entries = [
        entry.entry_id
        for domain in await async_get_energy_platforms(hass)
        for entry in hass.config_entries.async_loaded_entries(domain)
    ]
    return {"forecast_entries": entries[0]} if len(entries) == 1 else {}


def least_allowed(entry: ConfigEntry, kind: Kind) -> Suggestions:
    """Return what an operator has to leave the home, where a form asks for a limit.

    Nothing where no rule of the country says so, and while the home is not set up.
    """
    key = LIMIT_FIELDS.get(kind)
    if key is None or entry.state is not ConfigEntryState.LOADED:
        return {}
    minimum_w: int | None = entry.runtime_data.minimum_w
    return {} if minimum_w is None else {key: kw(minimum_w)}


def _meter(source: Source) -> Suggestions:
    config = source.get("power_config", {})
    found: Suggestions = {
        "import_energy": source.get("stat_energy_from"),
        "export_energy": source.get("stat_energy_to"),
    }
    if inverted := config.get("stat_rate_inverted"):
        return found | {"power": inverted, "power_sign": "export_positive"}
    if "stat_rate_from" in config:
        return found | {
            "import_power": config["stat_rate_from"],
            "export_power": config.get("stat_rate_to"),
        }
    return found | {"power": config.get("stat_rate", source.get("stat_rate"))}


def _tariff(source: Source) -> Suggestions:
    return {
        "price_entity": source.get("entity_energy_price"),
        "import_price": source.get("number_energy_price"),
        "export_price_entity": source.get("entity_energy_price_export"),
        "export_price": source.get("number_energy_price_export"),
    }


def _solar(source: Source) -> Suggestions:
    entries = source.get("config_entry_solar_forecast") or []
    return {
        "name": source.get("name"),
        "power": source.get("stat_rate"),
        "forecast_entries": entries[0] if entries else None,
    }


def _battery(source: Source) -> Suggestions:
    """The energy dashboard counts discharging as positive: the other way round."""
    config = source.get("power_config", {})
    found: Suggestions = {
        "name": source.get("name"),
        "state_of_charge": source.get("stat_soc"),
        "capacity": source.get("capacity"),
    }
    if inverted := config.get("stat_rate_inverted"):
        return found | {"power": inverted, "power_sign": "charge_positive"}
    power = config.get("stat_rate", source.get("stat_rate"))
    return found | {"power": power, "power_sign": "discharge_positive"}


LIMIT_FIELDS: Final = {
    Kind.CONTROL_BOX: "failsafe_import",
    Kind.RELAY: "relay_limit",
}
SOURCE_TYPE: Final[Mapping[Kind, str]] = {
    Kind.METER: "grid",
    Kind.TARIFF: "grid",
    Kind.SOLAR: "solar",
    Kind.BATTERY: "battery",
}
SUGGEST: Final[Mapping[Kind, Callable[[Source], Suggestions]]] = {
    Kind.METER: _meter,
    Kind.TARIFF: _tariff,
    Kind.SOLAR: _solar,
    Kind.BATTERY: _battery,
}
