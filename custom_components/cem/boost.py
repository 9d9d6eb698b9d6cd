"""A device at full power for a while, because somebody says so.

A car is charged as fast as limits and the house leave room for; a battery, a heat
pump and a water heater are wished at full power, which a plan keeps or says why it
cannot.
"""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

from homeassistant.util import dt as dt_util

from cem_core.model.what_if import What
from custom_components.cem import wishes
from custom_components.cem.const import Charging, Kind
from custom_components.cem.device_wishes import (
    async_unwish,
    async_wish,
    standing,
    wish_from,
)

if TYPE_CHECKING:
    from cem_core.model.wish import Wish
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.home import Home

BOOST: Final = timedelta(hours=1)
LONGEST: Final = timedelta(hours=12)
_KINDS: Final = frozenset(
    {Kind.BATTERY, Kind.EV_CHARGER, Kind.HEAT_PUMP, Kind.WATER_HEATER}
)


def boosts(device: ControlledDevice) -> bool:
    """Tell whether it can be boosted, and there is anything to command it by."""
    return device.kind in _KINDS and device.controllable


def boosted_until(home: Home, device: ControlledDevice) -> datetime | None:
    """Return when the boost that is under way ends, None if there is none."""
    if device.kind is Kind.EV_CHARGER:
        return home.store.boosts.get(device.subentry_id)
    wish = _wish(home, device)
    return wish.until if wish else None


async def async_boost(
    home: Home, device: ControlledDevice, duration: timedelta
) -> datetime:
    """Begin a boost now, instead of one that is under way; return its end.

    Raises `WishError`. Limits and the protection of the connection still hold.
    """
    now = dt_util.utcnow()
    if device.kind is Kind.EV_CHARGER:
        await wishes.async_set_charging(home, device, Charging.NOW)
        home.store.boosts[device.subentry_id] = now + duration
        await home.store.async_save()
    else:
        await async_end_boost(home, device)
        asked = {
            "device": device.device_id,
            "what": What.FORCE,
            "start": now,
            "end": now + duration,
            "power_w": device.dispatched_most_w,
        }
        await async_wish(home, wish_from(home, asked))
    home.notify()
    return now + duration


async def async_end_boost(home: Home, device: ControlledDevice) -> None:
    """Leave the device to the plan again; where it is not boosted, do nothing."""
    if device.subentry_id in home.store.boosts:
        await wishes.async_set_charging(home, device, Charging.PLAN)
    elif (wish := _wish(home, device)) is not None:
        await async_unwish(home, wish.wish_id)
    home.notify()


def end_those_over(home: Home, now: datetime) -> None:
    """Charge cars as planned again whose boost is over."""
    over = {key for key, end in home.store.boosts.items() if now >= end}
    for device in home.devices.values():
        if device.subentry_id in over:
            home.entry.async_create_task(
                home.hass,
                wishes.async_set_charging(home, device, Charging.PLAN),
                "cem boost",
            )


def _wish(home: Home, device: ControlledDevice) -> Wish | None:
    """Return what holds the device at its full power now."""
    now = dt_util.utcnow()
    for wish in standing(home, now):
        forced = wish.device_id == device.device_id and wish.what is What.FORCE
        if forced and wish.start <= now and wish.power_w == device.dispatched_most_w:
            return wish
    return None
