"""Heat pump: a power limit, a room temperature, SG Ready or a switch."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from cem_core.model import Setpoint
from custom_components.cem.drivers.heater import by_power_limit, nearest_c
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    select_call,
    switch_call,
)

type Data = Mapping[str, Any]

# Above this share of its power a heat pump is asked to take more than it
# would by itself (SG Ready state 3); below, it runs as it likes.
_RECOMMENDED_ABOVE: Final = 0.6


def translation(data: Data) -> Translation:
    """Return how the heat pump that the user described is commanded."""
    return _CONTROLS[data["method"]](data)


def _climate(data: Data) -> Translation:
    entity_id = data["climate"]
    mode: str | None = data.get("climate_mode")

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        least, most = data["comfort_min"], data["comfort_max"]
        if setpoint.power_w is None:
            target = (least + most) / 2
        else:
            target = most if setpoint.power_w > 0 else least
        if mode is not None:
            on = setpoint.power_w is None or setpoint.power_w > 0
            return (_mode_call(entity_id, mode if on else "off"),)
        target = nearest_c(target, states(entity_id))
        return (
            EntityCall(
                entity_id=entity_id,
                action="set_temperature",
                data={"temperature": target},
                leads_to=target,
            ),
        )

    return Translation(
        entities=(entity_id,), calls=calls, fallback="keeps the last temperature"
    )


def _mode_call(entity_id: str, mode: str) -> EntityCall:
    return EntityCall(
        entity_id=entity_id,
        action="set_hvac_mode",
        data={"hvac_mode": mode},
        leads_to=mode,
    )


def _sg_ready(data: Data) -> Translation:
    entity_id = data["sg_ready"]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        del states
        key = "sg_normal"
        if setpoint.power_w is not None:
            share = setpoint.power_w / (data["max_power"] * 1000)
            if share <= 0:
                key = "sg_off"
            elif share > _RECOMMENDED_ABOVE and setpoint.limit_id is None:
                key = "sg_recommended"
        return (select_call(entity_id, data[key]),)

    return Translation(
        entities=(entity_id,), calls=calls, fallback="keeps the last SG Ready state"
    )


def _on_off(data: Data) -> Translation:
    entity_id = data["switch"]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        del states
        on = setpoint.power_w is None or setpoint.power_w > 0
        return (switch_call(entity_id, on=on),)

    return Translation(
        entities=(entity_id,), calls=calls, fallback="stays as last switched"
    )


_CONTROLS: Final[Mapping[str, Callable[[Data], Translation]]] = {
    "power_limit": by_power_limit,
    "climate": _climate,
    "sg_ready": _sg_ready,
    "on_off": _on_off,
}
