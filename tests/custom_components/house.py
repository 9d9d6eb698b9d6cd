"""The house of the tests: what its entities say, how its forms were filled in."""

from typing import Any, Final

from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.cem.const import DOMAIN, Kind

W: Final = {"unit_of_measurement": "W"}
PERCENT: Final = {"unit_of_measurement": "%"}
CELSIUS: Final = {"unit_of_measurement": "°C"}

STATES: Final[dict[str, tuple[str, dict[str, Any]]]] = {
    "person.ann": ("home", {}),
    "sensor.grid": ("1200", W),
    "sensor.solar": ("800", W),
    "number.solar_limit": ("6000", W | {"min": 0, "max": 6000, "step": 10}),
    "sensor.battery": ("0", W),
    "sensor.battery_charge": ("50", PERCENT),
    "number.battery": ("0", W | {"min": -5000, "max": 5000, "step": 10}),
    "select.battery": ("own", {"options": ["own", "external"]}),
    "sensor.charger": ("0", W),
    "number.charger": (
        "16",
        {"unit_of_measurement": "A", "min": 6, "max": 16, "step": 1},
    ),
    "switch.charger": ("off", {}),
    "binary_sensor.plugged": ("on", {}),
    "binary_sensor.w4": ("off", {}),
    "binary_sensor.s1": ("off", {}),
    "sensor.car_charge": ("40", PERCENT),
    "sensor.heat_pump": ("0", W),
    "number.heat_pump": ("2500", W | {"min": 0, "max": 2500, "step": 50}),
    "climate.heat_pump": (
        "heat",
        {"temperature": 20.5, "min_temp": 10, "max_temp": 30},
    ),
    "select.heat_pump": ("normal", {"options": ["off", "normal", "recommended"]}),
    "switch.heat_pump": ("on", {}),
    "sensor.indoor": ("20.5", CELSIUS),
    "sensor.outdoor": ("4", CELSIUS),
    "water_heater.boiler": (
        "eco",
        {
            "temperature": 50,
            "current_temperature": 52,
            "min_temp": 30,
            "max_temp": 70,
            "operation_list": ["off", "eco"],
            "away_mode": "off",
        },
    ),
    "sensor.boiler": ("0", W),
    "sensor.dishwasher": ("1", W),
    "button.dishwasher": ("unknown", {}),
    "sensor.dishwasher_state": ("ready", {}),
}

