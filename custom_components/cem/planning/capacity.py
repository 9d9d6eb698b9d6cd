"""The price of the home's peaks, and those of this month that it has had already."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from homeassistant.const import Platform
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from cem_core.model.units import kw
from cem_core.tariff import CapacityTariff, PeaksSoFar, peaks_so_far
from cem_core.tariff.capacity_presets import CAPACITY_PRESETS
from custom_components.cem.const import DOMAIN
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import HOUR, async_means

_HOUR_MINUTES: Final = 60
_GIVEN: Final = ("price_per_kw", "floor_kw")

type Json = dict[str, Any]


def capacity_document(tariff: Mapping[str, Any]) -> Json | None:
    """Return `tariff.capacity` of HOME without the peaks so far; None: peaks are free."""
    price_per_kw = tariff.get("capacity_price_per_kw")
    name = tariff.get("capacity_preset")
    if name is not None:
        priced = {} if price_per_kw is None else {"price_per_kw": price_per_kw}
        floored = {}
        if CAPACITY_PRESETS[name].needs == "floor_kw":
            floored = {"floor_kw": tariff["capacity_floor_kw"]}
        return {"preset": name} | priced | floored
    if not price_per_kw:
        return None
    return {
        "integration_minutes": 15,
        "price_per_kw": price_per_kw,
        "floor_kw": tariff.get("capacity_floor_kw", 0),
    }


def tariff_of(tariff: Mapping[str, Any]) -> CapacityTariff | None:
    """Return what peaks are billed by, None: they cost nothing."""
    document = capacity_document(tariff)
    if document is None:
        return None
    given = {key: document[key] for key in _GIVEN if key in document}
    if (name := document.get("preset")) is None:
        return CapacityTariff(**given)
    return replace(CAPACITY_PRESETS[name].tariff, **given)


def by_quarter_hours(tariff: Mapping[str, Any]) -> bool:
    """Tell whether one quarter hour makes the peak, as the home's own sensor has it."""
    name = tariff.get("capacity_preset")
    return name is None or _is_plain(CAPACITY_PRESETS[name].tariff)


def _is_plain(tariff: CapacityTariff) -> bool:
    return tariff.integration_minutes < _HOUR_MINUTES and tariff.top == 1


async def async_peaks(home: Home, now: datetime) -> PeaksSoFar | None:
    """Return the peaks of a tariff by the hour since its window began.

    From the hourly means of the grid's power; None for a tariff by quarter hours.
    """
    tariff = home.tariff or {}
    if by_quarter_hours(tariff):
        return None
    capacity = CAPACITY_PRESETS[tariff["capacity_preset"]].tariff
    zone = dt_util.get_default_time_zone()
    first = capacity.window.start(dt_util.as_local(now).date())
    start = dt_util.as_utc(datetime(first.year, first.month, first.day, tzinfo=zone))
    hours = (now - start) // HOUR
    grid = er.async_get(home.hass).async_get_entity_id(
        Platform.SENSOR, DOMAIN, f"{home.entry.entry_id}_grid_power"
    )
    if grid is None or not hours:
        return PeaksSoFar()
    found = await async_means(home.hass, [grid], start, hours)
    imported = [max(0.0, kw(power_w or 0.0)) for power_w in found[grid]]
    return peaks_so_far(capacity, imported, start=start, step=HOUR, zone=zone)
