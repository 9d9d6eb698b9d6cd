"""The driver that acts through entities: kind of device -> its calls."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from custom_components.cem.const import Kind
from custom_components.cem.drivers import (
    appliance,
    battery,
    ev_charger,
    heat_pump,
    solar,
)
from custom_components.cem.drivers.contactor import Contactor
from custom_components.cem.drivers.entity_driver import EntityDriver
from custom_components.cem.drivers.translation import Translation

TRANSLATIONS: Final[Mapping[Kind, Callable[[Mapping[str, Any]], Translation]]] = {
    Kind.SOLAR: solar.translation,
    Kind.BATTERY: battery.translation,
    Kind.EV_CHARGER: ev_charger.translation,
    Kind.HEAT_PUMP: heat_pump.translation,
    Kind.APPLIANCE: appliance.translation,
}

__all__ = ["TRANSLATIONS", "Contactor", "EntityDriver", "Translation"]
