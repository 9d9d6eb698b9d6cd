"""What energy costs: told by an entity or an integration, by the clock, or fixed."""

from collections.abc import Mapping
from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    ConfigEntrySelector,
    ConfigEntrySelectorConfig,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)

from cem_core.tariff.capacity_presets import CAPACITY_PRESETS
from custom_components.cem.forms.field import (
    Answers,
    EntityNeeds,
    Field,
    entity,
    number,
    text,
    yes_no,
)
from custom_components.cem.forms.form import Form
from custom_components.cem.forms.price_sheet import (
    DAY_KINDS,
    sheet_fields,
    sheet_refusals,
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
# Of the market price, for a contract that pays that.
_EXPORT_SHARE: Final = (
    number("export_factor", 0, 5),
    number("export_addition", -1, 10, unit="/kWh"),
)
_CAPACITY: Final = (
    Field(
        key="capacity_preset",
        selector=SelectSelector(
            SelectSelectorConfig(
                options=list(CAPACITY_PRESETS),
                translation_key="capacity_preset",
                mode=SelectSelectorMode.DROPDOWN,
            )
        ),
        advanced=True,
    ),
    number("capacity_price_per_kw", 0, 1000, unit="/kW", advanced=True),
    number("capacity_floor_kw", 0, 100, unit="kW", default=2.5, advanced=True),
    yes_no("keep_peak", default=True, advanced=True),
    number("accepted_peak_kw", 0, 100, unit="kW", advanced=True),
)
_MARKET: Final = (
    number("price_factor", 0, 5, default=1.0, required=True),
    number("price_addition", -1, 10, unit="/kWh", default=0.0, required=True),
    *_EXPORT_SHARE,
    *_EXPORT,
    *sheet_fields(required=False),
    *_CAPACITY,
)


async def _told(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Refuse a price that is not per unit of energy, and what a preset lacks."""
    errors: dict[str, str] = {}
    for key in ("price_entity", "export_price_entity"):
        entity_id = answers.get(key)
        state = hass.states.get(entity_id) if entity_id else None
        unit = state.attributes.get("unit_of_measurement") if state else None
        if state is not None and not str(unit).endswith(("/kWh", "/MWh", "/Wh")):
            errors[key] = "unit_price"
    preset = CAPACITY_PRESETS.get(answers.get("capacity_preset", ""))
    if (
        preset is not None
        and preset.needs == "price_per_kw"
        and "capacity_price_per_kw" not in answers
    ):
        errors["base"] = "capacity_needs_price"
    return errors or await sheet_refusals(hass, answers)


def _from(integration: str, *fields: Field) -> Form:
    """Return the form of an integration that tells market prices by an action."""
    selector = ConfigEntrySelector(ConfigEntrySelectorConfig(integration=integration))
    entry = Field(key=f"{integration}_entry", selector=selector, required=True)
    return Form(
        title=TITLES[integration], fields=(entry, *fields, *_MARKET), check=_told
    )


TITLES: Final = {
    "nordpool": "Nord Pool",
    "energyzero": "EnergyZero",
    "easyenergy": "easyEnergy",
    "tibber": "Tibber",
}
FROM_ENTITY: Final = Form(
    title="Tariff",
    fields=(
        entity("price_entity", PRICE_ENTITY, required=True),
        *_EXPORT,
        *_CAPACITY,
    ),
    check=_told,
)
TIME_OF_USE: Final = Form(
    title="Tariff",
    fields=(*sheet_fields(required=True), *_EXPORT, *DAY_KINDS, *_CAPACITY),
    check=_told,
)
FIXED: Final = Form(
    title="Tariff",
    fields=(
        number("import_price", -10, 10, unit="/kWh", required=True, suggested=0.3),
        *_EXPORT,
        *_CAPACITY,
    ),
    check=_told,
)

METHODS: Final[Mapping[str, Form]] = {
    "price_entity": FROM_ENTITY,
    "nordpool": _from("nordpool", text("area", required=True)),
    "energyzero": _from("energyzero"),
    "easyenergy": _from("easyenergy"),
    "tibber": _from("tibber", text("tibber_home")),
    "time_of_use": TIME_OF_USE,
    "fixed": FIXED,
}
