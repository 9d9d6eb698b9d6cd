"""Appliance: started once, never stopped: its run is uninterrupted."""

from collections.abc import Mapping
from typing import Any

from homeassistant.core import split_entity_id

from cem_core.devices import Capability
from cem_core.model import Action, Setpoint
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    always,
    select_call,
    switch_call,
)


def translation(data: Mapping[str, Any]) -> Translation:
    """Return how the appliance that the user described is started."""
    entity_id = data["start"]
    domain = split_entity_id(entity_id)[0]

    def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
        if setpoint.action is not Action.RUN or not setpoint.power_w:
            return ()
        if domain in ("button", "input_button"):
            return (EntityCall(entity_id=entity_id, action="press"),)
        if domain == "script":  # it ends by itself, and says nothing of the run
            return (EntityCall(entity_id=entity_id, action="turn_on"),)
        if domain in ("select", "input_select"):
            return (select_call(entity_id, data["start_option"]),)
        state = states(entity_id)
        if state is not None and state.state == "on":
            return ()
        return (switch_call(entity_id, on=True),)

    return Translation(
        entities=(entity_id,),
        calls=calls,
        fallback="finishes its run",
        can=always(Capability.RUN_ONCE),
    )
