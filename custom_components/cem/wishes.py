"""What people and operators ask of a home. Stored before it takes effect."""

from typing import TYPE_CHECKING

from homeassistant.util import dt as dt_util

from cem_core.model import LimitSource, PowerLimit
from custom_components.cem import events
from custom_components.cem.car_wish import CarWish
from custom_components.cem.const import Charging, Mode

if TYPE_CHECKING:
    from custom_components.cem.controlled import ControlledDevice
    from custom_components.cem.home import Home


async def async_set_mode(home: Home, mode: Mode) -> None:
    """Change what the CEM may do; leaving control hands devices back."""
    home.store.mode = mode
    await home.store.async_save()
    if mode is Mode.CONTROL:
        for device in home.devices.values():
            device.queue.forget()
    home.cycle()
    home.replan_wanted("mode")


async def async_set_control(home: Home, device: ControlledDevice, *, on: bool) -> None:
    """Let a device be commanded, or not."""
    device.control = on
    uncontrolled = home.store.uncontrolled
    (uncontrolled.discard if on else uncontrolled.add)(device.subentry_id)
    await home.store.async_save()
    home.cycle()
    home.replan_wanted("control")


async def async_set_charging(
    home: Home, device: ControlledDevice, charging: Charging
) -> None:
    """Charge as planned, now, or not tonight."""
    device.charging = charging
    home.store.boosts.pop(device.subentry_id, None)
    home.store.charging[device.subentry_id] = charging
    await home.store.async_save()
    home.cycle()
    home.replan_wanted("charging")


async def async_set_departure(
    home: Home, device: ControlledDevice, wish: CarWish
) -> None:
    """Take what the driver of the car that is plugged in asks for."""
    device.wish = wish
    home.store.car_wishes[device.subentry_id] = wish.as_json()
    await home.store.async_save()
    home.cycle()
    home.replan_wanted("departure")


async def async_forget_learned(home: Home, device: ControlledDevice) -> None:
    """Learn a device anew, as after a new battery or a move."""
    home.learned.forget(device.subentry_id, dt_util.utcnow())
    await home.learned.async_save()
    home.cycle()
    home.replan_wanted("forgotten")


def resume(home: Home, device: ControlledDevice) -> None:
    """Take a device back from the person who took it."""
    device.resume()
    home.cycle()
    home.replan_wanted("resume")


async def async_order(home: Home, limit: PowerLimit, *, by_clock: bool = False) -> None:
    """Take an ordered limit: stored first, so that a kill loses nothing."""
    home.store.orders.order(limit, by_clock=by_clock)
    await home.store.async_save()
    # First kept, then told: who hears of it finds it in force.
    home.cycle()
    home.fire(events.limit_ordered(limit))
    home.replan_wanted("limit")


async def async_end(
    home: Home,
    limit_id: str,
    issuer: str,
    *,
    administrator: bool,
    source: LimitSource = LimitSource.ORDER,
) -> PowerLimit:
    """End an ordered limit; only its own issuer or an administrator may."""
    limit = home.store.orders.end(
        limit_id, issuer, administrator=administrator, source=source
    )
    await home.store.async_save()
    cost = home.limit_costs.of_ended(limit.limit_id)
    home.cycle()
    home.limit_ended(limit, cost)
    return limit
