"""Appliance: one uninterrupted run, started by a button or a switch."""

from typing import Final

from homeassistant.core import HomeAssistant, split_entity_id

from custom_components.cem.forms import s2
from custom_components.cem.forms.checks import has_option
from custom_components.cem.forms.field import (
    NAME,
    POWER,
    SELECT,
    Answers,
    EntityNeeds,
    clock,
    entity,
    number,
    shed_rank,
    text,
)
from custom_components.cem.forms.form import Form
from custom_components.cem.profile import profile_kw

STARTER: Final = EntityNeeds(
    domains=(
        "button",
        "input_button",
        "switch",
        "input_boolean",
        "script",
        *SELECT.domains,
    )
)
READY: Final = EntityNeeds(domains=("sensor", "binary_sensor", "input_boolean"))


async def _profile(hass: HomeAssistant, answers: Answers) -> dict[str, str]:
    if "start" not in answers and "s2_token" not in answers:
        return {"base": "no_start"}
    if errors := s2.refusals(answers, "start"):
        return errors
    start = answers.get("start", "")
    if start and split_entity_id(start)[0] in SELECT.domains:
        if "start_option" not in answers:
            return {"start_option": "option_missing"}
        if not has_option(hass, start, answers["start_option"]):
            return {"start_option": "no_such_option"}
    try:
        profile_kw(answers["profile"])
    except ValueError:
        return {"profile": "profile"}
    return {}


FORM: Final = Form(
    fields=(
        NAME,
        entity("start", STARTER),
        text("start_option"),
        entity("power", POWER),
        entity("ready", READY),
        text("ready_state", default="ready"),
        text("profile", required=True, default="2.0, 0.3, 0.1, 2.0, 0.4, 0.1"),
        clock("earliest_start", default="09:00:00"),
        clock("latest_end", default="22:00:00"),
        *s2.OPTIONAL,
        number("running_above", 1, 1000, unit="W", default=10, advanced=True),
        shed_rank(40),
    ),
    check=_profile,
)
