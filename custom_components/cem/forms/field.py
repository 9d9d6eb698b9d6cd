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
    BooleanSelector,
    EntitySelector,
    EntitySelectorConfig,
    NumberSelector,
    NumberSelectorConfig,
    NumberSelectorMode,
    QrCodeSelector,
    QrCodeSelectorConfig,
    Selector,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
    TextSelector,
    TextSelectorConfig,
    TextSelectorType,
    TimeSelector,
)
import probatio

type Answers = Mapping[str, Any]
type Check = Callable[[HomeAssistant, Answers], Awaitable[Mapping[str, str]]]
type Placeholders = Callable[[HomeAssistant], Awaitable[Mapping[str, str]]]

ADVANCED: Final = "advanced"
EEBUS: Final = "eebus"
OCPP: Final = "ocpp"
S2: Final = "s2"
MODBUS: Final = "modbus"
EVCC: Final = "evcc"
GIVES_BACK: Final = "gives_back"
PARA14A: Final = "para14a"
HOT_WATER: Final = "hot_water"
COMFORT_WEEK: Final = "comfort_week"
PROTECTION: Final = "protection"
QR_CODE: Final = "qr_code"
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
SUGGESTED: Final = "suggested_value"
_PER: Final = "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityNeeds:
    """What an entity has to be to serve in a field.

    ``units`` empty: any unit. ``attributes``: at least one of them present.
    """

    domains: tuple[str, ...]
    units: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    unit_error: str = "unit_power"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One question of a form; its words are in strings.json."""

    key: str
    selector: Selector[Any]
    required: bool = False
    default: Any = None
    suggested: float | None = None  # filled in, for the user to look at
    advanced: bool = False
    section: str | None = None
    needs: EntityNeeds | None = None

    @property
    def place(self) -> str | None:
        """The section that it is in, None: in none."""
        return ADVANCED if self.advanced else self.section

    def marker(self) -> probatio.Marker:
        """Return the schema's key for this field."""
        default = probatio.UNDEFINED if self.default is None else self.default
        if self.required:
            # Without a number the frontend would fill in the least there is.
            hint = None if self.suggested is None else {SUGGESTED: self.suggested}
            return probatio.Required(self.key, default=default, description=hint)
        return probatio.Optional(self.key, default=default)


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


def qr_code(text: str) -> Field:
    """Return a picture of ``text``."""
    selector = QrCodeSelector(QrCodeSelectorConfig(data=text, scale=4))
    return Field(key=QR_CODE, selector=selector)


def number(
    key: str,
    least: float,
    most: float,
    *,
    step: float | None = None,
    unit: str | None = None,
    required: bool = False,
    default: float | None = None,
    suggested: float | None = None,
    advanced: bool = False,
) -> Field:
    """Return a field for a number in a box.

    ``unit`` of a price begins with its slash: the home's currency is put before it.
    """
    config = NumberSelectorConfig(
        min=least, max=most, step=step or "any", mode=NumberSelectorMode.BOX
    )
    if unit:
        config["unit_of_measurement"] = unit
    return Field(
        key=key,
        selector=NumberSelector(config),
        required=required,
        default=default,
        suggested=suggested,
        advanced=advanced,
    )


def entity(
    key: str, needs: EntityNeeds, *, required: bool = False, advanced: bool = False
) -> Field:
    """Return a field for an entity.

    The domain only filters what is offered: what is picked is checked by
    `checks`, which can say in a sentence what is wrong with it.
    """
    config = EntitySelectorConfig(filter=[{"domain": list(needs.domains)}])
    return Field(
        key=key,
        selector=EntitySelector(config),
        required=required,
        advanced=advanced,
        needs=needs,
    )


def text(
    key: str,
    *,
    required: bool = False,
    default: str | None = None,
    advanced: bool = False,
) -> Field:
    """Return a field for a line of text."""
    return Field(
        key=key,
        selector=TextSelector(),
        required=required,
        default=default,
        advanced=advanced,
    )


