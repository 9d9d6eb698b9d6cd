"""What a picked entity must be: domain, unit, range and step.

Every refusal is a key of a sentence in strings.json.
"""

from typing import Final

from homeassistant.core import HomeAssistant, State, split_entity_id

from custom_components.cem.const import DOMAIN, Kind
from custom_components.cem.forms.field import Answers, EntityNeeds, Field
from custom_components.cem.numbers import ATTR_UNIT, number_range

ATTR_OPTIONS = "options"
# What is written to: the field of a reading also takes a sensor.
_WRITTEN: Final = frozenset(
    {
        *("number", "input_number", "switch", "input_boolean", "select"),
        *("input_select", "button", "input_button", "script", "climate"),
        "water_heater",
    }
)
# One contactor may cut several devices, and one rod help several tanks.
_SHARED: Final = frozenset({"contactor", "backup_heater"})


def refusal(hass: HomeAssistant, needs: EntityNeeds, entity_id: str) -> str | None:
    """Return why ``entity_id`` cannot serve, or None."""
    if split_entity_id(entity_id)[0] not in needs.domains:
        return "wrong_domain"
    state = hass.states.get(entity_id)
    if state is None:
        return "entity_not_found"
    if needs.units and state.attributes.get(ATTR_UNIT) not in needs.units:
        return needs.unit_error
    if needs.attributes and not any(
        isinstance(state.attributes.get(name), list) for name in needs.attributes
    ):
        return "no_forecast"
    return None


def refusals(
    hass: HomeAssistant, fields: tuple[Field, ...], answers: Answers
) -> dict[str, str]:
    """Return the refusal of each field whose entity cannot serve, or of a blank name.

    The frontend shows no error inside a closed section: those go to `base`.
    """
    errors: dict[str, str] = {}
    for field in fields:
        entity_id = answers.get(field.key)
        if field.key == "name" and field.required and not str(entity_id).strip():
            errors["name"] = "name_missing"
        if field.needs is None or entity_id is None:
            continue
        if error := refusal(hass, field.needs, entity_id):
            errors["base" if field.advanced else field.key] = error
    contactor = answers.get("contactor")
    if contactor is not None and contactor in (
        value for key, value in answers.items() if key != "contactor"
    ):
        errors["base"] = "contactor_is_control"
    return errors


def commanded_twice(
    hass: HomeAssistant,
    kind: Kind,
    fields: tuple[Field, ...],
    answers: Answers,
    own_id: str | None,
) -> dict[str, str]:
    """Return the fields whose entity commands another device of this kind already."""
    others = [
        subentry.data
        for entry in hass.config_entries.async_entries(DOMAIN)
        for subentry in entry.subentries.values()
        if subentry.subentry_type == kind and subentry.subentry_id != own_id
    ]
    written = [
        field
        for field in fields
        if field.needs is not None
        and field.key not in _SHARED
        and _WRITTEN.issuperset(field.needs.domains)
    ]
    return {
        field.key: "commanded_twice"
        for field in written
        if answers.get(field.key) is not None
        and any(data.get(field.key) == answers[field.key] for data in others)
    }


def covers(state: State, least: float, most: float, *, step: float) -> str | None:
    """Return why the number cannot be set from ``least`` to ``most``, or None."""
    lower, upper, grain = number_range(state)
    if lower > least:
        return "range_min"
    if upper < most:
        return "range_max"
    if grain > step:
        return "step_too_coarse"
    return None


def has_option(hass: HomeAssistant, entity_id: str, option: str) -> bool:
    """Tell whether a select offers ``option``."""
    state = hass.states.get(entity_id)
    return state is not None and option in state.attributes.get(ATTR_OPTIONS, [])
