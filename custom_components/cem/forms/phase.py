"""On which phases a device stands: what a fuse per phase has to know of it."""

from typing import Final

from homeassistant.core import HomeAssistant, split_entity_id

from custom_components.cem.forms.checks import has_option
from custom_components.cem.forms.field import (
    SELECT,
    SWITCH,
    Answers,
    EntityNeeds,
    choice,
    entity,
    text,
)
from custom_components.cem.phases import ALL, UNKNOWN

PHASE: Final = choice(
    "phase", (UNKNOWN, "1", "2", "3", ALL), default=UNKNOWN, advanced=True
)
# A charger tells the number of its phases apart: here is the one of its L1.
FIRST_PHASE: Final = choice(
    "phase", (UNKNOWN, "1", "2", "3"), default=UNKNOWN, advanced=True
)
PHASES_IN_USE: Final = entity(
    "phases_in_use",
    EntityNeeds(domains=("sensor", "number", "input_number", "select")),
    advanced=True,
)
# What switches between one and three phases: on is three.
PHASE_SWITCH: Final = (
    entity(
        "phase_switch",
        EntityNeeds(domains=(*SWITCH.domains, *SELECT.domains)),
        advanced=True,
    ),
    text("option_one", advanced=True),
    text("option_three", advanced=True),
)


def phase_switch_refused(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    """Return why the phases cannot be switched so, by field."""
    entity_id: str = answers.get("phase_switch", "")
    if not entity_id or split_entity_id(entity_id)[0] not in SELECT.domains:
        return {}
    return {
        key: "option_missing" if key not in answers else "no_such_option"
        for key in ("option_one", "option_three")
        if key not in answers or not has_option(hass, entity_id, answers[key])
    }
