"""When rooms are to be warm: a schedule of Home Assistant, or two times of day."""

from dataclasses import replace
from typing import Final

from homeassistant.helpers.selector import TimeSelector

from custom_components.cem.forms.field import (
    COMFORT_WEEK,
    Answers,
    EntityNeeds,
    Field,
    entity,
    number,
)

SCHEDULE: Final = EntityNeeds(domains=("schedule",))
DAYS: Final = ("weekday", "weekend")


def _times(days: str) -> tuple[Field, ...]:
    return (
        Field(key=f"{days}_from", selector=TimeSelector()),
        Field(key=f"{days}_to", selector=TimeSelector()),
        number(f"{days}_temperature", 5, 30, unit="°C"),
    )


FIELDS: Final = tuple(
    replace(field, section=COMFORT_WEEK)
    for field in (
        *(field for days in DAYS for field in _times(days)),
        entity("comfort_schedule", SCHEDULE),
        number("setback", 0, 10, unit="K", default=0),
    )
)


def refusals(answers: Answers) -> dict[str, str]:
    """Return what is wrong with the times: one without the other, or no time between."""
    for days in DAYS:
        begins, ends = answers.get(f"{days}_from"), answers.get(f"{days}_to")
        if (begins is None) != (ends is None):
            return {f"{days}_to": "comfort_half"}
        if begins is not None and begins == ends:
            return {f"{days}_to": "comfort_no_time"}
        if begins is None and f"{days}_temperature" in answers:
            return {f"{days}_from": "comfort_half"}
    return {}
