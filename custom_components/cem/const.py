"""Names that the forms, the stored data and the runtime share.

A home is one config entry; `entry.data` holds its connection, `entry.options`
what may be tuned. Each meter, tariff and device is a subentry whose flat data
has the keys below; `method` names the form it was filled in.
"""

from enum import StrEnum
from typing import Final

DOMAIN: Final = "cem"

CONF_METHOD: Final = "method"

# Home Assistant itself (an automation, a script) acts without a user.
AUTOMATION: Final = "automation"


class Mode(StrEnum):
    """What the CEM may do with the home's devices."""

    OBSERVE = "observe"
    ADVISE = "advise"
    CONTROL = "control"


class Charging(StrEnum):
    """What the user wants for the car that is plugged in."""

    PLAN = "plan"
    NOW = "now"
    NOT_TONIGHT = "not_tonight"


class Kind(StrEnum):
    """Types of subentries."""

    METER = "meter"
    SUBMETER = "submeter"
    CONTROL_BOX = "control_box"
    RELAY = "relay"
    MQTT_LIMITS = "mqtt_limits"
    EVCC = "evcc"
    PUBLICATION = "publication"
    TARIFF = "tariff"
    BUDGET = "budget"
    PERSON = "person"
    SOLAR = "solar"
    BATTERY = "battery"
    EV_CHARGER = "ev_charger"
    HEAT_PUMP = "heat_pump"
    WATER_HEATER = "water_heater"
    APPLIANCE = "appliance"


KIND_NAMES: Final = {
    Kind.SOLAR: "Solar",
    Kind.BATTERY: "Battery",
    Kind.EV_CHARGER: "EV charger",
    Kind.HEAT_PUMP: "Heat pump",
    Kind.WATER_HEATER: "Water heater",
    Kind.APPLIANCE: "Appliance",
}

DEVICE_KINDS: Final = (
    Kind.SOLAR,
    Kind.BATTERY,
    Kind.EV_CHARGER,
    Kind.HEAT_PUMP,
    Kind.WATER_HEATER,
    Kind.APPLIANCE,
)

# A device that the CEM speaks with itself has one of these in its form; its driver is
# found by it (`drivers.DRIVERS`).
OWN_PROTOCOLS: Final = ("ski", "station", "s2_token", "modbus_map", "evcc_url")

# What the worker needs and Home Assistant's own process never imports.
WORKER_REQUIREMENTS: Final = ("pyomo==6.10.1", "highspy==1.15.1")

NOMINAL_VOLTAGE_V: Final = 230

EVENT_NEAR_LIMIT: Final = "near_limit"
EVENT_NEAR_LIMIT_CLEARED: Final = "near_limit_cleared"
EVENT_LIMIT_ORDERED: Final = "limit_ordered"
EVENT_LIMIT_ENDED: Final = "limit_ended"
EVENT_POWER_RETURNED: Final = "power_returned"
EVENT_NOT_OBEYING: Final = "device_not_obeying"
EVENT_PLAN_CHANGED: Final = "plan_changed"
