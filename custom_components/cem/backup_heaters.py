"""The electric heaters of heat pumps: kept off while rooms are warmed up again."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from cem_core.devices.backup_heater import BackupHeater
from cem_core.model import Cause, Owner, Protection
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.fast_loop import Snapshot

if TYPE_CHECKING:
    from custom_components.cem.home import Home

_RECOVERY_MIN: Final = 60
_HELD_BACK: Final = (
    Cause.LIMIT,
    Cause.GIVE_BACK,
    Cause.METER_SILENT,
    Cause.POWER_CUT,
)


class BackupHeaters:
    """Switches those heaters that the forms name."""

    def __init__(self, home: Home) -> None:
        """Hold each off at first: the start may be the return of the power."""
        self._home = home
        now = dt_util.utcnow()
        self._heaters = {
            device_id: BackupHeater(
                recovers=timedelta(
                    minutes=device.data.get("backup_hold", _RECOVERY_MIN)
                ),
                last_held_back=now,
            )
            for device_id, device in home.devices.items()
            if device.backup is not None
        }

    def observe(self, snapshot: Snapshot) -> None:
        """Hold heaters off, or let them be, after a decision."""
        for device_id, heater in self._heaters.items():
            device = self._home.devices[device_id]
            state, order = snapshot.states[device_id], snapshot.setpoints[device_id]
            held_back = (
                order.limit_id is not None
                or order.cause in _HELD_BACK
                or state.cut
                or not state.available
            )
            held = heater.is_held(
                snapshot.time,
                held_back=held_back,
                frost=state.protection is Protection.FROST,
            )
            ours = state.enabled and state.owner is Owner.PLAN
            self._switch(device, held=held and ours)

    def release(self) -> None:
        """Let every heater that we hold off be on again."""
        for device_id in self._heaters:
            self._switch(self._home.devices[device_id], held=False)

    def _switch(self, device: ControlledDevice, *, held: bool) -> None:
        backup, off, key = (
            device.backup,
            self._home.store.backup_off,
            device.subentry_id,
        )
        if backup is None:
            return
        if held and key not in off and not backup.is_open:
            off.add(key)
            self._save()
        if key not in off:
            return  # its owner has it off: it is not switched on for him
        if held:
            backup.open()
            return
        backup.close()
        if not backup.is_open:
            off.discard(key)
            self._save()

    def _save(self) -> None:
        home = self._home
        home.entry.async_create_task(home.hass, home.store.async_save(), "cem store")
