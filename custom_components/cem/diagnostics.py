"""What a user may hand over for help: nothing that names person or place."""

from collections.abc import Mapping
from dataclasses import asdict
import re
from typing import Any, Final

from homeassistant.components.diagnostics import async_redact_data
from homeassistant.core import HomeAssistant, valid_entity_id

from cem_core.model import Reading
from custom_components.cem import CemConfigEntry
from custom_components.cem.const import Kind
from custom_components.cem.home import Home
from custom_components.cem.live import LiveView
from custom_components.cem.meters import OwnMeter
from custom_components.cem.planning.replay import replayable, told

TO_REDACT: Final = {
    "addresses",
    "area",
    "ca_file",
    "endpoint",
    "entities",
    "evcc_url",
    "fingerprint",
    "forecast_entries",
    "host",
    "issuer",
    "key",
    "limit_users",
    "listen_address",
    "meter_id",
    "message",
    "modbus_host",
    "modbus_serial",
    "name",
    "names",
    "nordpool_entry",
    "notify",
    "para14a_number",
    "para14a_operator",
    "password",
    "raw",
    "secret",
    "ski",
    "station",
    "source",
    "submeters",
    "title",
    "topic",
    "user",
    "username",
}
# Of a subentry: secrets, and where a meter is.
_KEPT_BACK: Final = {
    "s2_token",
    "station_password",
    "auth_key",
    "device",
    "fingerprint",
    "key",
    "serial",
    "token",
    "topic",
}
_PLACES: Final = ("host", "device", "topic")


async def async_get_config_entry_diagnostics(
    hass: HomeAssistant, entry: CemConfigEntry
) -> dict[str, Any]:
    """Return the entry, its subentries, the last reading, the plan, the problems."""
    home = entry.runtime_data
    reading, whole = home.snapshot.reading, home.settings.whole_diagnostics
    found: dict[str, Any] = {
        "entry": {"data": dict(entry.data), "options": dict(entry.options)},
        "subentries": [
            {
                "type": subentry.subentry_type,
                "data": async_redact_data(dict(subentry.data), _KEPT_BACK),
            }
            for subentry in entry.subentries.values()
        ],
        "live": LiveView(home).as_json(),
        "reading": asdict(reading) if reading else None,
        "registers": _registers(reading),
        "line": asdict(home.meter.line) if isinstance(home.meter, OwnMeter) else None,
        "plan": told(home.plan_document, whole=whole),
        "solved": None if home.solved is None else replayable(home.solved, whole=whole),
        "saved_day": home.saved_day if whole else None,
        "capabilities": {
            device.device_id: sorted(device.capabilities)
            for device in home.devices.values()
        },
        "commanded": sorted(home.store.commanded),
        "learned": home.learned.parts if whole else sorted(home.learned.parts),
        "forecast_errors": home.learned.errors,
    }
    aliases = _aliases(home) | await _users(hass)
    redacted: dict[str, Any] = _under_aliases(
        async_redact_data(found, TO_REDACT), aliases
    )
    return redacted


def _registers(reading: Reading | None) -> dict[str, str]:
    """Return what was measured; words and bare numbers may name the meter."""
    return {
        value.code: f"{value.value} {value.unit}"
        for value in (reading.raw if reading else ())
        if value.unit is not None and not isinstance(value.value, str)
    }


def _aliases(home: Home) -> dict[str, str]:
    """Return for each name or id that the user chose one that tells nothing.

    Sentences and plans call devices and issuers by name: left out of a field
    of their own they would still be read there.
    """
    aliases = {home.entry.title: "home"}
    for place, device in enumerate(home.devices.values(), 1):
        alias = f"{device.kind}_{place}"
        for name in (device.device_id, device.model.name, device.subentry_id):
            aliases[name] = alias
        for column in _columns(home):
            if column.startswith(f"{device.device_id}_"):
                aliases[column] = column.replace(device.device_id, alias, 1)
    orders = home.store.orders.limits
    for place, limit in enumerate(orders, 1):
        aliases[limit.limit_id] = f"limit_{place}"
        aliases[limit.issuer] = f"issuer_{place}"
    for subentry in home.entry.subentries.values():
        for key, value in subentry.data.items():
            if isinstance(value, str) and valid_entity_id(value):
                domain = value.partition(".")[0]
                aliases[value] = f"{domain}.cem_{subentry.subentry_type}_{key}"
            if key in _PLACES:
                aliases[str(value)] = key
    return {k: v for k, v in aliases.items() if k and k not in set(Kind)}


def _columns(home: Home) -> set[str]:
    """Return the columns of the last plan and of the last day."""
    planned = home.solved.asked.series if home.solved else {}
    return {*planned, *(home.saved_day or {}).get("series", {})}


async def _users(hass: HomeAssistant) -> dict[str, str]:
    users = await hass.auth.async_get_users()
    by_name = {user.name: f"user_{place}" for place, user in enumerate(users, 1)}
    return {name: alias for name, alias in by_name.items() if name}


def _under_aliases(value: Any, aliases: Mapping[str, str]) -> Any:  # noqa: ANN401 - JSON
    longest_first = sorted(aliases, key=len, reverse=True)
    words = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")

    def walk(each: Any) -> Any:  # noqa: ANN401 - JSON
        if isinstance(each, str):
            return words.sub(lambda match: aliases[match[0]], each)
        if isinstance(each, Mapping):
            return {aliases.get(key, key): walk(part) for key, part in each.items()}
        if isinstance(each, list | tuple):
            return [walk(part) for part in each]
        return each

    return walk(value)
