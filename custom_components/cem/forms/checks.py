"""What a picked entity must be: domain, unit, range and step.

Every refusal is a key of a sentence in strings.json.
"""

from homeassistant.core import HomeAssistant, State, split_entity_id

from custom_components.cem.forms.field import Answers, EntityNeeds, Field

ATTR_MIN = "min"
ATTR_MAX = "max"
ATTR_STEP = "step"
ATTR_OPTIONS = "options"
ATTR_UNIT = "unit_of_measurement"


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
    """Return the refusal of each field whose entity cannot serve.

    The frontend shows no error inside a closed section: those go to `base`.
    """
    errors: dict[str, str] = {}
    for field in fields:
        entity_id = answers.get(field.key)
        if field.needs is None or entity_id is None:
            continue
        if error := refusal(hass, field.needs, entity_id):
            errors["base" if field.advanced else field.key] = error
    return errors


def number_range(state: State) -> tuple[float, float, float]:
    """Return least, most and step of a number entity in its own unit."""
    attributes = state.attributes
    return (
        float(attributes.get(ATTR_MIN, 0)),
        float(attributes.get(ATTR_MAX, 100)),
        float(attributes.get(ATTR_STEP, 1)),
    )


def covers(
    state: State, least: float, most: float, *, step: float
) -> str | None:
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


def scale_w(state: State) -> float:
    """Return how many W one of the entity's units of power is."""
    return 1000.0 if state.attributes.get(ATTR_UNIT) == "kW" else 1.0
