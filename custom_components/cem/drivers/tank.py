"""The tank that a heat pump heats beside the rooms: its set temperature."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from homeassistant.core import State

from cem_core.model import Cause, HeatUse, Setpoint
from custom_components.cem.drivers.heater import HOTTER_K, nearest_c
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    number_call,
)
from custom_components.cem.temperatures import in_own_unit

type Data = Mapping[str, Any]

MIN_C: Final = 45.0
USUAL_C: Final = 50.0
MAX_C: Final = 55.0


def with_tank(compressor: Translation, data: Data) -> Translation:
    """Return how a heat pump is commanded together with its tank.

    The tank comes after what lowers the power: no limit waits for it.
    """
    entity_id = data["tank_setpoint"]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        if "tank_mode" in data:
            call = _mode_call(entity_id, setpoint, data)
        else:
            call = _set_to(entity_id, target_c(setpoint, data), states(entity_id))
        return (*compressor.calls(setpoint, states), call)

    return replace(compressor, calls=calls, beside=(entity_id,))


def target_c(setpoint: Setpoint, data: Data) -> float:
    """Return the temperature that a setpoint stands for: usual where nobody says."""
    power_w, use = setpoint.power_w, setpoint.use
    most_c, least_c = data.get("tank_max", MAX_C), data.get("tank_min", MIN_C)
    planned = setpoint.cause is Cause.PLAN
    if power_w is None or (use is None and (power_w > 0 or planned)):
        return float(data.get("tank_usual", USUAL_C))
    if power_w <= 0 or use is None or HeatUse.WATER not in use:
        return float(least_c)
    if setpoint.cause is Cause.HOT_CYCLE:
        return max(float(most_c), float(data["legionella_temperature"]) + HOTTER_K)
    return float(most_c)


def _mode_call(entity_id: str, setpoint: Setpoint, data: Data) -> EntityCall:
    """Switch one that takes no temperature between more hot water and as usual."""
    power_w, use = setpoint.power_w, setpoint.use
    hot = power_w is not None and power_w > 0 and use and HeatUse.WATER in use
    mode = data["tank_mode" if hot else "tank_mode_usual"]
    return EntityCall(
        entity_id=entity_id,
        action="set_operation_mode",
        data={"operation_mode": mode},
        leads_to=mode,
    )


def _set_to(entity_id: str, target: float, state: State | None) -> EntityCall:
    if not entity_id.startswith("water_heater."):
        return number_call(entity_id, in_own_unit(state, target), state)
    target = nearest_c(target, state)
    return EntityCall(
        entity_id=entity_id,
        action="set_temperature",
        data={"temperature": target},
        leads_to=target,
        attribute="temperature",
    )
