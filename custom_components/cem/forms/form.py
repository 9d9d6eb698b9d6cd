"""Forms as data: a kind of subentry is a table of fields.

One schema builder, one flow class and one checker serve every kind, so a new
kind is a new table and its strings.
"""

from collections.abc import Awaitable, Callable, Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any, Final, cast

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    NumberSelector,
    NumberSelectorConfig,
    Selector,
)
import probatio

from custom_components.cem.forms.field import (
    ADVANCED,
    COMFORT_WEEK,
    EEBUS,
    EVCC,
    GIVES_BACK,
    HOT_WATER,
    MODBUS,
    OCPP,
    PARA14A,
    PROTECTION,
    QR_CODE,
    S2,
    SUGGESTED,
    Answers,
    Field,
)

type Check = Callable[[HomeAssistant, Answers], Awaitable[Mapping[str, str]]]
type Placeholders = Callable[[HomeAssistant], Awaitable[Mapping[str, str]]]

_PER: Final = "/"
# Fields that are shown together below the others, and whether that begins closed.
_SECTIONS: Final = {
    GIVES_BACK: True,
    PARA14A: False,
    EEBUS: True,
    OCPP: True,
    S2: True,
    MODBUS: True,
    EVCC: True,
    HOT_WATER: True,
    COMFORT_WEEK: True,
    PROTECTION: True,
    ADVANCED: True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields of one step and what is checked over all of them."""

    fields: tuple[Field, ...]
    check: Check | None = None
    title: str | None = None  # of the subentry, where no name is asked
    placeholders: Placeholders | None = None  # of the form's description
    # A picture that asks nothing, or a field of `fields` with what there is to offer.
    shows: Callable[[HomeAssistant], Awaitable[Field]] | None = None

    async def shown(self, hass: HomeAssistant) -> probatio.Schema:
        """Return the form's schema as it is shown, pictures included."""
        fields = () if self.shows is None else (await self.shows(hass),)
        return in_currency(self.schema(*fields), hass.config.currency)

    def schema(self, *first: Field) -> probatio.Schema:
        """Return the form's schema; what few need is in closed sections."""
        shown: dict[Any, Any] = {field.marker(): field.selector for field in first}
        questions = self._questions(None)
        shown = {k: v for k, v in shown.items() if k not in questions} | {
            k: shown.get(k, v) for k, v in questions.items()
        }
        for place, collapsed in _SECTIONS.items():
            if inside := self._questions(place):
                shown[probatio.Optional(place, default={})] = section(
                    probatio.Schema(inside), {"collapsed": collapsed}
                )
        return probatio.Schema(shown)

    def _questions(self, place: str | None) -> dict[probatio.Marker, Selector[Any]]:
        return {f.marker(): f.selector for f in self.fields if f.place == place}

    def nested(self, answers: Answers) -> dict[str, Any]:
        """Return flat answers in the form's shape."""
        shaped: dict[str, Any] = {}
        for field in self.fields:
            inside = shaped
            if field.place is not None:
                inside = shaped.setdefault(field.place, {})
            if field.key in answers:
                inside[field.key] = answers[field.key]
        return shaped

    def visible(self, errors: Answers) -> dict[str, str]:
        """Return ``errors`` where they are seen: in a closed section they are not."""
        hidden = {field.key for field in self.fields if field.place is not None}
        return {"base" if k in hidden else k: error for k, error in errors.items()}


def flat(answers: Answers) -> dict[str, Any]:
    """Return answers without sections and pictures."""
    found = {k: v for k, v in answers.items() if k not in (*_SECTIONS, QR_CODE)}
    for place in _SECTIONS:
        found |= answers.get(place, {})
    return found


def in_currency(schema: probatio.Schema, currency: str) -> probatio.Schema:
    """Return ``schema`` with the units of its prices, such as /kWh, in ``currency``.

    The unit of what is no price but an amount is / alone.
    """
    said: dict[Any, Any] = {}
    for key, value in schema.schema.items():
        shown = value
        if isinstance(value, section):
            inside = in_currency(value.schema, currency)
            shown = section(inside, value.options)
        elif isinstance(value, NumberSelector):
            unit = str(value.config.get("unit_of_measurement", ""))
            if unit.startswith(_PER):
                config = {
                    **value.config,
                    "unit_of_measurement": f"{currency}{unit}".rstrip(_PER),
                }
                shown = NumberSelector(cast("NumberSelectorConfig", config))
        said[key] = shown
    return probatio.Schema(said)


def sections_filled_in(schema: probatio.Schema, answers: Answers) -> probatio.Schema:
    """Return ``schema`` with what its sections are filled in with, defaults included.

    The frontend takes a section's own default, which is empty, before what is suggested
    inside it: what was kept would be shown empty, and lost.
    """
    filled: dict[Any, Any] = {}
    for key, value in schema.schema.items():
        marker = key
        if isinstance(value, section):
            usual = {
                str(inner): inner.default()
                for inner in value.schema.schema
                if inner.default is not probatio.UNDEFINED
            }
            hinted = {
                str(inner): inner.description[SUGGESTED]
                for inner in value.schema.schema
                if inner.description and SUGGESTED in inner.description
            }
            marker = copy(key)
            inside = usual | hinted | answers.get(str(key), {})
            marker.description = {SUGGESTED: inside}
        filled[marker] = value
    return probatio.Schema(filled)
