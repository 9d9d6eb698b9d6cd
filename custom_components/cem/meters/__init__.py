"""Where readings of the grid connection point come from."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from custom_components.cem.const import CONF_METHOD
from custom_components.cem.meters.entities import EntityMeter
from custom_components.cem.meters.homewizard import HOMEWIZARD
from custom_components.cem.meters.meter import Meter, MeterListener
from custom_components.cem.meters.method import Method
from custom_components.cem.meters.modbus import MODBUS, ModbusRegisters
from custom_components.cem.meters.mqtt import MQTT
from custom_components.cem.meters.own import OwnMeter
from custom_components.cem.meters.streams import SERIAL, TCP

METHODS: Final[Mapping[str, Method[Any]]] = {
    "tcp": TCP,
    "serial": SERIAL,
    "mqtt": MQTT,
    "homewizard": HOMEWIZARD,
}
"""Lines that we read ourselves; `custom_components.cem.forms.meter` asks for each."""


def connect(hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry) -> Meter:
    """Return the meter that the user described."""
    name = subentry.data[CONF_METHOD]
    if (method := METHODS.get(name)) is not None:
        return OwnMeter(hass, entry, subentry, method)
    if name in MODBUS:
        return ModbusRegisters(hass, entry, subentry.data)
    return EntityMeter(hass, subentry.data)


__all__ = [
    "METHODS",
    "EntityMeter",
    "Meter",
    "MeterListener",
    "Method",
    "OwnMeter",
    "connect",
]
