"""A budget: how much of what may be used or spent in which time."""

from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.cem.budgets.budget import WARN_PERCENT, Measure, Medium, Period
from custom_components.cem.forms.field import NAME, Answers, choice, number
from custom_components.cem.forms.form import Form


async def _has_price(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Refuse money without a price: of electricity the tariff says it."""
    del hass
    of_tariff = answers["medium"] == Medium.ELECTRICITY
    if answers["measure"] == Measure.COST and not of_tariff:
        return {} if "unit_price" in answers else {"unit_price": "price_missing"}
    return {}


FORM: Final = Form(
    fields=(
        NAME,
        choice("medium", tuple(Medium), default=Medium.ELECTRICITY),
        choice("measure", tuple(Measure), default=Measure.QUANTITY),
        choice("period", tuple(Period), default=Period.MONTH),
        number("amount", 0.1, 1_000_000, required=True, suggested=300),
        number("warn_percent", 1, 100, unit="%", default=WARN_PERCENT),
        number("unit_price", 0, 1000, unit="/"),
    ),
    check=_has_price,
)
