"""Battery: a setpoint, and a mode that says who commands."""

from collections.abc import Mapping
from typing import Any

from cem_core.devices import Capability
from cem_core.model import Cause, Setpoint
from custom_components.cem.describe import power_of
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    always,
    number_call,
    power_in_unit,
    select_call,
)


def translation(data: Mapping[str, Any]) -> Translation:
    """Return how the battery that the user described is commanded."""
    return _by_direction(data) if "mode_charge" in data else _by_sign(data)


def _by_sign(data: Mapping[str, Any]) -> Translation:
    setpoint_entity: str | None = data.get("setpoint")
    two = data.get("charge_setpoint"), data.get("discharge_setpoint")
    mode: str | None = data.get("mode")
    sign = -1 if data["setpoint_sign"] == "discharge_positive" else 1
    own_balances: bool = data.get("own_mode_balances", False)

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        own = _is_left_alone(setpoint, own_balances=own_balances)
        made = []
        if mode is not None:
            made.append(select_call(mode, data["mode_own" if own else "mode_external"]))
        if not (own and mode is not None):
            made += _two_numbers(two, setpoint.power_w or 0, states)
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
        if two[0] is not None:
            return _held_by_two(two, states)
        power_w = power_of(states(setpoint_entity)) if setpoint_entity else None
        return None if power_w is None else sign * power_w

    return Translation(
        entities=tuple(entity for entity in (setpoint_entity, *two, mode) if entity),
        calls=calls,
        fallback="keeps the last setpoint",
        held_w=held_w,
        can=always(*([Capability.SET_POWER] if setpoint_entity or any(two) else [])),
    )


def _by_direction(data: Mapping[str, Any]) -> Translation:
    """Return how one is commanded whose mode says the direction, its number how much."""
    number, mode = data["setpoint"], data["mode"]
    own_balances: bool = data.get("own_mode_balances", False)

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        if _is_left_alone(setpoint, own_balances=own_balances):
            return (select_call(mode, data["mode_own"]),)
        power_w, key = setpoint.power_w or 0, "mode_external"
        if power_w:
            key = "mode_charge" if power_w > 0 else "mode_discharge"
        state = states(number)
        # The number first: an old one would be drawn, or given, in the new direction.
        return (
            number_call(number, power_in_unit(abs(power_w), state), state),
            select_call(mode, data[key]),
        )

    def held_w(states: States) -> int | None:
        state, power_w = states(mode), power_of(states(number))
        said = None if state is None else state.state
        if said == data["mode_external"]:
            return 0
        if power_w is None or said not in (data["mode_charge"], data["mode_discharge"]):
            return None
        return power_w if said == data["mode_charge"] else -power_w

    return Translation(
        entities=(number, mode),
        calls=calls,
        fallback="keeps the last setpoint",
        held_w=held_w,
        can=always(Capability.SET_POWER),
    )


def _is_left_alone(setpoint: Setpoint, *, own_balances: bool) -> bool:
    """Tell whether its own mode is meant: where it balances, in balance steps too."""
    return setpoint.power_w is None or (
        own_balances and setpoint.cause is Cause.BALANCE and setpoint.limit_id is None
    )


type Two = tuple[str | None, str | None]


def _two_numbers(two: Two, power_w: int, states: States) -> list[EntityCall]:
    """Set what is to be charged and discharged, first the one that ends."""
    wanted = ((two[0], max(0, power_w)), (two[1], max(0, -power_w)))
    found = []
    for entity_id, each_w in sorted(wanted, key=lambda pair: pair[1]):
        if entity_id is not None:
            state = states(entity_id)
            found.append(number_call(entity_id, power_in_unit(each_w, state), state))
    return found


def _held_by_two(two: Two, states: States) -> int | None:
    """Return what both hold it at, None while one does not say."""
    charge_w, discharge_w = (
        0 if entity_id is None else power_of(states(entity_id)) for entity_id in two
    )
    if charge_w is None or discharge_w is None:
        return None
    return charge_w - discharge_w
