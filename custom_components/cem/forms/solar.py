"""Solar: what it produces, what it will produce, how it is curtailed."""

from typing import Final

from homeassistant.core import HomeAssistant
from homeassistant.helpers.selector import (
    ConfigEntrySelector,
    ConfigEntrySelectorConfig,
)

from custom_components.cem.const import Kind
from custom_components.cem.forms import eebus, modbus_device, s2
from custom_components.cem.forms.field import (
    NAME,
    POWER,
    SWITCH,
    Answers,
    EntityNeeds,
    Field,
    entity,
    number,
    obeying,
    shed_rank,
    yes_no,
)
from custom_components.cem.forms.form import Form
from custom_components.cem.forms.phase import PHASE
from custom_components.cem.numbers import number_range

FORECAST: Final = EntityNeeds(
    domains=("sensor",), units=("W", "kW"), attributes=("forecast",)
)
CURTAILMENT: Final = EntityNeeds(
    domains=("number", "input_number"),
    units=("W", "kW", "%"),
    unit_error="unit_power_or_percent",
)

_ENTITIES: Final = ("curtailment", "curtail_switch")


async def _curtailable(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    if "curtailment" in answers and "curtail_switch" in answers:
        return {"curtail_switch": "curtailed_twice"}
    entity_id = answers.get("curtailment")
    state = hass.states.get(entity_id) if entity_id else None
    if state is not None and number_range(state)[0] > 0:
        return {"curtailment": "range_zero"}
    errors = await eebus.device_refusals(hass, answers, *_ENTITIES)
    errors |= s2.refusals(answers, *_ENTITIES)
    return errors or await modbus_device.refusals(hass, Kind.SOLAR, answers, *_ENTITIES)


FORM: Final = Form(
    fields=(
        NAME,
        entity("power", POWER, required=True),
        number("peak_power", 0.1, 1000, unit="kW", required=True, suggested=5),
        entity("forecast_entity", FORECAST),
        Field(
            key="forecast_entries",
            selector=ConfigEntrySelector(ConfigEntrySelectorConfig()),
        ),
        entity("curtailment", CURTAILMENT),
        *eebus.OPTIONAL,
        *s2.OPTIONAL,
        *modbus_device.optional(Kind.SOLAR),
        entity("curtail_switch", SWITCH, advanced=True),
        yes_no("production_negative", default=False, advanced=True),
        *obeying(runs=False),
        shed_rank(90),
        PHASE,
    ),
    check=_curtailable,
    placeholders=eebus.own,
)
