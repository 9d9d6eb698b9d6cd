"""What others change of a device: a person, a car, an automation."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from homeassistant.core import Event, EventStateChangedData, State, callback
from homeassistant.util import dt as dt_util

from custom_components.cem import device_wishes, wishes
from custom_components.cem.const import Charging, Mode
from custom_components.cem.controlled import ControlledDevice

if TYPE_CHECKING:
    from custom_components.cem.home import Home


class Changes:
    """Leaves alone what somebody takes over, and plans what a car or a run changes."""

    def __init__(self, home: Home, *, soon: Callable[[], None]) -> None:
        """Look after ``home``; ``soon`` decides anew."""
        self._home = home
        self._soon = soon

    @callback
    def take(self, event: Event[EventStateChangedData]) -> None:
        """Notice a person's hand, a car that came or went, a device that left."""
        old, new = event.data["old_state"], event.data["new_state"]
        for device in self._home.devices.values():
            if event.data["entity_id"] not in device.watched:
                continue
            device.notice_return(old, new)
            if new is not None and device.is_taken_over(old, new):
                self._taken_over(device, new)
            if device.has_changed(event.data["entity_id"], old, new):
                self._car_or_run_changed(device)
        self._soon()

    def _taken_over(self, device: ControlledDevice, state: State) -> None:
        if self._home.mode is Mode.CONTROL:
            self._home.others.changed(device, state)
        self._leave_alone(device)

    def taken_over_in_evcc(self, device: ControlledDevice) -> None:
        """Notice that somebody else set a loadpoint."""
        if self._home.mode is Mode.CONTROL:
            self._home.others.changed_in(device, "evcc")
        self._leave_alone(device)

    def _leave_alone(self, device: ControlledDevice) -> None:
        device.ceiling.forget()
        device_wishes.end_asked_once(self._home, device, dt_util.utcnow())
        if self._home.mode is Mode.CONTROL:
            device.hand_off(dt_util.utcnow() + self._home.settings.hand_off)
            self._home.replan_wanted("person")

    def _car_or_run_changed(self, device: ControlledDevice) -> None:
        if device.connected is False and device.charging is not Charging.PLAN:
            self._home.entry.async_create_task(
                self._home.hass,
                wishes.async_set_charging(self._home, device, Charging.PLAN),
                "cem charging",
            )
        self._home.replan_wanted("plug")
