"""Setpoints become orders to devices, or a device gets its own mode back."""

import asyncio
from typing import TYPE_CHECKING, Final

from cem_core.model import Cause, Owner, Setpoint
from custom_components.cem.controlled import ControlledDevice

if TYPE_CHECKING:
    from custom_components.cem.home import Home

# A device that is removed is asked this long, and this often, to take itself back.
_HANDED_BACK_WITHIN_S: Final = 5.0
_ASKED_EVERY_S: Final = 0.2
# Who is left alone when dispatch has no power for it.
_LEAVE_AS_IT_IS: Final = (Cause.PERSON, Cause.UNAVAILABLE, Cause.NOT_CONNECTED)


class CarryingOut:
    """Remembers over restarts which devices were taken from their own mode."""

    def __init__(self, home: Home) -> None:
        """Order nothing yet."""
        self._home = home
        self._hass = home.hass
        self._store = home.store

    def carry_out(self, device: ControlledDevice, order: Setpoint) -> None:
        """Order ``order`` of ``device``, unless it does as much already."""
        device.setpoint = order
        if order.power_w is None:
            if order.cause not in _LEAVE_AS_IT_IS:
                self._hand_back(device)
            elif order.cause is Cause.PERSON and (lifted := device.ceiling.lift()):
                device.order(lifted)
            return
        state = self._home.snapshot.states[device.device_id]
        if state.enabled and state.owner is Owner.PLAN:
            device.ceiling.forget()  # what its former owner chose no longer counts
        else:
            lowered = device.ceiling.lower(order)
            if lowered is None:
                return
            order = lowered
        if device.subentry_id not in self._store.commanded:
            self._store.commanded.add(device.subentry_id)
            self._home.entry.async_create_task(
                self._hass, self._store.async_save(), "cem store"
            )
        device.order(order)

    def _hand_back(self, device: ControlledDevice) -> None:
        """Give the device its own normal mode, if we ever took it away."""
        if device.subentry_id in self._store.commanded and device.hand_back():
            self._store.commanded.discard(device.subentry_id)
            device.ceiling.forget()
            self._store.save_later()

    async def async_hand_all_back(self) -> None:
        """Ask until each device that answers has its own mode, but not for long.

        Tries are counted beside the time: a clock that stands does not hold it up.
        """
        devices = self._home.devices.values()
        ends_s = self._hass.loop.time() + _HANDED_BACK_WITHIN_S
        for _ in range(round(_HANDED_BACK_WITHIN_S / _ASKED_EVERY_S) + 1):
            for device in devices:
                self._hand_back(device)
            waits = any(
                device.subentry_id in self._store.commanded and device.available
                for device in devices
            )
            if not waits or self._hass.loop.time() >= ends_s:
                return
            await asyncio.sleep(_ASKED_EVERY_S)
