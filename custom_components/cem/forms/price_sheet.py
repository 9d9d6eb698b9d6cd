"""Prices by the time of day: a calendar that is known, and a price for each period."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from cem_core.tariff import TimeOfUse
from cem_core.tariff.calendar_presets import CALENDAR_PRESETS
from cem_core.tariff.day_kinds import kinds_of
from custom_components.cem.forms.field import Answers, EntityNeeds, Field, entity, text
from custom_components.cem.numbers import finite

# Days of several kinds are of contracts that no market price comes into.
_WITH_A_MARKET: Final = tuple(
    name for name, preset in CALENDAR_PRESETS.items() if not kinds_of(preset.calendar)
)
_TELLS_DAYS: Final = EntityNeeds(
    domains=("sensor", "calendar", "select", "input_select", "binary_sensor")
)
_TELLS_A_DAY: Final = EntityNeeds(
    domains=("sensor", "select", "input_select", "binary_sensor")
)
DAY_KINDS: Final = (
    entity("day_kind_entity", _TELLS_DAYS, advanced=True),
    entity("next_day_kind_entity", _TELLS_A_DAY, advanced=True),
)


def sheet_fields(*, required: bool) -> tuple[Field, ...]:
    """Return the fields; where not ``required`` they add to the market price."""
    config = SelectSelectorConfig(
        options=list(CALENDAR_PRESETS if required else _WITH_A_MARKET),
        translation_key="calendar",
        mode=SelectSelectorMode.DROPDOWN,
    )
    calendar = Field(
        key="calendar",
        selector=SelectSelector(config),
        required=required,
        advanced=not required,
    )
    prices = text("period_prices", required=required, advanced=not required)
    return (calendar, prices)


def prices_of(written: str) -> dict[str, float]:
    """Return price by period of a text as "P1 0.24, P2 0.18". Raises `ValueError`."""
    prices: dict[str, float] = {}
    for part in written.replace(";", ",").split(","):
        name, _, number = part.replace("=", " ").strip().rpartition(" ")
        price = finite(number)
        if not name or price is None:
            message = f"{part.strip()!r} is no period and its price"
            raise ValueError(message)
        prices[name.strip()] = price
    return prices


def sheet_of(
    tariff: Mapping[str, str], days: Mapping[date, str] | None = None
) -> TimeOfUse | None:
    """Return the price sheet of a tariff that was checked, None without one.

    ``days`` are the kinds of day that are told, by date.
    """
    if "calendar" not in tariff:
        return None
    calendar = CALENDAR_PRESETS[tariff["calendar"]].calendar
    prices = prices_of(tariff["period_prices"])
    return TimeOfUse(calendar=calendar, prices=prices, days=days or {})


async def sheet_refusals(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Refuse a calendar without its periods' prices, or without who tells its days."""
    del hass
    if ("calendar" in answers) != bool(answers.get("period_prices")):
        return {"base": "calendar_and_prices"}
    if "calendar" not in answers:
        return {}
    calendar = CALENDAR_PRESETS[answers["calendar"]].calendar
    try:
        prices = prices_of(answers["period_prices"])
    except ValueError:
        return {"period_prices": "prices_unreadable"}
    if prices.keys() != {period.name for period in calendar.periods}:
        return {"period_prices": "prices_incomplete"}
    if kinds_of(calendar) and "day_kind_entity" not in answers:
        return {"base": "calendar_needs_day_kinds"}
    return {}
