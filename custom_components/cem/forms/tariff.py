"""What energy costs: an entity with a forecast, Nord Pool, or fixed."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    ConfigEntrySelector,
    ConfigEntrySelectorConfig,
)

from custom_components.cem.forms.field import (
    Answers,
    EntityNeeds,
    Field,
    Form,
    entity,
    number,
    text,
    yes_no,
)

FORECAST_ATTRIBUTES: Final = (
    "forecast",
    "raw_today",
    "prices_today",
    "prices",
)
PRICE_ENTITY: Final = EntityNeeds(
    domains=("sensor",), attributes=FORECAST_ATTRIBUTES, unit_error="unit_price"
)

_EXPORT: Final = (
    entity("export_price_entity", PRICE_ENTITY),
    number("export_price", -10, 10, unit="/kWh"),
)
_CAPACITY: Final = (
    number("capacity_price_per_kw", 0, 1000, unit="/kW", advanced=True),
    number("capacity_floor_kw", 0, 100, unit="kW", default=2.5, advanced=True),
    yes_no("keep_peak", default=True, advanced=True),
    number("accepted_peak_kw", 0, 100, unit="kW", advanced=True),
)


async def _price_per_kwh(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Refuse a price that is not per unit of energy."""
    errors: dict[str, str] = {}
    for key in ("price_entity", "export_price_entity"):
        entity_id = answers.get(key)
        state = hass.states.get(entity_id) if entity_id else None
        unit = state.attributes.get("unit_of_measurement") if state else None
        if state is not None and not str(unit).endswith(("/kWh", "/MWh", "/Wh")):
            errors[key] = "unit_price"
    return errors


FROM_ENTITY: Final = Form(
    title="Tariff",
    fields=(
        entity("price_entity", PRICE_ENTITY, required=True),
        *_EXPORT,
        *_CAPACITY,
    ),
    check=_price_per_kwh,
)

NORDPOOL: Final = Form(
    title="Nord Pool",
    fields=(
        Field(
            key="nordpool_entry",
            selector=ConfigEntrySelector(
                ConfigEntrySelectorConfig(integration="nordpool")
            ),
            required=True,
        ),
        text("area", required=True),
        number("price_factor", 0, 5, default=1.0, required=True),
        number("price_addition", -1, 1, unit="/kWh", default=0.0, required=True),
        *_EXPORT,
        *_CAPACITY,
    ),
    check=_price_per_kwh,
)

FIXED: Final = Form(
    title="Tariff",
    fields=(
        number("import_price", -10, 10, unit="/kWh", required=True, suggested=0.3),
        *_EXPORT,
        *_CAPACITY,
    ),
    check=_price_per_kwh,
)
