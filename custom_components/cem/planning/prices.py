"""What energy costs: import and export price as series, per kWh."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from cem_core.model import Interval, Series, SeriesError
from cem_core.tariff import TimeOfUse
from custom_components.cem.describe import number_of
from custom_components.cem.forms.price_sheet import sheet_of
from custom_components.cem.planning.day_kinds import Kinds, async_day_kinds
from custom_components.cem.planning.forecast_rows import forecast_of
from custom_components.cem.planning.price_actions import async_market
from custom_components.cem.planning.steps import STEP

# Of a tariff: the entities that say what its prices are.
PRICE_FIELDS: Final = (
    "price_entity",
    "export_price_entity",
    "day_kind_entity",
    "next_day_kind_entity",
)
_KWH_PER: Final = {"/kWh": 1.0, "/MWh": 0.001, "/Wh": 1000.0}
_CLOCK_FOR: Final = timedelta(days=3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Series per kWh; where they end the fixed price serves, if there is one."""

    imported: Series
    exported: Series
    fixed_import: float | None = None
    fixed_export: float | None = None


async def async_prices(hass: HomeAssistant, tariff: Mapping[str, Any]) -> Prices:
    """Return the prices of ``tariff``. Raises `SeriesError` in a sentence."""
    imported, fixed_import, market = Series(()), None, None
    match tariff["method"]:
        case "price_entity":
            imported, fixed_import = _of_entity(hass, tariff["price_entity"])
        case "fixed":
            fixed_import = tariff["import_price"]
        case "time_of_use":
            days = await async_day_kinds(hass, tariff)
            imported = _by_the_clock(tariff, days)
        case _:
            market = await async_market(hass, tariff)
            imported = _bought(market, tariff)
    if not imported and fixed_import is None:
        raise SeriesError("no price is known")
    exported, fixed_export = _exported(hass, tariff, market)
    return Prices(
        imported=imported,
        exported=exported,
        fixed_import=fixed_import,
        fixed_export=fixed_export,
    )


def _exported(
    hass: HomeAssistant, tariff: Mapping[str, Any], market: Series | None
) -> tuple[Series, float | None]:
    """Return what feeding in brings: an entity's, a share of the market's, or fixed."""
    if entity_id := tariff.get("export_price_entity"):
        return _of_entity(hass, entity_id)
    if market is not None and "export_factor" in tariff:
        addition = tariff.get("export_addition", 0.0)
        return _scaled(market, tariff["export_factor"], addition), None
    return Series(()), tariff.get("export_price", 0.0)


def _bought(market: Series, tariff: Mapping[str, Any]) -> Series:
    """Return the market price with taxes, shares and the period's price."""
    series = _scaled(market, tariff["price_factor"], tariff["price_addition"])
    sheet = sheet_of(tariff)
    if sheet is None:
        return series
    return Series(
        tuple(
            replace(piece, value=piece.value + _at(sheet, piece.start))
            for interval in series.intervals
            for piece in _quarters(interval)
        )
    )


def _scaled(series: Series, factor: float, addition: float) -> Series:
    return Series(
        tuple(
            replace(each, value=each.value * factor + addition)
            for each in series.intervals
        )
    )


def _by_the_clock(tariff: Mapping[str, Any], days: Kinds) -> Series:
    """Return the prices of the price sheet from midnight on, for as long as plans go."""
    sheet = sheet_of(tariff, days)
    if sheet is None:
        raise SeriesError("the tariff has no calendar")
    start = dt_util.as_utc(dt_util.start_of_local_day())
    span = Interval(start=start, end=start + _CLOCK_FOR, value=0.0)
    return Series(
        tuple(
            replace(piece, value=_at(sheet, piece.start)) for piece in _quarters(span)
        )
    )


def _at(sheet: TimeOfUse, time: datetime) -> float:
    return sheet.price(dt_util.as_local(time))


def _quarters(interval: Interval) -> Iterator[Interval]:
    """Yield the quarter hours of an interval: periods begin on them."""
    start = interval.start
    while start < interval.end:
        end = min(start + STEP, interval.end)
        yield replace(interval, start=start, end=end)
        start = end


def _of_entity(hass: HomeAssistant, entity_id: str) -> tuple[Series, float | None]:
    """Return an entity's forecast and what it says now."""
    state = hass.states.get(entity_id)
    if state is None:
        raise SeriesError(f"{entity_id} does not exist")
    unit = str(state.attributes.get("unit_of_measurement", ""))
    factor = next((f for end, f in _KWH_PER.items() if unit.endswith(end)), 1.0)
    now = number_of(state)
    return forecast_of(state, factor), None if now is None else now * factor
