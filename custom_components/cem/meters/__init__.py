"""Where readings of the grid connection point come from."""

from homeassistant.config_entries import ConfigEntry, ConfigSubentry
from homeassistant.core import HomeAssistant

from custom_components.cem.const import CONF_METHOD
from custom_components.cem.meters.entities import EntityMeter
from custom_components.cem.meters.meter import Meter, MeterListener
from custom_components.cem.meters.modbus import MODBUS, ModbusRegisters
from custom_components.cem.meters.p1_tcp import P1TcpMeter


def connect(hass: HomeAssistant, entry: ConfigEntry, subentry: ConfigSubentry) -> Meter:
    """Return the meter that the user described."""
    data = subentry.data
    if data[CONF_METHOD] == "p1_tcp":
        return P1TcpMeter(hass, entry, data["host"], int(data["port"]))
    if data[CONF_METHOD] in MODBUS:
        return ModbusRegisters(hass, entry, data)
    return EntityMeter(hass, data)


__all__ = ["Meter", "MeterListener", "connect"]
