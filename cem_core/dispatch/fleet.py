"""The devices of a home, put in order once and not at every telegram."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from cem_core.model import Device, DeviceKind

# Among devices of equal rank: what is missed least is turned down first.
_TURNED_DOWN: Final = {
    DeviceKind.SOLAR: 0,
    DeviceKind.EV_CHARGER: 1,
    DeviceKind.BATTERY: 2,
    DeviceKind.APPLIANCE: 3,
    DeviceKind.WATER_HEATER: 4,
    DeviceKind.HEAT_PUMP: 5,
}

_STORES: Final = {DeviceKind.BATTERY, DeviceKind.EV_CHARGER}


@dataclass(frozen=True, slots=True)
class Fleet:
    """Devices, and the places in it in which each stage goes through them.

    ``protected_first`` holds the consumers, batteries and solar whose power a
    limit can change, those that keep it longest first; ``fixed`` the others.
    ``slow`` are too slow for an operator's limit, ``restrained`` those with a rule
    of their own (`restrain`), ``stores`` those that may keep the connection near its
    target.
    ``guaranteed_w`` is what an operator has to leave all of them together.
    """

    devices: tuple[Device, ...]
    protected_first: tuple[int, ...]
    fixed: tuple[int, ...]
    slow: tuple[int, ...]
    restrained: tuple[int, ...]
    stores: tuple[int, ...]
    guaranteed_w: int

    @classmethod
    def of(cls, devices: Sequence[Device]) -> Fleet:
        """Return the fleet of ``devices``; each id must be there once."""
        ids = {device.device_id for device in devices}
        if len(ids) != len(devices):
            raise ValueError("two devices have the same id")
        changeable = [i for i, device in enumerate(devices) if device.interruptible]
        changeable.sort(key=lambda i: _place(devices[i]), reverse=True)
        fixed = [i for i, device in enumerate(devices) if not device.interruptible]
        return cls(
            tuple(devices),
            tuple(changeable),
            tuple(fixed),
            tuple(i for i, device in enumerate(devices) if device.slow),
            tuple(i for i, device in enumerate(devices) if _has_rule(device)),
            tuple(i for i, device in enumerate(devices) if device.kind in _STORES),
            sum(device.guaranteed_w for device in devices),
        )


def _place(device: Device) -> tuple[int, int, str]:
    return device.shed_rank, _TURNED_DOWN[device.kind], device.device_id


def _has_rule(device: Device) -> bool:
    timed = device.min_on_s > 0 or device.min_off_s > 0
    return timed or (device.standing_limit_w is not None and device.slow)
