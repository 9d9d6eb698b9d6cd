"""Battery: a setpoint, and a mode that says who commands."""

from collections.abc import Mapping
from typing import Any

from cem_core.model import Cause, Setpoint
from custom_components.cem.describe import power_of
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    number_call,
    power_in_unit,
    select_call,
)


def translation(data: Mapping[str, Any]) -> Translation:
    """Return how the battery that the user described is commanded."""
    setpoint_entity: str | None = data.get("setpoint")
    mode: str | None = data.get("mode")
    sign = -1 if data["setpoint_sign"] == "discharge_positive" else 1
    own_balances: bool = data.get("own_mode_balances", False)

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        own = setpoint.power_w is None or (
            own_balances
            and setpoint.cause is Cause.BALANCE
            and setpoint.limit_id is None
        )
        made = []
        if mode is not None:
            made.append(select_call(mode, data["mode_own" if own else "mode_external"]))
        if setpoint_entity is not None and not (own and mode is not None):
            state = states(setpoint_entity)
            power = power_in_unit(sign * (setpoint.power_w or 0), state)
            made.append(number_call(setpoint_entity, power, state))
        return tuple(made)

    def held_w(states: States) -> int | None:
        if mode is not None:
            state = states(mode)
            if state is None or state.state != data["mode_external"]:
                return None
        power_w = power_of(states(setpoint_entity)) if setpoint_entity else None
        return None if power_w is None else sign * power_w

    return Translation(
        entities=tuple(entity for entity in (setpoint_entity, mode) if entity),
        calls=calls,
        fallback="keeps the last setpoint",
        held_w=held_w,
    )
