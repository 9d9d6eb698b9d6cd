"""Water heater: its set temperature, a power limit or a switch."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from homeassistant.core import State

from cem_core.model import Cause, Setpoint
from custom_components.cem.describe import power_of
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    power_limit_call,
    switch_call,
)

type Data = Mapping[str, Any]

# A thermostat stops below its set temperature: so much higher it is set for a cycle.
_HOTTER_K: Final = 3.0
_SOUND: Final = (Cause.FROST, Cause.HOT_CYCLE)


def translation(data: Data) -> Translation:
    """Return how the water heater that the user described is commanded."""
    return _CONTROLS[data["method"]](data)


def _temperature(data: Data) -> Translation:
    entity_id = data["water_heater"]
    mode: str | None = data.get("operation_mode")

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        state = states(entity_id)
        away = _away_calls(entity_id, setpoint, data)
        if mode is not None and not _heats(setpoint):
            return (*away, _mode_call(entity_id, "off"))
        target_c = _within_range(_target_c(setpoint, data), state)
        set_to = EntityCall(
            entity_id=entity_id,
            action="set_temperature",
            data={"temperature": target_c},
            leads_to=target_c,
            attribute="temperature",
        )
        if mode is None:
            return (*away, set_to)
        return (*away, _mode_call(entity_id, mode), set_to)

    return Translation(
        entities=(entity_id,), calls=calls, fallback="keeps the last temperature"
    )


def _heats(setpoint: Setpoint) -> bool:
    return setpoint.power_w is None or setpoint.power_w > 0


def _target_c(setpoint: Setpoint, data: Data) -> float:
    """Return the temperature that a setpoint stands for.

    What the plan, a person or nobody orders are three: the highest, the highest,
    and the usual one.
    """
    if setpoint.power_w is None:
        return float(data["set_temperature"])
    if setpoint.power_w <= 0:
        return float(data["min_temperature"])
    most_c = float(data["max_temperature"])
    if setpoint.cause is Cause.HOT_CYCLE:
        return max(most_c, float(data["legionella_temperature"]) + _HOTTER_K)
    return most_c


def _away_calls(
    entity_id: str, setpoint: Setpoint, data: Data
) -> tuple[EntityCall, ...]:
    """Be away while everybody is, but for what keeps the water sound."""
    if not data.get("away_mode", False):
        return ()
    away = data.get("vacation", False) and setpoint.cause not in _SOUND
    call = EntityCall(
        entity_id=entity_id,
        action="set_away_mode",
        data={"away_mode": away},
        leads_to="on" if away else "off",
        attribute="away_mode",
    )
    return (call,)


def _within_range(target_c: float, state: State | None) -> float:
    """Return what the entity takes that is nearest to ``target_c``."""
    attributes: Mapping[str, Any] = {} if state is None else state.attributes
    least_c = attributes.get("min_temp", target_c)
    most_c = attributes.get("max_temp", target_c)
    return float(min(max(target_c, least_c), most_c))


def _mode_call(entity_id: str, mode: str) -> EntityCall:
    return EntityCall(
        entity_id=entity_id,
        action="set_operation_mode",
        data={"operation_mode": mode},
        leads_to=mode,
    )


def _power_limit(data: Data) -> Translation:
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


def _on_off(data: Data) -> Translation:
    entity_id = data["switch"]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        del states
        return (switch_call(entity_id, on=_heats(setpoint)),)

    return Translation(
        entities=(entity_id,), calls=calls, fallback="stays as last switched"
    )


_CONTROLS: Final[Mapping[str, Callable[[Data], Translation]]] = {
    "water_heater": _temperature,
    "power_limit": _power_limit,
    "on_off": _on_off,
}
