"""The forms of the first set-up: few fields, the rest is known or has a default.

A heat pump is asked about only where one was found: how others are commanded is a
choice of its own, made on the page of the home.
"""

from collections.abc import Mapping
from typing import Final

from homeassistant.data_entry_flow import section
from homeassistant.helpers.selector import (
    SelectOptionDict,
    SelectSelector,
    SelectSelectorConfig,
    SelectSelectorMode,
)
import probatio

from custom_components.cem.const import Kind
from custom_components.cem.forms import FORMS, ONLY
from custom_components.cem.forms.field import (
    POWER,
    Answers,
    Field,
    choice,
    entity,
    yes_no,
)
from custom_components.cem.forms.form import Form
from custom_components.cem.forms.tariff import PRICE_ENTITY

ADD: Final = "add"
METER: Final = (
    entity("power", POWER),
    choice(
        "power_sign", ("import_positive", "export_positive"), default="import_positive"
    ),
)
PRICE: Final = (entity("price_entity", PRICE_ENTITY),)

# What is asked of a device at first, in the order of the form.
_ASKED: Final[Mapping[Kind, tuple[str, ...]]] = {
    Kind.SOLAR: ("name", "power", "peak_power"),
    Kind.BATTERY: (
        *("name", "power", "power_sign", "state_of_charge"),
        *("capacity", "charge_limit", "discharge_limit", "setpoint", "setpoint_sign"),
    ),
    Kind.EV_CHARGER: (
        *("name", "plugged", "switch", "throttle", "power"),
        *("phases", "max_current", "default_energy", "departure"),
    ),
    Kind.HEAT_PUMP: (
        *("name", "climate", "power", "max_power"),
        *("comfort_min", "comfort_max"),
    ),
}
DEVICES: Final = tuple(_ASKED)
_ONLY_WHERE_FOUND: Final = (Kind.HEAT_PUMP,)


def method_of(kind: Kind) -> str:
    """Return which of a kind's forms the first one is an excerpt of."""
    return "climate" if kind is Kind.HEAT_PUMP else ONLY


def asked_of(kind: Kind) -> tuple[Field, ...]:
    """Return the fields that the first form asks of a kind of device."""
    by_key = {field.key: field for field in FORMS[kind][method_of(kind)].fields}
    return tuple(by_key[key] for key in _ASKED[kind])


def found_meters(labels: Mapping[str, str]) -> tuple[Field, ...]:
    """Return the field with the meters that were found; none where none was."""
    options = [
        SelectOptionDict(value=value, label=label) for value, label in labels.items()
    ]
    config = SelectSelectorConfig(options=options, mode=SelectSelectorMode.DROPDOWN)
    field = Field(key="found_meter", selector=SelectSelector(config))
    return (field,) if options else ()


def devices_schema(known: Mapping[Kind, Answers]) -> probatio.Schema:
    """Return a section for each kind; open where something is known of it.

    A field is never required here: a section that is left out need not be filled in.
    """
    shown: dict[probatio.Marker, object] = {}
    for kind in DEVICES:
        found = bool(known.get(kind))
        if kind in _ONLY_WHERE_FOUND and not found:
            continue
        inside = Form(fields=(yes_no(ADD, default=found),)).schema().schema
        inside |= {
            probatio.Optional(field.key): field.selector for field in asked_of(kind)
        }
        shown[probatio.Optional(str(kind), default={})] = section(
            probatio.Schema(inside), {"collapsed": not found}
        )
    return probatio.Schema(shown)
