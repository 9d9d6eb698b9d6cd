"""Drivers, one a file: of a protocol in DRIVERS, of entities in TRANSLATIONS.

Each has a page in docs/devices and a peer in tests/custom_components/conformance.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.core import HomeAssistant

from custom_components.cem.const import Kind
from custom_components.cem.drivers import (
    appliance,
    battery,
    ev_charger,
    heat_pump,
    solar,
    water_heater,
)
from custom_components.cem.drivers.contactor import Contactor
from custom_components.cem.drivers.eebus_driver import EebusDriver
from custom_components.cem.drivers.entity_driver import EntityDriver
from custom_components.cem.drivers.evcc_driver import EvccDriver
from custom_components.cem.drivers.home_driver import HomeDriver
from custom_components.cem.drivers.modbus_driver import ModbusDriver
from custom_components.cem.drivers.ocpp_driver import OcppDriver
from custom_components.cem.drivers.s2_driver import S2Driver
from custom_components.cem.drivers.translation import Translation

TRANSLATIONS: Final[Mapping[Kind, Callable[[Mapping[str, Any]], Translation]]] = {
    Kind.SOLAR: solar.translation,
    Kind.BATTERY: battery.translation,
    Kind.EV_CHARGER: ev_charger.translation,
    Kind.HEAT_PUMP: heat_pump.translation,
    Kind.WATER_HEATER: water_heater.translation,
    Kind.APPLIANCE: appliance.translation,
}


type Connect = Callable[[Kind, Mapping[str, Any], str], HomeDriver]

# By the field of a form that none but this driver's devices have (const.OWN_PROTOCOLS).
DRIVERS: Final[Mapping[str, Connect]] = {
    "ski": lambda kind, data, _name: EebusDriver(kind, data),
    "station": lambda _kind, data, _name: OcppDriver(data),
    "s2_token": S2Driver,
    "modbus_map": lambda kind, data, _name: ModbusDriver(kind, data),
    "evcc_url": lambda _kind, data, _name: EvccDriver(data),
}


def connect(
    hass: HomeAssistant, kind: Kind, data: Mapping[str, Any], name: str
) -> HomeDriver:
    """Return the driver of what the user filled in; ``name`` is the device's own."""
    for field, driver in DRIVERS.items():
        if field in data:
            return driver(kind, data, name)
    return EntityDriver(hass, TRANSLATIONS[kind](data))


__all__ = [
    "DRIVERS",
    "TRANSLATIONS",
    "Contactor",
    "EebusDriver",
    "EntityDriver",
    "EvccDriver",
    "HomeDriver",
    "ModbusDriver",
    "OcppDriver",
    "S2Driver",
    "Translation",
    "connect",
]
