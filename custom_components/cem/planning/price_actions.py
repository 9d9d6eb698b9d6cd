"""Market prices as integrations tell them by their actions, per kWh.

Each answers in its own shape: Nord Pool per MWh and by area, EnergyZero and easyEnergy
a list, Tibber a list for each of its homes. All are asked for today and tomorrow, which
may not be there yet.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.util import dt as dt_util

from cem_core.model import Series, SeriesError
from custom_components.cem.planning.forecast_rows import series_of

type Tariff = Mapping[str, Any]
type Ask = Callable[[HomeAssistant, Tariff, date], Awaitable[list[Any]]]

_DAY: Final = timedelta(days=1)
_NAMES: Final = {
    "nordpool": "Nord Pool",
    "energyzero": "EnergyZero",
    "easyenergy": "easyEnergy",
    "tibber": "Tibber",
}


async def async_market(hass: HomeAssistant, tariff: Tariff) -> Series:
    """Return what the tariff's integration tells. Raises `SeriesError`."""
    method = tariff["method"]
    ask, factor = ACTIONS[method]
    rows: list[Any] = []
    today = dt_util.now().date()
    for day in (today, today + _DAY):
        try:
            rows += await ask(hass, tariff, day)
        except HomeAssistantError as error:
            if not rows:
                raise SeriesError(f"{_NAMES[method]}: {error}") from error
            break
    return series_of(rows, factor)


async def _answer(
    hass: HomeAssistant, domain: str, action: str, data: dict[str, Any]
) -> Mapping[str, Any]:
    answer = await hass.services.async_call(
        domain, action, data, blocking=True, return_response=True
    )
    return answer or {}


async def _nordpool(hass: HomeAssistant, tariff: Tariff, day: date) -> list[Any]:
    area = tariff["area"].upper()
    asked = {"config_entry": tariff["nordpool_entry"], "date": day.isoformat()}
    answer = await _answer(
        hass, "nordpool", "get_prices_for_date", asked | {"areas": area}
    )
    return list(answer.get(area, ()))


async def _energyzero(hass: HomeAssistant, tariff: Tariff, day: date) -> list[Any]:
    # Quarter hours can be asked for since 2026.10 only; before, that is refused.
    asked = {
        "config_entry": tariff["energyzero_entry"],
        "incl_vat": False,
        "start": day.isoformat(),
        "end": day.isoformat(),
    }
    answer = await _answer(hass, "energyzero", "get_energy_prices", asked)
    return list(answer.get("prices", ()))


async def _easyenergy(hass: HomeAssistant, tariff: Tariff, day: date) -> list[Any]:
    asked = {
        "config_entry": tariff["easyenergy_entry"],
        "incl_vat": False,
        "granularity": "quarter",
        "start": day.isoformat(),
        "end": day.isoformat(),
    }
    answer = await _answer(hass, "easyenergy", "get_energy_usage_prices", asked)
    return list(answer.get("prices", ()))


async def _tibber(hass: HomeAssistant, tariff: Tariff, day: date) -> list[Any]:
    """Take the home that is named, else the only or first one."""
    asked = {"start": f"{day.isoformat()} 00:00", "end": f"{day + _DAY} 00:00"}
    answer = await _answer(hass, "tibber", "get_prices", asked)
    homes: Mapping[str, list[Any]] = answer.get("prices", {})
    name = tariff.get("tibber_home") or next(iter(homes), "")
    if name not in homes:
        raise SeriesError(f"Tibber has no home {name!r}")
    return homes[name]


ACTIONS: Final[Mapping[str, tuple[Ask, float]]] = {
    "nordpool": (_nordpool, 0.001),
    "energyzero": (_energyzero, 1.0),
    "easyenergy": (_easyenergy, 1.0),
    "tibber": (_tibber, 1.0),
}
"""By method: how to ask, and what makes a price per kWh of it."""