def password(key: str, *, required: bool = False) -> Field:
    """Return a field for a secret, which is not shown while it is filled in."""
    config = TextSelectorConfig(type=TextSelectorType.PASSWORD)
    return Field(key=key, selector=TextSelector(config), required=required)


def words(key: str) -> Field:
    """Return a field for any number of words."""
    config = SelectSelectorConfig(
        options=[],
        multiple=True,
        custom_value=True,
        mode=SelectSelectorMode.DROPDOWN,
    )
    return Field(key=key, selector=SelectSelector(config))


def one_of(key: str, suggested: tuple[str, ...]) -> Field:
    """Return a field for a text that is often one of ``suggested``, the first above all."""
    config = SelectSelectorConfig(
        options=list(suggested),
        custom_value=True,
        translation_key=key,
        mode=SelectSelectorMode.DROPDOWN,
    )
    return Field(
        key=key, selector=SelectSelector(config), required=True, default=suggested[0]
    )


def choice(
    key: str, options: tuple[str, ...], *, default: str, advanced: bool = False
) -> Field:
    """Return a field for one of a few words; `selector.<key>` names them."""
    config = SelectSelectorConfig(
        options=list(options), translation_key=key, mode=SelectSelectorMode.DROPDOWN
    )
    return Field(
        key=key,
        selector=SelectSelector(config),
        required=True,
        default=default,
        advanced=advanced,
    )


def several(key: str, options: tuple[str, ...], *, default: tuple[str, ...]) -> Field:
    """Return a field for any of a few words; `selector.<key>` names them."""
    config = SelectSelectorConfig(
        options=list(options),
        multiple=True,
        translation_key=key,
        mode=SelectSelectorMode.DROPDOWN,
    )
    return Field(key=key, selector=SelectSelector(config), default=list(default))


def yes_no(key: str, *, default: bool, advanced: bool = False) -> Field:
    """Return a field for a yes or a no."""
    return Field(
        key=key, selector=BooleanSelector(), default=default, advanced=advanced
    )


def clock(key: str, *, default: str, required: bool = True) -> Field:
    """Return a field for a time of day."""
    return Field(key=key, selector=TimeSelector(), required=required, default=default)


POWER: Final = EntityNeeds(domains=("sensor",), units=("W", "kW"))
POWER_NUMBER: Final = EntityNeeds(domains=("number", "input_number"), units=("W", "kW"))
ENERGY: Final = EntityNeeds(
    domains=("sensor",), units=("Wh", "kWh", "MWh"), unit_error="unit_energy"
)
CURRENT: Final = EntityNeeds(
    domains=("sensor",), units=("A", "mA"), unit_error="unit_current"
)
PERCENT: Final = EntityNeeds(
    domains=("sensor",), units=("%",), unit_error="unit_percent"
)
TEMPERATURE: Final = EntityNeeds(
    domains=("sensor",), units=("°C", "°F"), unit_error="unit_temperature"
)
SWITCH: Final = EntityNeeds(domains=("switch", "input_boolean"))
SELECT: Final = EntityNeeds(domains=("select", "input_select"))

NAME: Final = text("name", required=True)
LEARN: Final = yes_no("learn", default=True, advanced=True)


def shed_rank(default: int) -> Field:
    """Return the field for the place in the order of turning down."""
    return number("shed_rank", 0, 99, step=1, default=default, advanced=True)


def obeying(*, runs: bool) -> tuple[Field, ...]:
    """Return the fields that say how a device obeys; ``runs``: it is switched."""
    contactor = entity("contactor", SWITCH, advanced=True)
    if not runs:
        return (contactor,)
    return (
        contactor,
        number("standing_limit", 0, 1000, unit="kW", advanced=True),
        number("min_on_time", 0, 240, unit="min", default=0, advanced=True),
        number("min_off_time", 0, 240, unit="min", default=0, advanced=True),
    )
