"""What counts energy and volumes in a home, and by how much each counter rose.

Home Assistant keeps a row an hour, and of the last days one every five minutes: those
tell of the hour that runs.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Literal

from homeassistant.components.energy import data as energy_data
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import FIVE_MINUTES

type Row = Literal["hour", "day", "month"]

EPOCH: Final = datetime.fromtimestamp(0, UTC)
MEDIA: Final = {
    SensorDeviceClass.GAS: "gas",
    SensorDeviceClass.WATER: "water",
    SensorDeviceClass.ENERGY: "heat",
}
_UNITS: Final = {"energy": "kWh", "volume": "m³"}
_SIDES: Final = {"import_energy": "import", "export_energy": "export"}
_FLOWS: Final = {  # of the energy dashboard: type of source, from it and to it
    "grid": ("import", "export"),
    "solar": ("solar", ""),
    "battery": ("discharge", "charge"),
    "gas": ("gas", ""),
    "water": ("water", ""),
}
# The recorder writes its rows ten seconds after each fifth minute.
_WRITTEN_AFTER: Final = timedelta(seconds=15)


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A statistic that counts ``kind``; ``name`` is a tariff's or a meter's."""

    statistic_id: str
    kind: str
    name: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """By how much each counter rose, by its statistic and by the start of the row.

    ``until``: up to when the hour that runs is told, where something tells of it.
    """

    rows: Mapping[str, Mapping[float, float]]
    until: Mapping[str, datetime]


async def async_counters(home: Home) -> list[Counter]:
    """Return the meter's own counters, then those of the energy dashboard."""
    own = list(_own(home))
    kinds = {counter.kind for counter in own}
    others = [c for c in await _of_energy_dashboard(home) if c.kind not in kinds]
    return own + others


def _own(home: Home) -> Iterator[Counter]:
    registry, devices = er.async_get(home.hass), dr.async_get(home.hass)
    known = er.async_entries_for_config_entry(registry, home.entry.entry_id)
    for entity in known:
        if entity.domain != "sensor" or entity.disabled or not entity.unique_id:
            continue
        side, tariff = _side(entity.unique_id)
        if side is not None:
            yield Counter(statistic_id=entity.entity_id, kind=side, name=tariff)
            continue
        counts = (entity.capabilities or {}).get("state_class") == "total_increasing"
        medium = MEDIA.get(_class(entity))
        if counts and medium is not None:
            device = devices.async_get(entity.device_id or "")
            name = (device.name_by_user or device.name) if device else None
            yield Counter(statistic_id=entity.entity_id, kind=medium, name=name)


def _class(entity: er.RegistryEntry) -> Any:  # noqa: ANN401 - only looked up
    return entity.device_class or entity.original_device_class


def _side(unique_id: str) -> tuple[str | None, str | None]:
    """Return the side that a register of the connection's meter counts, and tariff."""
    for key, side in _SIDES.items():
        before, found, tariff = unique_id.rpartition(f"_{key}")
        if found and before.count("_") == 0:
            return side, tariff.removeprefix("_tariff_") or None
    return None, None


async def _of_energy_dashboard(home: Home) -> list[Counter]:
    if "energy" not in home.hass.config.components:
        return []
    manager = await energy_data.async_get_manager(home.hass)
    sources: Iterable[Mapping[str, Any]] = (
        manager.data["energy_sources"] if manager.data else ()
    )
    return [
        Counter(statistic_id=source[key], kind=kind)
        for source in sources
        if source["type"] in _FLOWS
        for key, kind in zip(
            ("stat_energy_from", "stat_energy_to"), _FLOWS[source["type"]], strict=True
        )
        if kind and source.get(key)
    ]


async def async_changes(
    hass: HomeAssistant,
    counters: Iterable[Counter],
    start: datetime,
    row: Row,
    now: datetime,
) -> Changes:
    """Return by how much each counter rose since ``start``, the running hour too."""
    ids = {counter.statistic_id for counter in counters}
    if not ids or "recorder" not in hass.config.components:
        return Changes(rows={}, until={})
    return await get_instance(hass).async_add_executor_job(
        partial(_changes, hass, ids, start, row, now)
    )


def _changes(
    hass: HomeAssistant, ids: set[str], start: datetime, row: Row, now: datetime
) -> Changes:
    last = dt_util.as_utc(now) - _WRITTEN_AFTER
    open_at = last.replace(minute=0, second=0, microsecond=0)
    found = statistics_during_period(hass, start, None, ids, row, _UNITS, {"change"})
    rows = {
        name: {
            each["start"]: change
            for each in those
            if (change := each.get("change")) is not None
        }
        for name, those in found.items()
    }
    until = {}
    recent = statistics_during_period(
        hass, max(open_at, start), None, ids, "5minute", _UNITS, {"change"}
    )
    key = row_start(dt_util.as_local(open_at), row).timestamp()
    for name, those in recent.items():
        sums = rows.setdefault(name, {})
        before = 0.0 if row == "hour" else sums.get(key, 0.0)
        sums[key] = before + sum(each.get("change") or 0.0 for each in those)
        until[name] = dt_util.utc_from_timestamp(those[-1]["start"]) + FIVE_MINUTES
    return Changes(rows=rows, until=until)


def row_start(at: datetime, row: Row) -> datetime:
    """Return when the row begins in which ``at`` (local) lies."""
    if row == "hour":  # of universal time, as the recorder's
        return dt_util.as_utc(at).replace(minute=0, second=0, microsecond=0)
    midnight = at.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if row == "day" else midnight.replace(day=1)
