"""EV charger: a switch, and a current or a power."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import State, split_entity_id

from cem_core.devices import Capability
from cem_core.model import Setpoint
from custom_components.cem.const import NOMINAL_VOLTAGE_V
from custom_components.cem.describe import known, number_of, power_of
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    always,
    number_call,
    power_in_unit,
    select_call,
    switch_call,
    switch_or_option_call,
)
from custom_components.cem.numbers import ATTR_UNIT, number_range

_NO_CURRENT_A = 1000.0


def translation(data: Mapping[str, Any]) -> Translation:
    """Return how the charger that the user described is commanded."""
    return _started_and_stopped(data) if "start" in data else _throttled(data)


def _throttled(data: Mapping[str, Any]) -> Translation:
    switch: str | None = data.get("switch")
    throttle: str | None = data.get("throttle")
    pauses: bool = data.get("switch_pauses", False)  # on: it does not charge
    phase_switch: str | None = data.get("phase_switch")
    phase_power_w = NOMINAL_VOLTAGE_V * int(data["phases"])
    gives_back = "discharge_limit" in data

    def ceiling(power_w: float, state: State | None) -> float:
        if state is not None and state.attributes.get(ATTR_UNIT) == "A":
            return power_w / phase_power_w
        return power_in_unit(power_w, state)

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        full_w = data["max_current"] * phase_power_w
        power_w = full_w if setpoint.power_w is None else setpoint.power_w
        power_w = power_w if gives_back else max(0, power_w)
        made = [_phase_call(phase_switch, data)] if phase_switch else []
        if throttle is not None:
            state = states(throttle)
            # A throttle that stops above 0 cannot stop the car: the switch does.
            can_stop = state is not None and number_range(state)[0] <= 0
            if power_w or (switch is None and can_stop):
                made.append(number_call(throttle, ceiling(power_w, state), state))
        if switch is not None:
            made.append(switch_or_option_call(switch, data, on=(power_w != 0) ^ pauses))
        return tuple(made)

    off = "on" if pauses else "off"

    def held_w(states: States) -> int | None:
        switched = known(states(switch)) if switch else None
        if switched is not None and switched.state == data.get("option_off", off):
            return 0
        if throttle is None or (switch is not None and switched is None):
            return None
        least_a = -_NO_CURRENT_A if gives_back else 0.0
        return _power_of_throttle(states(throttle), phase_power_w, least_a)

    return Translation(
        entities=tuple(entity for entity in (throttle, switch, phase_switch) if entity),
        calls=calls,
        fallback="keeps the last current",
        held_w=held_w,
        can=lambda states: _can(data, states),
    )


def _can(data: Mapping[str, Any], states: States) -> frozenset[Capability]:
    found = set()
    if "throttle" in data:
        state = states(data["throttle"])
        ampere = state is not None and state.attributes.get(ATTR_UNIT) == "A"
        found.add(Capability.SET_CURRENT if ampere else Capability.LIMIT_POWER)
    if "switch" in data:
        found.add(Capability.START_STOP)
    if "phase_switch" in data:
        found.add(Capability.SWITCH_PHASES)
    return frozenset(found)


def _started_and_stopped(data: Mapping[str, Any]) -> Translation:
    """Return how a charger with a button, or a script, for each is commanded."""

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        del states
        on = setpoint.power_w is None or setpoint.power_w > 0
        entity_id: str = data["start" if on else "stop"]
        script = split_entity_id(entity_id)[0] == "script"
        action = "turn_on" if script else "press"
        return (EntityCall(entity_id=entity_id, action=action),)

    return Translation(
        entities=(data["start"], data["stop"]),
        calls=calls,
        fallback="stays as last switched",
        can=always(Capability.START_STOP),
    )


def _phase_call(entity_id: str, data: Mapping[str, Any]) -> EntityCall:
    """Have it charge on as many phases as were chosen, at first on all."""
    three = data.get("phases_chosen", "3") == "3"
    if split_entity_id(entity_id)[0] in ("select", "input_select"):
        return select_call(entity_id, data["option_three" if three else "option_one"])
    return switch_call(entity_id, on=three)


def _power_of_throttle(
    state: State | None, phase_power_w: int, least_a: float
) -> int | None:
    value = number_of(state)
    if value is not None and state and state.attributes.get(ATTR_UNIT) == "A":
        believable = least_a <= value < _NO_CURRENT_A
        return round(value * phase_power_w) if believable else None
    return power_of(state)