DATA: Final[dict[Kind, dict[str, Any]]] = {
    Kind.METER: {
        "method": "entities",
        "power": "sensor.grid",
        "power_sign": "import_positive",
        "silent_after": 60,
    },
    Kind.SUBMETER: {
        "method": "wmbusmeters",
        "name": "Meters",
        "topic": "wmbusmeters/+",
    },
    Kind.CONTROL_BOX: {
        "method": "user",
        "ski": "00112233445566778899aabbccddeeff00112233",
        "nominal_import": 30,
        "failsafe_import": 4.2,
        "limit_scope": "controllable",
        "limits_export": True,
        "nominal_export": 10,
        "failsafe_export": 0,
        "after_failsafe": "keep",
        "strict_sign": False,
        "listen_address": "127.0.0.1",
        "listen_port": 4712,
    },
    Kind.RELAY: {
        "method": "fnn_relays",
        "name": "Operator's relays",
        "w4": "binary_sensor.w4",
        "s1": "binary_sensor.s1",
        "relay_limit": 4.2,
        "feed_in_peak": 10,
        "limit_scope": "controllable",
        "contact_limits": "closed",
        "debounce": 0.5,
    },
    Kind.MQTT_LIMITS: {
        "method": "user",
        "topic": "grid/limits",
        "most_priority": "obligation",
        "when_silent": "keep",
        "silent_limit": 4.2,
        "limit_scope": "controllable",
    },
    Kind.EVCC: {
        "method": "user",
        "topic": "cem/evcc",
        "limit_scope": "controllable",
        "feed_in_peak": 10,
    },
    Kind.TARIFF: {"method": "fixed", "import_price": 0.3, "export_price": 0.05},
    Kind.BUDGET: {
        "method": "user",
        "name": "Power",
        "medium": "electricity",
        "measure": "quantity",
        "period": "month",
        "amount": 300,
        "warn_percent": 80,
    },
    Kind.PERSON: {
        "method": "user",
        "name": "Ann",
        "person": "person.ann",
        "notify": ["notify.mobile_app_ann"],
        "subjects": ["budget", "device"],
        "most_a_day": 5,
        "digest": "daily",
        "digest_at": "08:00:00",
    },
    Kind.PUBLICATION: {
        "method": "user",
        "name": "Grid Ltd",
        "endpoint": "https://127.0.0.1:9/nrtd",
        "what": ["power", "registers"],
        "per_minute": 6,
        "until": "2099-12-31",
        "pseudonymous": True,
    },
    Kind.SOLAR: {
        "method": "user",
        "name": "Roof",
        "power": "sensor.solar",
        "peak_power": 6,
        "curtailment": "number.solar_limit",
    },
    Kind.BATTERY: {
        "method": "user",
        "name": "Cellar battery",
        "power": "sensor.battery",
        "power_sign": "charge_positive",
        "state_of_charge": "sensor.battery_charge",
        "capacity": 10,
        "charge_limit": 5,
        "discharge_limit": 5,
        "setpoint": "number.battery",
        "setpoint_sign": "charge_positive",
        "mode": "select.battery",
        "mode_external": "external",
        "mode_own": "own",
    },
    Kind.EV_CHARGER: {
        "method": "user",
        "name": "Wallbox",
        "plugged": "binary_sensor.plugged",
        "switch": "switch.charger",
        "throttle": "number.charger",
        "power": "sensor.charger",
        "phases": "3",
        "min_current": 6,
        "max_current": 16,
        "default_energy": 20,
        "departure": "07:00:00",
    },
    Kind.HEAT_PUMP: {
        "method": "power_limit",
        "name": "Heat pump",
        "power": "sensor.heat_pump",
        "max_power": 2.5,
        "indoor_temperature": "sensor.indoor",
        "outdoor_temperature": "sensor.outdoor",
        "comfort_min": 20,
        "comfort_max": 22,
        "power_limit": "number.heat_pump",
    },
    Kind.WATER_HEATER: {
        "method": "water_heater",
        "name": "Boiler",
        "power": "sensor.boiler",
        "max_power": 2,
        "volume": 150,
        "set_temperature": 50,
        "min_temperature": 45,
        "max_temperature": 60,
        "water_heater": "water_heater.boiler",
    },
    Kind.APPLIANCE: {
        "method": "user",
        "name": "Dishwasher",
        "start": "button.dishwasher",
        "power": "sensor.dishwasher",
        "ready": "sensor.dishwasher_state",
        "ready_state": "ready",
        "profile": "2.0, 0.3, 0.1, 2.0, 0.4, 0.1",
        "earliest_start": "09:00:00",
        "latest_end": "22:00:00",
    },
}


# A home with everything that no socket is needed for.
NO_DEVICES: Final = (
    Kind.BUDGET,
    Kind.CONTROL_BOX,
    Kind.PERSON,
    Kind.PUBLICATION,
    Kind.SUBMETER,
)
DEVICES: Final = tuple(kind for kind in Kind if kind not in NO_DEVICES)


def add_states(hass: HomeAssistant) -> None:
    """Let every entity of the house say something."""
    for entity_id, (state, attributes) in STATES.items():
        hass.states.async_set(entity_id, state, attributes)


CONTRACT: dict[str, Any] = {"import_limit": 9.2, "export_limit": 5, "phases": "3"}


def make_entry(*kinds: Kind, options: dict[str, Any] | None = None) -> MockConfigEntry:
    """Return an entry whose subentries are ``kinds``."""
    return MockConfigEntry(
        domain=DOMAIN,
        title="Home",
        unique_id="home",
        entry_id="home_entry",
        data=dict(CONTRACT),
        options=options or {},
        subentries_data=[
            {
                "data": DATA[kind],
                "subentry_type": str(kind),
                "title": DATA[kind].get("name", "Meter"),
                "unique_id": None,
                "subentry_id": f"id_{kind}",
            }
            for kind in kinds
        ],
    )
