"""A device at full power for a while, because somebody says so."""

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from cem_core.model.what_if import What
from custom_components.cem.const import Kind
from custom_components.cem.device_wishes import (
    async_unwish,
    async_wish,
    standing,
    wish_from,
)

if TYPE_CHECKING:
    from datetime import datetime

    from cem_core.model.wish import Wish
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.home import Home

BOOST: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=12)
KINDS: Final = frozenset({Kind.BATTERY, Kind.EV_CHARGER, Kind.HEAT_PUMP})


def boosts(device: ControlledDevice) -> bool:
    """Tell whether there is anything to boost, and to command it by."""
    return device.kind in KINDS and device.controllable


def boost_of(home: Home, device: ControlledDevice, now: datetime) -> Wish | None:
    """Return the wish that holds the device at its full power ``now``, if one does."""
    for wish in standing(home, now):
        forced = wish.device_id == device.device_id and wish.what is What.FORCE
        if forced and wish.start <= now and wish.power_w == device.most_power_w:
            return wish
    return None


async def async_boost(
    home: Home, device: ControlledDevice, duration: timedelta
) -> Wish:
    """Plan full power from now on, instead of a boost that is under way.

    Raises `WishError`. Limits and the protection of the connection still hold.
    """
    await async_end_boost(home, device)
    now = dt_util.utcnow()
    asked = {
        "device": device.device_id,
        "what": What.FORCE,
        "start": now,
        "end": now + duration,
        "power_w": device.most_power_w,
    }
    wish = wish_from(home, asked)
    await async_wish(home, wish)
    home.notify()
    return wish


async def async_end_boost(home: Home, device: ControlledDevice) -> None:
    """Leave the device to the plan again; where it is not boosted, do nothing."""
    under_way = boost_of(home, device, dt_util.utcnow())
    if under_way is not None:
        await async_unwish(home, under_way.wish_id)
        home.notify()
