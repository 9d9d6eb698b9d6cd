"""What flowed in a day, a month or a year: the home's own counters, and the standby."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Final, Literal

from homeassistant.components.energy import data as energy_data
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.components.sensor import SensorDeviceClass
from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
import probatio

from cem_core.insight.standby import LEAST_HOURS, standby_w
from custom_components.cem.dashboard.asked_home import Message, asked_home
from custom_components.cem.dashboard.measured_energy import async_measured
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import FIVE_MINUTES, HOUR, async_means

_UNITS: Final = {"energy": "kWh", "volume": "m³"}
_MEDIA: Final = {
    SensorDeviceClass.GAS: "gas",
    SensorDeviceClass.WATER: "water",
    SensorDeviceClass.ENERGY: "heat",
}
_SIDES: Final = {"import_energy": "import", "export_energy": "export"}
_FLOWS: Final = {  # of the energy dashboard: type of source, from it and to it
    "grid": ("import", "export"),
    "solar": ("solar", ""),
    "battery": ("discharge", "charge"),
    "gas": ("gas", ""),
    "water": ("water", ""),
}
EPOCH: Final = datetime.fromtimestamp(0, UTC)
_STANDBY_LOOKS_BACK: Final = timedelta(days=14)
_ROWS: Final[Mapping[str, Literal["hour", "day", "month"]]] = {
    "day": "hour",
    "month": "day",
    "year": "month",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counter:
    """A statistic that counts ``kind``; ``name`` is a tariff's or a meter's."""

    statistic_id: str
    kind: str
    name: str | None = None


@websocket_command(
    {
        probatio.Required("type"): "cem/energy",
        probatio.Required("entry_id"): str,
        probatio.Optional("period", default="day"): probatio.In(list(_ROWS)),
    }
)
@async_response
async def ws_energy(
    hass: HomeAssistant, connection: ActiveConnection, message: Message
) -> None:
    """Tell what flowed in the running day, month or year."""
    if (home := asked_home(hass, connection, message)) is None:
        return
    answer = await async_energy(home, message["period"], dt_util.now())
    connection.send_result(message["id"], answer)


async def async_energy(home: Home, period: str, now: datetime) -> dict[str, Any]:
    """Return counted energies and volumes of the period that runs ``now`` (local)."""
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if period != "day":
        start = start.replace(day=1)
    if period == "year":
        start = start.replace(month=1)
    counters = await _counters(home)
    rows = await _changes(home.hass, counters, start, _ROWS[period])
    known = {counter.kind for counter in counters}
    measured = await async_measured(home, start, now, _ROWS[period], known)
    standby, standby_at = await _standby(home, now)
    return {
        "period": period,
        "start": start.isoformat(),
        "counted": [
            {
                "kind": counter.kind,
                "name": counter.name,
                "value": round(sum(rows[counter.statistic_id].values()), 3),
                "unit": "m³" if counter.kind in {"gas", "water"} else "kWh",
            }
            for counter in counters
            if rows.get(counter.statistic_id)
        ]
        + [
            {"kind": kind, "name": None, "value": round(sum(v.values()), 3)}
            | {"unit": "kWh"}
            for kind, v in measured.items()
        ],
        "measured": sorted(measured),
        "first_at": _first_at(now, counted="import" in known).isoformat(),
        "rows": list(_by_time(counters, rows, measured)),
        "standby_w": standby,
        "standby_at": standby_at and standby_at.isoformat(),
    }


async def async_counted(
    home: Home, start: datetime
) -> dict[str, dict[datetime, float]]:
    """Return what each kind counted in whole hours since ``start``, in kWh or m³."""
    counters = await _counters(home)
    rows = await _changes(home.hass, counters, start, "hour")
    found: dict[str, dict[datetime, float]] = {}
    for row in _by_time(counters, rows, {}):
        at = datetime.fromisoformat(row.pop("start"))
        for kind, value in row.items():
            found.setdefault(kind, {})[at] = value
    for counter in counters:
        if counter.kind in _MEDIA.values():
            hours = found.setdefault(counter.kind, {})
            for at_s, change in rows.get(counter.statistic_id, {}).items():
                at = dt_util.utc_from_timestamp(at_s)
                hours[at] = hours.get(at, 0.0) + change
    return found


def _first_at(now: datetime, *, counted: bool) -> datetime:
    """Return when the recorder has the next row: an hour's, or five minutes'."""
    step = HOUR if counted else FIVE_MINUTES
    return now + step - (dt_util.as_utc(now) - EPOCH) % step


async def _counters(home: Home) -> list[_Counter]:
    """Return the meter's own counters, then those of the energy dashboard."""
    own = list(_own(home))
    kinds = {counter.kind for counter in own}
    others = [c for c in await _of_energy_dashboard(home) if c.kind not in kinds]
    return own + others


