"""Energy from measured powers: for what no counter has told of yet, or ever will.

A sum of means, of five minutes in a day and in the hour that runs, else of hours: what
was drawn and fed in within one of them is counted as their difference.
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from homeassistant.const import Platform
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from cem_core.model.units import kw
from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.dashboard.counters import Row, row_start
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import FIVE_MINUTES, HOUR, async_means

type Rows = dict[str, dict[float, float]]


async def async_measured(
    home: Home,
    start: datetime,
    now: datetime,
    row: Row,
    counted: Iterable[str],
) -> Rows:
    """Return kWh by kind and by the start of the row, but for what is ``counted``."""
    sources = {
        statistic_id: sides
        for statistic_id, sides in _powers(home)
        if not set(filter(None, sides)) & set(counted)
    }
    since, until = dt_util.as_utc(start), dt_util.as_utc(now)
    open_at = max(since, until.replace(minute=0, second=0, microsecond=0))
    spans = [(since, open_at, HOUR), (open_at, until, FIVE_MINUTES)]
    if row == "hour":
        spans = [(since, until, FIVE_MINUTES)]
    sums: Rows = {}
    for begin, end, step in spans:
        rows = (end - begin) // step
        means = await async_means(home.hass, sources, begin, rows, step)
        for statistic_id, sides in sources.items():
            for place, mean_w in enumerate(means[statistic_id]):
                side = sides[mean_w is not None and mean_w < 0]
                if mean_w is None or not side:
                    continue
                at = dt_util.as_local(begin + place * step)
                key = row_start(at, row).timestamp()
                kept = sums.setdefault(side, {})
                kept[key] = kept.get(key, 0.0) + abs(kw(mean_w)) * (step / HOUR)
    return {
        side: {at: round(rows[at], 4) for at in sorted(rows)}
        for side, rows in sums.items()
    }


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
