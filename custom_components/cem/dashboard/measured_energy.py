"""Energy from measured powers: for a home whose meter tells no counters.

A sum of means, of five minutes in a day and of hours in a month or a year: what was
drawn and fed in within one of them is counted as their difference.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Literal

from homeassistant.const import Platform
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from cem_core.model.units import kw
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import FIVE_MINUTES, HOUR, async_means

type Row = Literal["hour", "day", "month"]
type Rows = dict[str, dict[float, float]]


async def async_measured(
    home: Home,
    start: datetime,
    now: datetime,
    row: Row,
    counted: Iterable[str],
) -> Rows:
    """Return kWh by kind and by the start of the row, but for what is ``counted``."""
    step = FIVE_MINUTES if row == "hour" else HOUR
    sources = {
        statistic_id: sides
        for statistic_id, sides in _powers(home)
        if not set(filter(None, sides)) & set(counted)
    }
    since = dt_util.as_utc(start)
    means = await async_means(
        home.hass, sources, since, (dt_util.as_utc(now) - since) // step, step
    )
    sums: Rows = {}
    for statistic_id, (positive, negative) in sources.items():
        for place, mean_w in enumerate(means[statistic_id]):
            side = positive if mean_w is None or mean_w >= 0 else negative
            if mean_w is None or not side:
                continue
            at = _begin(dt_util.as_local(since + place * step), row).timestamp()
            rows = sums.setdefault(side, {})
            rows[at] = rows.get(at, 0.0) + abs(kw(mean_w)) * (step / HOUR)
    return {
        side: {at: round(rows[at], 4) for at in sorted(rows)}
        for side, rows in sums.items()
    }


def _begin(at: datetime, row: Row) -> datetime:
    if row == "hour":
        return at.replace(minute=0)
    midnight = at.replace(hour=0, minute=0)
    return midnight if row == "day" else midnight.replace(day=1)


def _powers(home: Home) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield each power's statistic with what it is where positive, and negative."""
    grid = er.async_get(home.hass).async_get_entity_id(
        Platform.SENSOR, DOMAIN, f"{home.entry.entry_id}_grid_power"
    )
    if grid is not None:
        yield grid, ("import", "export")
    for device in home.devices.values():
        data: Mapping[str, Any] = device.data
        if "power" not in data:
            continue
        if device.kind is Kind.SOLAR:
            yield data["power"], ("solar", "")
        elif device.kind is Kind.BATTERY:
            sides = ("charge", "discharge")
            if data.get("power_sign") == "discharge_positive":
                sides = ("discharge", "charge")
            yield data["power"], sides
