"""What energy costs: import and export price as series, per kWh."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from cem_core.model import Series, SeriesError
from custom_components.cem.describe import number_of
from custom_components.cem.planning.forecast_rows import forecast_of, series_of

_KWH_PER: Final = {"/kWh": 1.0, "/MWh": 0.001, "/Wh": 1000.0}


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """Series per kWh; where they end the fixed price serves, if there is one."""

    imported: Series
    exported: Series
    fixed_import: float | None = None
    fixed_export: float | None = None


async def async_prices(hass: HomeAssistant, tariff: Mapping[str, Any]) -> Prices:
    """Return the prices of ``tariff``. Raises `SeriesError` in a sentence."""
    none = Series(())
    exported = none
    if entity_id := tariff.get("export_price_entity"):
        exported, fixed_export = _of_entity(hass, entity_id)
    else:
        fixed_export = tariff.get("export_price", 0.0)
    match tariff["method"]:
        case "price_entity":
            imported, fixed_import = _of_entity(hass, tariff["price_entity"])
        case "nordpool":
            imported, fixed_import = await _of_nordpool(hass, tariff), None
        case _:
            imported, fixed_import = none, tariff["import_price"]
    if not imported and fixed_import is None:
        raise SeriesError("no price is known")
    return Prices(
        imported=imported,
        exported=exported,
        fixed_import=fixed_import,
        fixed_export=fixed_export,
    )


def _of_entity(hass: HomeAssistant, entity_id: str) -> tuple[Series, float | None]:
    """Return an entity's forecast and what it says now."""
    state = hass.states.get(entity_id)
    if state is None:
        raise SeriesError(f"{entity_id} does not exist")
    unit = str(state.attributes.get("unit_of_measurement", ""))
    factor = next((f for end, f in _KWH_PER.items() if unit.endswith(end)), 1.0)
    now = number_of(state)
    return forecast_of(state, factor), None if now is None else now * factor


async def _of_nordpool(hass: HomeAssistant, tariff: Mapping[str, Any]) -> Series:
    """Ask Nord Pool's action for today and tomorrow; tomorrow may not be there."""
    area = tariff["area"].upper()
    rows: list[Mapping[str, Any]] = []
    today = dt_util.now().date()
    for date in (today, today + timedelta(days=1)):
        try:
            answer = await hass.services.async_call(
                "nordpool",
                "get_prices_for_date",
                {
                    "config_entry": tariff["nordpool_entry"],
                    "date": date.isoformat(),
                    "areas": area,
                },
                blocking=True,
                return_response=True,
            )
        except HomeAssistantError as error:
            if not rows:
                raise SeriesError(f"Nord Pool: {error}") from error
            break
        found: Any = (answer or {}).get(area, [])
        rows += found
    # Nord Pool tells prices per MWh, before taxes and the supplier's share.
    factor, addition = tariff["price_factor"], tariff["price_addition"]
    return Series(
        tuple(
            replace(each, value=each.value / 1000 * factor + addition)
            for each in series_of(rows).intervals
        )
    )