def _own(home: Home) -> Iterator[_Counter]:
    registry, devices = er.async_get(home.hass), dr.async_get(home.hass)
    known = er.async_entries_for_config_entry(registry, home.entry.entry_id)
    for entity in known:
        if entity.domain != "sensor" or entity.disabled or not entity.unique_id:
            continue
        side, tariff = _side(entity.unique_id)
        if side is not None:
            yield _Counter(statistic_id=entity.entity_id, kind=side, name=tariff)
            continue
        counts = (entity.capabilities or {}).get("state_class") == "total_increasing"
        medium = _MEDIA.get(_class(entity))
        if counts and medium is not None:
            device = devices.async_get(entity.device_id or "")
            name = (device.name_by_user or device.name) if device else None
            yield _Counter(statistic_id=entity.entity_id, kind=medium, name=name)


def _class(entity: er.RegistryEntry) -> Any:  # noqa: ANN401 - only looked up
    return entity.device_class or entity.original_device_class


def _side(unique_id: str) -> tuple[str | None, str | None]:
    """Return the side that a register of the connection's meter counts, and tariff."""
    for key, side in _SIDES.items():
        before, found, tariff = unique_id.rpartition(f"_{key}")
        if found and before.count("_") == 0:
            return side, tariff.removeprefix("_tariff_") or None
    return None, None


async def _of_energy_dashboard(home: Home) -> list[_Counter]:
    if "energy" not in home.hass.config.components:
        return []
    manager = await energy_data.async_get_manager(home.hass)
    sources: Iterable[Mapping[str, Any]] = (
        manager.data["energy_sources"] if manager.data else ()
    )
    return [
        _Counter(statistic_id=source[key], kind=kind)
        for source in sources
        if source["type"] in _FLOWS
        for key, kind in zip(
            ("stat_energy_from", "stat_energy_to"), _FLOWS[source["type"]], strict=True
        )
        if kind and source.get(key)
    ]


async def _changes(
    hass: HomeAssistant,
    counters: Iterable[_Counter],
    start: datetime,
    row: Literal["hour", "day", "month"],
) -> dict[str, dict[float, float]]:
    """Return by how much each counter rose, by the start of the row."""
    ids = {counter.statistic_id for counter in counters}
    if not ids or "recorder" not in hass.config.components:
        return {}
    found = await get_instance(hass).async_add_executor_job(
        partial(
            statistics_during_period, hass, start, None, ids, row, _UNITS, {"change"}
        )
    )
    return {
        name: {
            each["start"]: change
            for each in rows
            if (change := each.get("change")) is not None
        }
        for name, rows in found.items()
    }


def _by_time(
    counters: Iterable[_Counter],
    rows: Mapping[str, Mapping[float, float]],
    measured: Mapping[str, Mapping[float, float]],
) -> Iterator[dict[str, Any]]:
    """Yield the electricity of each row by kind; a total goes before its tariffs."""
    electric = [c for c in counters if c.kind not in _MEDIA.values()]
    totals = {c.kind for c in electric if c.name is None and c.statistic_id in rows}
    used = [c for c in electric if c.name is None or c.kind not in totals]
    counted = {at for c in used for at in rows.get(c.statistic_id, {})}
    for at in sorted(counted.union(*measured.values())):
        sums = {kind: found[at] for kind, found in measured.items() if at in found}
        for counter in used:
            value = rows.get(counter.statistic_id, {}).get(at)
            if value is not None:
                sums[counter.kind] = round(sums.get(counter.kind, 0.0) + value, 4)
        yield {"start": dt_util.utc_from_timestamp(at).isoformat(), **sums}


async def _standby(home: Home, now: datetime) -> tuple[int | None, datetime | None]:
    """Return the standby in W, or else when enough hours will be known."""
    name = home.load_statistic_id
    if name is None:
        return None, None
    hours = _STANDBY_LOOKS_BACK // HOUR
    last = dt_util.as_utc(now).replace(minute=0, second=0, microsecond=0)
    means = await async_means(home.hass, [name], last - hours * HOUR, hours)
    found = standby_w(means[name])
    if found is not None:
        return round(found), None
    known = sum(mean is not None for mean in means[name])
    return None, dt_util.as_local(last + (LEAST_HOURS + 1 - known) * HOUR)
