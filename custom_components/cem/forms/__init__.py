"""The table of all forms: kind of subentry -> method -> form."""

from collections.abc import Mapping
from typing import Final

from custom_components.cem.const import Kind
from custom_components.cem.forms import (
    appliance,
    battery,
    budget,
    control_box,
    ev_charger,
    evcc,
    heat_pump,
    meter,
    mqtt_limits,
    person,
    publication,
    relay,
    solar,
    submeter,
    tariff,
    water_heater,
)
from custom_components.cem.forms.form import Form

# A kind with one method asks at once, under the step that starts every flow.
ONLY: Final = "user"

FORMS: Final[Mapping[Kind, Mapping[str, Form]]] = {
    Kind.METER: meter.METHODS,
    Kind.SUBMETER: submeter.METHODS,
    Kind.CONTROL_BOX: {ONLY: control_box.FORM},
    Kind.RELAY: {relay.SINGLE_CONTACT: relay.SINGLE, relay.FNN: relay.FOUR},
    Kind.MQTT_LIMITS: {ONLY: mqtt_limits.FORM},
    Kind.EVCC: {ONLY: evcc.FORM},
    Kind.PUBLICATION: {ONLY: publication.FORM},
    Kind.TARIFF: tariff.METHODS,
    Kind.BUDGET: {ONLY: budget.FORM},
    Kind.PERSON: {ONLY: person.FORM},
    Kind.SOLAR: {ONLY: solar.FORM},
    Kind.BATTERY: {ONLY: battery.FORM},
    Kind.EV_CHARGER: {ONLY: ev_charger.FORM},
    Kind.HEAT_PUMP: {
        "power_limit": heat_pump.POWER_LIMIT,
        "climate": heat_pump.CLIMATE_SETPOINT,
        "sg_ready": heat_pump.SG_READY,
        "sg_contacts": heat_pump.SG_CONTACTS,
        "on_off": heat_pump.ON_OFF,
        "eebus": heat_pump.OVER_EEBUS,
        "modbus": heat_pump.OVER_MODBUS,
        "s2": heat_pump.OVER_S2,
    },
    Kind.WATER_HEATER: {
        "water_heater": water_heater.TEMPERATURE_SETPOINT,
        "power_limit": water_heater.POWER_LIMIT,
        "on_off": water_heater.ON_OFF,
    },
    Kind.APPLIANCE: {ONLY: appliance.FORM},
}

# A home has one grid connection point, so one meter, one control box
# and one tariff.
SINGLE: Final = (
    Kind.METER,
    Kind.CONTROL_BOX,
    Kind.TARIFF,
    Kind.MQTT_LIMITS,
    Kind.EVCC,
)
