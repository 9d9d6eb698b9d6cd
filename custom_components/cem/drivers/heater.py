"""What heat pumps and water heaters have alike: a power that is bounded, a range."""

from collections.abc import Mapping
from typing import Any, Final

from homeassistant.core import State

from cem_core.devices import Capability
from cem_core.model import Setpoint
from custom_components.cem.describe import power_of
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    always,
    power_limit_call,
)
from custom_components.cem.numbers import finite

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
        can=always(Capability.LIMIT_POWER),
    )


def nearest_c(target_c: float, state: State | None) -> float:
    """Return what an entity takes that is nearest to ``target_c``."""
    attributes: Mapping[str, Any] = {} if state is None else state.attributes
    least_c, most_c = (finite(attributes.get(f"{end}_temp")) for end in ("min", "max"))
    at_least_c = target_c if least_c is None else max(target_c, least_c)
    return at_least_c if most_c is None else min(at_least_c, most_c)
