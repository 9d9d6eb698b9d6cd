"""What heat pumps and water heaters have alike: a power that is bounded, a range."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import State

from cem_core.model import Setpoint
from custom_components.cem.describe import power_of
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    power_limit_call,
)

# A thermostat stops below its set temperature: so much higher it is set for a cycle.
HOTTER_K: Final = 3.0


def by_power_limit(data: Mapping[str, Any]) -> Translation:
    """Return how a heater is commanded by a number in W or kW."""
    entity_id = data["power_limit"]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        most_w = data["max_power"] * 1000
        return (power_limit_call(entity_id, setpoint, most_w, states),)

    return Translation(
        entities=(entity_id,),
        calls=calls,
        fallback="keeps the last power limit",
        held_w=lambda states: power_of(states(entity_id)),
    )


def nearest_c(target_c: float, state: State | None) -> float:
    """Return what an entity takes that is nearest to ``target_c``."""
    attributes: Mapping[str, Any] = {} if state is None else state.attributes
    least_c = attributes.get("min_temp", target_c)
    most_c = attributes.get("max_temp", target_c)
    return float(min(max(target_c, least_c), most_c))
