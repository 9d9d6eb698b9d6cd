"""Prices by the time of day: a calendar that is known, and a price for each period."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from cem_core.tariff import TimeOfUse
from cem_core.tariff.calendar_presets import CALENDAR_PRESETS
from custom_components.cem.forms.field import Answers, Field, text
from custom_components.cem.numbers import finite

# A calendar of days by colour needs the colours, which nothing here tells: for those
# contracts a price sensor serves.
CALENDARS: Final = tuple(
    name
    for name, preset in CALENDAR_PRESETS.items()
    if all(period.day is None for period in preset.calendar.periods)
)


def sheet_fields(*, required: bool) -> tuple[Field, ...]:
    """Return the fields; where not ``required`` they add to the market price."""
    config = SelectSelectorConfig(
        options=list(CALENDARS),
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


def sheet_of(tariff: Mapping[str, str]) -> TimeOfUse | None:
    """Return the price sheet of a tariff that was checked, None without one."""
    if "calendar" not in tariff:
        return None
    calendar = CALENDAR_PRESETS[tariff["calendar"]].calendar
    return TimeOfUse(calendar=calendar, prices=prices_of(tariff["period_prices"]))


async def sheet_refusals(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Refuse a calendar without a price for each of its periods."""
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
    return {}
