"""A person of the home: where they are told, what they want to hear, and when not."""

from typing import Final

from homeassistant.core import HomeAssistant

from custom_components.cem.forms.field import (
    NAME,
    Answers,
    EntityNeeds,
    Field,
    entity,
    words,
)
from custom_components.cem.forms.form import Form
from custom_components.cem.forms.notices import PERSONAL, half_quiet, targets
from custom_components.cem.messages.settings import PERSON


async def _refused(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    del hass
    if not answers.get("notify"):
        return {"notify": "no_target"}
    return half_quiet(answers)


async def _targets(hass: HomeAssistant) -> Field:
    return targets(hass)


FORM: Final = Form(
    fields=(
        NAME,
        entity(PERSON, EntityNeeds(domains=("person",))),
        words("notify"),
        *PERSONAL,
    ),
    check=_refused,
    shows=_targets,
)
