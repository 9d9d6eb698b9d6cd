"""Solar: the most it may produce."""

from collections.abc import Mapping
from typing import Any

from cem_core.devices import Capability
from cem_core.model import Setpoint
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    always,
    number_call,
    power_in_unit,
    switch_call,
)
from custom_components.cem.numbers import ATTR_UNIT, number_range


def translation(data: Mapping[str, Any]) -> Translation:
    """Return how the solar system that the user described is curtailed."""
    curtailment: str | None = data.get("curtailment")
    switch: str | None = data.get("curtail_switch")
    peak_w = data["peak_power"] * 1000

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        if switch is not None:
            produces = setpoint.power_w is None or setpoint.power_w >= peak_w
            return (switch_call(switch, on=produces),)
        if curtailment is None:
            return ()
        state = states(curtailment)
        if setpoint.power_w is None or setpoint.power_w >= peak_w:
            upper = number_range(state)[1] if state else power_in_unit(peak_w, state)
            return (number_call(curtailment, upper, state),)
        power = power_in_unit(setpoint.power_w, state)
        if state is not None and state.attributes.get(ATTR_UNIT) == "%":
            power = 100 * setpoint.power_w / peak_w
        return (number_call(curtailment, power, state),)

    return Translation(
        entities=tuple(each for each in (curtailment, switch) if each),
        calls=calls,
        fallback="stays curtailed as last ordered",
        can=always(*([Capability.CURTAIL] if curtailment or switch else [])),
    )
