"""Relay contacts of a control box: which they are and what they order."""

from typing import Final

from homeassistant.core import HomeAssistant

from cem_core.limits.relay import DEBOUNCE_S
from custom_components.cem.forms.field import (
    NAME,
    Answers,
    EntityNeeds,
    choice,
    entity,
    number,
)
from custom_components.cem.forms.form import Form

SINGLE_CONTACT: Final = "single_contact"
FNN: Final = "fnn_relays"
FNN_CONTACTS: Final = ("w4", "w3", "s2", "s1")
_CONTACT: Final = EntityNeeds(domains=("binary_sensor", "input_boolean"))
_OPENS: Final = "open"

_COMMON: Final = (
    choice("limit_scope", ("controllable", "connection"), default="controllable"),
    choice("contact_limits", ("closed", _OPENS), default="closed"),
    number("debounce", 0, 30, unit="s", default=DEBOUNCE_S, advanced=True),
)


def opens_to_limit(answers: Answers) -> bool:
    """Tell whether an open contact is the one that limits."""
    return bool(answers["contact_limits"] == _OPENS)


async def _any_contact(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    del hass
    chosen = [answers[name] for name in FNN_CONTACTS if name in answers]
    if not chosen:
        return {"base": "no_contact"}
    if len(set(chosen)) < len(chosen):
        return {"base": "contact_twice"}
    return {}


SINGLE: Final = Form(
    fields=(
        NAME,
        entity("contact", _CONTACT, required=True),
        choice("relay_direction", ("import", "export"), default="import"),
        number("relay_limit", 0, 1000, unit="kW", required=True, default=4.2),
        *_COMMON,
    ),
)
FOUR: Final = Form(
    fields=(
        NAME,
        *(entity(name, _CONTACT) for name in FNN_CONTACTS),
        number("relay_limit", 0, 1000, unit="kW", required=True, default=4.2),
        number("feed_in_peak", 0, 1000, unit="kW", required=True, default=10),
        *_COMMON,
    ),
    check=_any_contact,
)
