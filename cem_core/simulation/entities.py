"""The entities of the home as Home Assistant sees them, one row each."""

from collections.abc import Mapping
from typing import Final

from cem_core.simulation.appliance import ApplianceState
from cem_core.simulation.battery import BatteryMode
from cem_core.simulation.charger import ChargerStatus
from cem_core.simulation.entity import Entity, enum, measured, number, power, select
from cem_core.simulation.heat_pump import SgReady
from cem_core.simulation.home import Home
from cem_core.simulation.orders import HIGHEST_TARGET_C, LOWEST_TARGET_C

MODELS: Final[Mapping[str, tuple[str, str]]] = {
    "battery": ("Home battery", "Simulated battery"),
    "charger": ("Home charger", "Simulated EV charger"),
    "contactor": ("Home charger contactor", "Simulated contactor"),
    "heat_pump": ("Home heat pump", "Simulated heat pump"),
    "solar": ("Home solar", "Simulated inverter"),
    "dishwasher": ("Home dishwasher", "Simulated dishwasher"),
    "tariff": ("Home electricity price", "Simulated supplier"),
    "weather": ("Home weather", "Simulated weather service"),
}


CLIMATE: Final = Entity(
    component="climate",
    object_id="home_heat_pump",
    device="heat_pump",
    key="climate",
    name="Heating",
    ordered=True,
    extra={
        "modes": ["off", "heat"],
        "min_temp": LOWEST_TARGET_C,
        "max_temp": HIGHEST_TARGET_C,
        "temp_step": 0.5,
        "temperature_unit": "C",
    },
)


def entities_of(home: Home) -> tuple[Entity, ...]:
    """Return the entities of the devices that ``home`` has."""
    return (
        *_battery(home),
        *_charger(home),
        *_heat_pump(home),
        *_solar(home),
        *_dishwasher(home),
        *_services(home),
    )


def _battery(home: Home) -> tuple[Entity, ...]:
    if home.battery is None:
        return ()
    p = home.battery.parameters
    bounds = (-p.discharge_limit_w, p.charge_limit_w, 10)
    return (
        power("battery"),
        measured(
            "home_battery_state_of_charge",
            "battery",
            "state_of_charge",
            "State of charge",
            "battery",
            "%",
        ),
        number("home_battery_setpoint", "battery", "setpoint", "Setpoint", bounds, "W"),
        select("home_battery_mode", "battery", "mode", "Mode", list(BatteryMode)),
    )


def _charger(home: Home) -> tuple[Entity, ...]:
    if home.charger is None:
        return ()
    p = home.charger.parameters
    bounds = (p.min_current_a, p.max_current_a, 1)
    return (
        power("charger"),
        number("home_charger_current", "charger", "current", "Current", bounds, "A"),
        Entity(
            component="switch",
            object_id="home_charger_enabled",
            device="charger",
            key="enabled",
            name="Enabled",
            ordered=True,
        ),
        Entity(
            component="switch",
            object_id="home_charger_contactor",
            device="contactor",
            key="contactor",
            name="Supply",
            ordered=True,
        ),
        Entity(
            component="binary_sensor",
            object_id="home_charger_plugged",
            device="charger",
            key="plugged",
            name="Plugged",
            extra={"device_class": "plug"},
        ),
        enum("home_charger_status", "charger", "status", "Status", list(ChargerStatus)),
        measured(
            "home_car_state_of_charge",
            "charger",
            "car_state_of_charge",
            "Car state of charge",
            "battery",
            "%",
        ),
    )


def _heat_pump(home: Home) -> tuple[Entity, ...]:
    if home.heat_pump is None:
        return ()
    bounds = (0, home.heat_pump.parameters.max_power_w, 10)
    return (
        power("heat_pump"),
        measured(
            "home_indoor_temperature",
            "heat_pump",
            "indoor_temperature",
            "Indoor temperature",
            "temperature",
            "°C",
        ),
        CLIMATE,
        select(
            "home_heat_pump_sg_ready",
            "heat_pump",
            "sg_ready",
            "SG Ready",
            list(SgReady),
        ),
        number(
            "home_heat_pump_power_limit",
            "heat_pump",
            "power_limit",
            "Power limit",
            bounds,
            "W",
        ),
    )


def _solar(home: Home) -> tuple[Entity, ...]:
    if home.solar is None:
        return ()
    bounds = (0, home.solar.parameters.rated_w, 10)
    return (
        power("solar"),
        number("home_solar_limit", "solar", "limit", "Limit", bounds, "W"),
        Entity(
            component="sensor",
            object_id="home_solar_forecast",
            device="solar",
            key="forecast",
            name="Forecast",
            attributes=True,
            extra={"device_class": "power", "unit_of_measurement": "W"},
        ),
    )


def _dishwasher(home: Home) -> tuple[Entity, ...]:
    if home.appliance is None:
        return ()
    return (
        power("dishwasher"),
        Entity(
            component="button",
            object_id="home_dishwasher_start",
            device="dishwasher",
            key="start",
            name="Start",
            ordered=True,
        ),
        enum(
            "home_dishwasher_state",
            "dishwasher",
            "state",
            "State",
            list(ApplianceState),
        ),
    )


def _services(home: Home) -> tuple[Entity, ...]:
    unit = f"{home.setup.currency}/kWh"
    prices = tuple(
        Entity(
            component="sensor",
            object_id=f"home_{object_id}",
            device="tariff",
            key=key,
            name=name,
            attributes=True,
            extra={"unit_of_measurement": unit, "suggested_display_precision": 4},
        )
        for object_id, key, name in (
            ("electricity_price", "import_price", "Import price"),
            ("export_price", "export_price", "Export price"),
        )
    )
    outdoor = Entity(
        component="sensor",
        object_id="home_outdoor_temperature",
        device="weather",
        key="outdoor_temperature",
        name="Outdoor temperature",
        attributes=True,
        extra={
            "device_class": "temperature",
            "state_class": "measurement",
            "unit_of_measurement": "°C",
        },
    )
    return (*prices, outdoor)
