"""Load curves as Home Assistant's long-term statistics: an hour a row."""

from datetime import datetime, timedelta
from typing import Final

from homeassistant.components.recorder import get_instance
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    async_add_external_statistics,
    get_last_statistics,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from cem_core.archive import CurveArchive
from cem_core.exchange import LoadCurve
from cem_core.model import Direction
from custom_components.cem.const import DOMAIN

_HOUR: Final = timedelta(hours=1)
_NAMES: Final = {
    Direction.IMPORT: "imported energy",
    Direction.EXPORT: "exported energy",
}


def statistic_id(entry: ConfigEntry, direction: Direction) -> str:
    """Return the name of a home's statistic."""
    return f"{DOMAIN}:{entry.entry_id.lower()}_{direction.value}"


async def async_add_statistics(
    hass: HomeAssistant, entry: ConfigEntry, archive: CurveArchive, now: datetime
) -> None:
    """Add the hours that are over and known since the last one that was added.

    An hour that is missing has no row, and its energy is in no sum. While Home
    Assistant stops nothing is added: the next start does it. Raises `ArchiveError`.
    """
    span = await hass.async_add_executor_job(archive.span)
    if span is None:
        return
    for direction in Direction:
        name = statistic_id(entry, direction)
        try:
            last = await get_instance(hass).async_add_executor_job(
                get_last_statistics, hass, 1, name, True, {"sum"}
            )
        except RuntimeError:  # the recorder has stopped and takes no more work
            return
        start, sum_kwh = _hour(span[0]), 0.0
        if rows := last.get(name):
            start = dt_util.utc_from_timestamp(rows[0]["start"]) + _HOUR
            sum_kwh = rows[0].get("sum") or 0.0
        end = _hour(now)
        if start >= end:
            continue
        curves = await hass.async_add_executor_job(_hours, archive, start, end)
        found = []
        for time, energy_wh in _known(curves, direction):
            sum_kwh += energy_wh / 1000
            found.append(StatisticData(start=time, state=energy_wh / 1000, sum=sum_kwh))
        metadata = StatisticMetaData(
            mean_type=StatisticMeanType.NONE,
            has_sum=True,
            name=f"{entry.title} {_NAMES[direction]}",
            source=DOMAIN,
            statistic_id=name,
            unit_class=EnergyConverter.UNIT_CLASS,
            unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        )
        if found:
            async_add_external_statistics(hass, metadata, found)


def _hours(
    archive: CurveArchive, start: datetime, end: datetime
) -> tuple[LoadCurve, ...]:
    return archive.read(_HOUR, start, end, imported=False)


def _known(
    curves: tuple[LoadCurve, ...], direction: Direction
) -> list[tuple[datetime, int]]:
    """Return the hours that are known, of whichever meter was there, in order."""
    found: dict[datetime, int] = {}
    for curve in curves:
        for each in curve.intervals:
            if curve.direction is direction and each.energy_wh is not None:
                found.setdefault(each.start, each.energy_wh)
    return sorted(found.items())


def _hour(time: datetime) -> datetime:
    return time.replace(minute=0, second=0, microsecond=0)
