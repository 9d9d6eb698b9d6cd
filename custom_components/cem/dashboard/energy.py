"""What flowed in a day, a month or a year: the home's own counters, and the standby."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.components.websocket_api.connection import ActiveConnection
from homeassistant.components.websocket_api.decorators import (
    async_response,
    websocket_command,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import probatio

from cem_core.insight.budget import Counted
from cem_core.insight.standby import LEAST_HOURS, standby_w
from custom_components.cem.dashboard.asked_home import Message, asked_home
from custom_components.cem.dashboard.counters import (
    EPOCH,
    MEDIA,
    Counter,
    Row,
    async_changes,
    async_counters,
)
from custom_components.cem.dashboard.measured_energy import async_measured
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import FIVE_MINUTES, HOUR, async_means

_STANDBY_LOOKS_BACK: Final = timedelta(days=14)
_ROWS: Final[Mapping[str, Row]] = {
    "day": "hour",
    "month": "day",
    "year": "month",
}


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
    counters = await async_counters(home)
    rows = (await async_changes(home.hass, counters, start, _ROWS[period], now)).rows
    known = {counter.kind for counter in counters if rows.get(counter.statistic_id)}
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
        "first_at": _first_at(now).isoformat(),
        "rows": list(_by_time(counters, rows, measured)),
        "standby_w": standby,
        "standby_at": standby_at and standby_at.isoformat(),
    }


async def async_counted(home: Home, start: datetime) -> dict[str, Counted]:
    """Return what each kind counted since ``start``, in kWh or m³."""
    counters = await async_counters(home)
    now = dt_util.utcnow()
    changes = await async_changes(home.hass, counters, start, "hour", now)
    found: dict[str, dict[datetime, float]] = {}
    for row in _by_time(counters, changes.rows, {}):
        at = datetime.fromisoformat(row.pop("start"))
        for kind, value in row.items():
            found.setdefault(kind, {})[at] = value
    for counter in counters:
        if counter.kind in MEDIA.values():
            hours = found.setdefault(counter.kind, {})
            for at_s, change in changes.rows.get(counter.statistic_id, {}).items():
                at = dt_util.utc_from_timestamp(at_s)
                hours[at] = hours.get(at, 0.0) + change
    ends: dict[str, list[datetime]] = {}
    for counter in counters:
        if end := changes.until.get(counter.statistic_id):
            ends.setdefault(counter.kind, []).append(end)
    return {
        kind: Counted(hours=hours, until=max(ends.get(kind, []), default=None))
        for kind, hours in found.items()
    }


def _first_at(now: datetime) -> datetime:
    """Return when the recorder has its next row."""
    return now + FIVE_MINUTES - (dt_util.as_utc(now) - EPOCH) % FIVE_MINUTES


def _by_time(
    counters: Iterable[Counter],
    rows: Mapping[str, Mapping[float, float]],
    measured: Mapping[str, Mapping[float, float]],
) -> Iterator[dict[str, Any]]:
    """Yield the electricity of each row by kind; a total goes before its tariffs."""
    electric = [c for c in counters if c.kind not in MEDIA.values()]
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
