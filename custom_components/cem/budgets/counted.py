"""What counters counted, hour by hour, and what electricity cost meanwhile."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from homeassistant.const import Platform
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from cem_core.insight.budget import HOUR, Counted
from custom_components.cem.budgets.budget import Budget, Measure
from custom_components.cem.const import DOMAIN
from custom_components.cem.dashboard.energy import async_counted
from custom_components.cem.home import Home
from custom_components.cem.learning.statistics import async_means
from custom_components.cem.price_sensors import import_price

type Hours = Mapping[datetime, float]


async def async_hours(
    home: Home, budgets: list[Budget], start: datetime
) -> dict[str, Counted]:
    """Return what was counted since ``start`` in each budget's unit, by its id.

    A budget that nothing counts, or whose price nobody knows, is absent.
    """
    counted = await async_counted(home, start)
    prices: Hours = {}
    if any(each.measure is Measure.COST and each.price is None for each in budgets):
        prices = await async_recorded_prices(home, start)
    found: dict[str, Counted] = {}
    for budget in budgets:
        whole = counted.get(budget.medium.counted_as)
        if whole is None:
            continue
        hours: Hours | None = whole.hours
        if budget.measure is Measure.COST:
            hours = _costs(home, budget, whole.hours, prices)
        if hours is not None:
            found[budget.budget_id] = replace(whole, hours=hours)
    return found


def _costs(home: Home, budget: Budget, hours: Hours, prices: Hours) -> Hours | None:
    """Return what each hour cost; one without a price costs the mean of the others."""
    if budget.price is not None:
        return {at: value * budget.price for at, value in hours.items()}
    known = list(prices.values())
    mean = sum(known) / len(known) if known else import_price(home, dt_util.utcnow())
    if mean is None:
        return None
    return {at: value * prices.get(at, mean) for at, value in hours.items()}


async def async_recorded_prices(home: Home, start: datetime) -> Hours:
    """Return the mean price of each hour that the home's own sensor recorded."""
    sensor = er.async_get(home.hass).async_get_entity_id(
        Platform.SENSOR, DOMAIN, f"{home.entry.entry_id}_import_price"
    )
    if sensor is None:
        return {}
    first = start.replace(minute=0, second=0, microsecond=0)
    rows = (dt_util.utcnow() - first) // HOUR + 1
    means = await async_means(home.hass, [sensor], first, rows)
    return {
        first + place * HOUR: mean
        for place, mean in enumerate(means[sensor])
        if mean is not None
    }
