"""The forms of the first set-up: few fields, the rest is known or has a default."""

from collections.abc import Mapping
from typing import Final

from homeassistant.data_entry_flow import section
import probatio

from custom_components.cem.const import Kind
from custom_components.cem.forms import FORMS, ONLY
from custom_components.cem.forms.field import (
    POWER,
    Answers,
    Field,
    Form,
    choice,
    entity,
    yes_no,
)
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
}
DEVICES: Final = tuple(_ASKED)


def asked_of(kind: Kind) -> tuple[Field, ...]:
    """Return the fields that the first form asks of a kind of device."""
    by_key = {field.key: field for field in FORMS[kind][ONLY].fields}
    return tuple(by_key[key] for key in _ASKED[kind])


def devices_schema(known: Mapping[Kind, Answers]) -> probatio.Schema:
    """Return a section for each kind; open where something is known of it.

    A field is never required here: a section that is left out need not be filled in.
    """
    shown: dict[probatio.Marker, object] = {}
    for kind in DEVICES:
        found = bool(known.get(kind))
        inside = Form(fields=(yes_no(ADD, default=found),)).schema().schema
        inside |= {
            probatio.Optional(field.key): field.selector for field in asked_of(kind)
        }
        shown[probatio.Optional(str(kind), default={})] = section(
            probatio.Schema(inside), {"collapsed": not found}
        )
    return probatio.Schema(shown)
