"""What §14a EnWG asks of a device, in the forms of a home in Germany."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from homeassistant.helpers.selector import DateSelector

from cem_core.tariff.enwg14a import Group
from custom_components.cem.const import Kind
from custom_components.cem.forms.field import PARA14A, Field, choice, number, text
from custom_components.cem.forms.form import Form

COUNTRY: Final = "DE"
NO_GROUP: Final = "none"
# What a device usually is, and what it may be else.
GROUPS: Final[Mapping[Kind, tuple[Group, ...]]] = {
    Kind.EV_CHARGER: (Group.CHARGE_POINT,),
    Kind.BATTERY: (Group.STORAGE,),
    Kind.HEAT_PUMP: (Group.HEAT_PUMP, Group.COOLING),
}
REGISTERED: Final = "registered"
VOLUNTARY: Final = "voluntary"
NOT_REGISTERED: Final = "not_registered"


def fields(kind: Kind) -> tuple[Field, ...]:
    """Return what is asked of a device of ``kind``; nothing of one it is not about."""
    groups = GROUPS.get(kind)
    if groups is None:
        return ()
    options = (*(group.value for group in groups), NO_GROUP)
    asked = (
        choice("para14a_group", options, default=options[0]),
        number("para14a_rated_power", 0.1, 1000, unit="kW"),
        Field(key="para14a_commissioned", selector=DateSelector()),
        choice(
            "para14a_registration",
            (REGISTERED, VOLUNTARY, NOT_REGISTERED),
            default=REGISTERED,
        ),
        text("para14a_operator"),
        text("para14a_number"),
    )
    return tuple(replace(field, section=PARA14A) for field in asked)


def extended(form: Form, kind: Kind, country: str | None) -> Form:
    """Return ``form`` with what its country asks of a device of ``kind``."""
    if country != COUNTRY:
        return form
    return replace(form, fields=(*form.fields, *fields(kind)))
