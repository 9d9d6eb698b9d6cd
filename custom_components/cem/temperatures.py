"""Temperatures of climate and water heater entities, which speak the home's unit.

Home Assistant shows their attributes, and takes what they are set to, in the unit of
its unit system, without saying which; here all is in °C.
"""

from typing import Final

from homeassistant.const import UnitOfTemperature
from homeassistant.core import HomeAssistant, State
from homeassistant.util.unit_conversion import TemperatureConverter

from custom_components.cem.numbers import ATTR_UNIT, finite

CURRENT: Final = "current_temperature"
_CELSIUS: Final = UnitOfTemperature.CELSIUS
_DOMAINS: Final = ("climate", "water_heater")
_ATTRIBUTES: Final = (
    *(CURRENT, "temperature", "min_temp", "max_temp"),
    *("target_temp_low", "target_temp_high"),
)


def in_celsius(hass: HomeAssistant, state: State | None) -> State | None:
    """Return ``state`` with the temperatures of a thermostat in °C.

    What is no number is left as it is, and so is any other entity.
    """
    unit = hass.config.units.temperature_unit
    if state is None or unit == _CELSIUS or state.domain not in _DOMAINS:
        return state
    said = {key: finite(state.attributes.get(key)) for key in _ATTRIBUTES}
    converted = {
        key: TemperatureConverter.convert(value, unit, _CELSIUS)
        for key, value in said.items()
        if value is not None
    }
    return State(state.entity_id, state.state, state.attributes | converted)


def in_home_unit(hass: HomeAssistant, temperature_c: float) -> float:
    """Return what a thermostat is to be set to, in the unit of the home.

    In °F a whole one, as it is shown: else it would never be what it was set to.
    """
    unit = hass.config.units.temperature_unit
    if unit == _CELSIUS:
        return temperature_c
    return float(round(TemperatureConverter.convert(temperature_c, _CELSIUS, unit)))


def in_own_unit(state: State | None, temperature_c: float) -> float:
    """Return a temperature in the unit that a number says it is in; °C if in none."""
    fahrenheit = UnitOfTemperature.FAHRENHEIT
    if state is None or state.attributes.get(ATTR_UNIT) != fahrenheit:
        return temperature_c
    return TemperatureConverter.convert(temperature_c, _CELSIUS, fahrenheit)
