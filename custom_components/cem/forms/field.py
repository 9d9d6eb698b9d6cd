"""One question of a form: what is asked, and what an answer has to be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

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
SUGGESTED: Final = "suggested_value"


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
