"""What keeps water and pipes sound, asked of whatever heats: legionella and frost."""

from dataclasses import replace
from typing import Final

from homeassistant.helpers.selector import DateSelector

from custom_components.cem.forms.field import (
    PROTECTION,
    SWITCH,
    TEMPERATURE,
    Answers,
    Field,
    entity,
    number,
)
from custom_components.cem.heat_protection import FROST_ROOM_C, FROST_WATER_C

WATER_TEMPERATURE: Final = entity("water_temperature", TEMPERATURE)


def cycle(*, usual_days: int) -> tuple[Field, ...]:
    """Return what is asked of the cycle against legionella; 0 days: none."""
    return (
        number("legionella_days", 0, 31, step=1, unit="d", default=usual_days),
        number("legionella_temperature", 50, 80, unit="°C", default=60),
        Field(key="legionella_last", selector=DateSelector()),
    )


def _protecting(*fields: Field) -> tuple[Field, ...]:
    return tuple(replace(field, section=PROTECTION) for field in fields)


OF_HEAT_PUMP: Final = _protecting(
    number("frost_room", 0, 20, unit="°C", default=FROST_ROOM_C),
    number("frost_outdoor", -40, 10, unit="°C"),
    entity("backup_heater", SWITCH),
    number("backup_hold", 0, 1440, unit="min", default=60),
    WATER_TEMPERATURE,
    *cycle(usual_days=0),
)
OF_WATER_HEATER: Final = _protecting(
    *cycle(usual_days=7),
    number("frost_water", 0, 20, unit="°C", default=FROST_WATER_C),
)


def refusals(answers: Answers) -> dict[str, str]:
    """Return what is wrong with the cycle: nobody would see that it is done."""
    seen = "water_temperature" in answers or "water_heater" in answers
    if answers.get("legionella_days", 0) and not seen:
        return {"water_temperature": "water_temperature_missing"}
    return {}
