"""Drivers: through entities (kind -> its calls), EEBUS, evcc, Modbus, OCPP or S2."""

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


def connect(
    hass: HomeAssistant, kind: Kind, data: Mapping[str, Any], name: str
) -> HomeDriver:
    """Return the driver of what the user filled in; ``name`` is the device's own."""
    if "ski" in data:
        return EebusDriver(kind, data)
    if "station" in data:
        return OcppDriver(data)
    if "s2_token" in data:
        return S2Driver(kind, data, name)
    if "modbus_map" in data:
        return ModbusDriver(kind, data)
    if "evcc_url" in data:
        return EvccDriver(data)
    return EntityDriver(hass, TRANSLATIONS[kind](data))


__all__ = [
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
