"""Savings as Home Assistant's long-term statistics, which nothing purges: a day a row.

A day stands in the last hour before the noon on which it ends, so that days, months and
years are those of the savings' own view. Money, energy and CO2 are sums, so that any
period's can be read; peaks and shares are means with their least and most.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

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
from homeassistant.const import PERCENTAGE, UnitOfEnergy, UnitOfMass, UnitOfPower
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import (
    EnergyConverter,
    MassConverter,
    PowerConverter,
)

from cem_core.insight.savings import SavedDay, row
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home

_HOUR: Final = timedelta(hours=1)
_UNIT_CLASSES: Final[dict[str, str]] = {
    UnitOfEnergy.KILO_WATT_HOUR: EnergyConverter.UNIT_CLASS,
    UnitOfPower.KILO_WATT: PowerConverter.UNIT_CLASS,
    UnitOfMass.KILOGRAMS: MassConverter.UNIT_CLASS,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """One statistic; ``unit`` None: the home's currency. Of no value there is no row."""

    key: str
    name: str
    unit: str | None
    value: Callable[[SavedDay], float | None]
    sums: bool = True


def _self_used_kwh(day: SavedDay) -> float:
    return max(0.0, day.produced_kwh - day.export_kwh)


def _self_used_planned_kwh(day: SavedDay) -> float:
    return max(0.0, day.produced_kwh - day.export_planned_kwh)


def _self_use(day: SavedDay) -> float | None:
    share: float | None = row([day], 0.0)["self_use"]
    return None if share is None else 100 * share


def _missed_by_planning(day: SavedDay) -> float | None:
    return None if day.perfect is None else day.known - day.perfect


KEPT: Final = (
    Kept(key="saved", name="saved", unit=None, value=lambda day: day.saved),
    Kept(key="bill", name="bill", unit=None, value=lambda day: day.bill),
    Kept(
        key="bill_without",
        name="bill without energy manager",
        unit=None,
        value=lambda day: day.without,
    ),
    Kept(
        key="bill_perfect",
        name="bill with perfect foresight",
        unit=None,
        value=lambda day: day.perfect,
    ),
    Kept(
        key="missed_by_forecasts",
        name="missed by forecasts",
        unit=None,
        value=lambda day: day.planned - day.known,
    ),
    Kept(
        key="missed_by_planning",
        name="missed by planning",
        unit=None,
        value=_missed_by_planning,
    ),
    Kept(
        key="self_used",
        name="own solar energy used",
        unit=UnitOfEnergy.KILO_WATT_HOUR,
        value=_self_used_kwh,
    ),
    Kept(
        key="self_used_planned",
        name="own solar energy used, planned",
        unit=UnitOfEnergy.KILO_WATT_HOUR,
        value=_self_used_planned_kwh,
    ),
    Kept(
        key="co2",
        name="CO2 of imports",
        unit=UnitOfMass.KILOGRAMS,
        value=lambda day: day.co2_kg,
    ),
    Kept(
        key="co2_without",
        name="CO2 of imports without energy manager",
        unit=UnitOfMass.KILOGRAMS,
        value=lambda day: day.co2_without_kg,
    ),
    Kept(
        key="self_use",
        name="share of own solar energy used",
        unit=PERCENTAGE,
        value=_self_use,
        sums=False,
    ),
    Kept(
        key="peak",
        name="highest quarter hour",
        unit=UnitOfPower.KILO_WATT,
        value=lambda day: day.peak_kw,
        sums=False,
    ),
    Kept(
        key="peak_without",
        name="highest quarter hour without energy manager",
        unit=UnitOfPower.KILO_WATT,
        value=lambda day: day.peak_without_kw,
        sums=False,
    ),
)


def saving_statistic(entry: ConfigEntry, key: str) -> str:
    """Return the id of a home's statistic."""
    return f"{DOMAIN}:{entry.entry_id.lower()}_{key}"


def saving_statistics(entry: ConfigEntry) -> list[str]:
    """Return the ids of all statistics of a home's savings."""
    return [saving_statistic(entry, kept.key) for kept in KEPT]


async def async_keep_long(home: Home) -> None:
    """Add the days that are not in the statistics yet."""
    if "recorder" not in home.hass.config.components:
        return
    for kept in KEPT:
        name = saving_statistic(home.entry, kept.key)
        last = await get_instance(home.hass).async_add_executor_job(
            get_last_statistics, home.hass, 1, name, True, {"sum"}
        )
        after, total = None, 0.0
        if rows := last.get(name):
            after = dt_util.utc_from_timestamp(rows[0]["start"])
            total = rows[0].get("sum") or 0.0
        if found := _rows(home.savings.days, kept, after, total):
            async_add_external_statistics(home.hass, _about(home, kept, name), found)


def _rows(
    days: Sequence[SavedDay], kept: Kept, after: datetime | None, total: float
) -> list[StatisticData]:
    found = []
    for day in days:
        start = (day.end - _HOUR).replace(minute=0)  # where noon is at half past too
        value = kept.value(day)
        if value is None or (after is not None and start <= after):
            continue
        if kept.sums:
            total += value
            found.append(StatisticData(start=start, state=value, sum=total))
        else:
            found.append(StatisticData(start=start, mean=value, min=value, max=value))
    return found


def _about(home: Home, kept: Kept, name: str) -> StatisticMetaData:
    unit = home.hass.config.currency if kept.unit is None else kept.unit
    return StatisticMetaData(
        mean_type=StatisticMeanType.NONE if kept.sums else StatisticMeanType.ARITHMETIC,
        has_sum=kept.sums,
        name=f"{home.entry.title} {kept.name}",
        source=DOMAIN,
        statistic_id=name,
        unit_class=None if kept.unit is None else _UNIT_CLASSES.get(kept.unit),
        unit_of_measurement=unit,
    )
