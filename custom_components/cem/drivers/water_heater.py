"""Water heater: its set temperature, a power limit or a switch."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from cem_core.devices import Capability
from cem_core.model import Cause, Setpoint
from custom_components.cem.drivers.heater import HOTTER_K, by_power_limit, nearest_c
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    always,
    switch_call,
)

type Data = Mapping[str, Any]

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
        target_c = nearest_c(_target_c(setpoint, data), state)
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
        entities=(entity_id,),
        calls=calls,
        fallback="keeps the last temperature",
        can=always(Capability.SET_TEMPERATURE),
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
        return max(most_c, float(data["legionella_temperature"]) + HOTTER_K)
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


def _mode_call(entity_id: str, mode: str) -> EntityCall:
    return EntityCall(
        entity_id=entity_id,
        action="set_operation_mode",
        data={"operation_mode": mode},
        leads_to=mode,
    )


def _on_off(data: Data) -> Translation:
    entity_id = data["switch"]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        del states
        return (switch_call(entity_id, on=_heats(setpoint)),)

    return Translation(
        entities=(entity_id,),
        calls=calls,
        fallback="stays as last switched",
        can=always(Capability.START_STOP),
    )


_CONTROLS: Final[Mapping[str, Callable[[Data], Translation]]] = {
    "water_heater": _temperature,
    "power_limit": by_power_limit,
    "on_off": _on_off,
}
