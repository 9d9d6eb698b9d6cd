"""What each battery and charger of a home may be counted on for: measured, not rated."""

from typing import TYPE_CHECKING, Final

from cem_core.devices import Ability, Promise
from custom_components.cem.const import Charging, Kind

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.home import Home

# So near to its bounds a battery's own controller takes and gives less.
_TAPERS: Final = 0.05
# Of a charge that is reported in whole percents.
_ROUNDED: Final = 0.005


class Promises:
    """Watches them; the plan reads `ControlledDevice.promise`."""

    def __init__(self, home: Home) -> None:
        """Start with what is rated."""
        self._home = home
        self._abilities = {
            device_id: Ability()
            for device_id, device in home.devices.items()
            if device.controllable and device.kind in (Kind.BATTERY, Kind.EV_CHARGER)
        }

    def look(
        self,
        device: ControlledDevice,
        at_s: float,
        ordered_w: int | None,
        *,
        stuck: bool,
    ) -> None:
        """Take what ``device`` does at ``at_s``; ``stuck``: more than it is ordered."""
        ability = self._abilities.get(device.device_id)
        if ability is None:
            return
        full, empty = bounds(device)
        if device.kind is Kind.EV_CHARGER and device.connected is False:
            ability.forget()
        promise = ability.update(
            at_s,
            ordered_w,
            device.power_w,
            settles_s=device.reaction.seconds,
            full=full,
            empty=empty,
        )
        if stuck:
            promise = Promise(takes_w=0, gives_w=0, stuck=True)
        if promise != device.promise:
            device.promise = promise
            self._home.replan_wanted("promise")


def bounds(device: ControlledDevice) -> tuple[bool, bool]:
    """Tell whether it is about full, and about empty."""
    charge, data = device.state_of_charge, device.data
    if device.kind is Kind.EV_CHARGER:
        done = device.energy_wanted_kwh <= 0 or device.charging is Charging.NOW
        return done, True
    if charge is None:
        return False, False
    most = data.get("max_state_of_charge", 100) / 100 - _TAPERS
    least = data.get("min_state_of_charge", 10) / 100 + _TAPERS
    return charge >= most - _ROUNDED, charge <= least + _ROUNDED
