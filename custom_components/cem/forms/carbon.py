"""The CO2 of the grid's energy: an entity that tells of it, or one number for always."""

from collections.abc import Mapping
import re
from typing import Final

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant

from custom_components.cem.forms.field import Answers, EntityNeeds, entity, number

FIELDS: Final = (
    entity("co2_entity", EntityNeeds(domains=("sensor", "input_number"))),
    number("co2_kg_per_kwh", 0, 3, unit="kg/kWh"),
)
# g, gCO2eq or gCO₂ per kWh; kg or t per MWh.
_UNIT: Final = re.compile(r"(k?g|t)[^/]*/([kM]Wh)")
_KG_PER: Final = {"g": 0.001, "kg": 1.0, "t": 1000.0}
_KWH_PER: Final = {"kWh": 1.0, "MWh": 1000.0}


def factor_of(unit: str | None) -> float | None:
    """Return the kg/kWh that one of ``unit`` is, None: it is no mass per energy."""
    found = _UNIT.fullmatch((unit or "").replace(" ", ""))
    return None if found is None else _KG_PER[found[1]] / _KWH_PER[found[2]]


def refused(hass: HomeAssistant, answers: Answers) -> Mapping[str, str]:
    """Return what is wrong with the entity: its unit is no mass per energy."""
    entity_id = answers.get("co2_entity")
    state = hass.states.get(entity_id) if entity_id else None
    if state is None:
        return {}
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    return {"co2_entity": "unit_co2"} if factor_of(unit) is None else {}
