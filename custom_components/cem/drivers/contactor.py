"""A contactor: a switch that is on while the device behind it has supply."""

from homeassistant.const import STATE_OFF
from homeassistant.core import HomeAssistant

from cem_core.devices import CommandQueue
from cem_core.model import Action, Cause, Message, Setpoint
from custom_components.cem.drivers.entity_driver import EntityDriver
from custom_components.cem.drivers.translation import (
    EntityCall,
    States,
    Translation,
    switch_call,
)


class Contactor:
    """Cuts one device, and gives it its supply back."""

    def __init__(self, hass: HomeAssistant, entity_id: str, device_id: str) -> None:
        """Switch nothing yet."""
        self.entity_id = entity_id
        self.problem: str | Message | None = None
        self._hass = hass
        self._device_id = device_id

        def calls(setpoint: Setpoint, states: States) -> tuple[EntityCall, ...]:
            del states
            return (switch_call(entity_id, on=setpoint.action is not Action.OFF),)

        translation = Translation(
            entities=(entity_id,), calls=calls, fallback="stays as last switched"
        )
        self.queue = CommandQueue(
            EntityDriver(hass, translation), clock=hass.loop.time, failed=self._failed
        )

    def _failed(self, problem: str | Message | None) -> None:
        self.problem = problem

    @property
    def is_open(self) -> bool:
        """Tell whether the device is known to have no supply."""
        state = self._hass.states.get(self.entity_id)
        return state is not None and state.state == STATE_OFF

    def open(self) -> None:
        """Cut the device, without waiting."""
        self._switch(Action.OFF)

    def close(self) -> None:
        """Give the device its supply back, without waiting."""
        self._switch(Action.RUN)

    def _switch(self, action: Action) -> None:
        order = Setpoint(
            device_id=self._device_id,
            action=action,
            power_w=0 if action is Action.OFF else None,
            cause=Cause.NOT_OBEYING,
        )
        self.queue.put(order)
