"""Actions on one device: charge, when a car leaves, learn anew, test."""

from typing import Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio

from custom_components.cem import wishes
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.calls import HOME, device_named, home_of, refuse
from custom_components.cem.car_needs import departs, next_at
from custom_components.cem.car_wish import CarWish
from custom_components.cem.const import Charging, Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.obedience import CannotTestError
from custom_components.cem.view import ready_at

CHARGE: Final = ActionSchema(
    {
        **HOME,
        probatio.Required("device"): cv.string,
        probatio.Required("when"): probatio.Coerce(Charging),
    }
)
SET_DEPARTURE: Final = ActionSchema(
    {
        **HOME,
        probatio.Required("device"): cv.string,
        probatio.Exclusive("departure", "departure"): cv.datetime,
        probatio.Exclusive("departure_time", "departure"): cv.time,
        probatio.Optional("energy_kwh"): probatio.All(
            probatio.Coerce(float), probatio.Range(min=0, max=1000)
        ),
        probatio.Optional("priority", default=0): probatio.All(
            probatio.Coerce(int), probatio.Range(min=-10, max=10)
        ),
    }
)
ONE_DEVICE: Final = ActionSchema({**HOME, probatio.Required("device"): cv.string})


async def async_charge(call: ServiceCall) -> None:
    """Charge now, as planned, or not tonight."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    device = _charger(home, call.data["device"])
    await wishes.async_set_charging(home, device, call.data["when"])


async def async_set_departure(call: ServiceCall) -> ServiceResponse:
    """Take when the car leaves and what it needs; tell when it will be ready."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    device = _charger(home, call.data["device"])
    if device.connected is not True:
        raise refuse("no_car", device=device.model.name)
    now = dt_util.utcnow()
    departs_at = call.data.get("departure")
    if departs_at is not None:
        departs_at = dt_util.as_utc(departs_at)
    elif "departure_time" in call.data:
        departs_at = next_at(call.data["departure_time"], after=now)
    if departs_at is not None and departs_at <= now:
        raise refuse("time_passed", time=dt_util.as_local(departs_at).isoformat())
    energy_kwh: float | None = call.data.get("energy_kwh")
    session_wh = None
    if energy_kwh is not None:
        session_wh = device.session.energy_wh + energy_kwh * 1000
    wish = CarWish(
        departs_at=departs_at,
        session_wh=session_wh,
        priority=call.data["priority"],
    )
    await wishes.async_set_departure(home, device, wish)
    if call.return_response:
        await home.replan_now()
    ready, leaves = ready_at(home, device), departs(device, after=now)
    return {
        "departure": leaves.isoformat(),
        "ready_at": None if ready is None else ready.isoformat(),
        "in_time": None if ready is None else ready <= leaves,
    }


async def async_forget_learned(call: ServiceCall) -> None:
    """Learn a device anew from now on, from its start values."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    await wishes.async_forget_learned(home, _device(home, call.data["device"]))


async def async_test_device(call: ServiceCall) -> ServiceResponse:
    """Send a small order and tell how long it took to be followed."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    device = _device(home, call.data["device"])
    try:
        followed = await home.obedience.async_test(device)
    except CannotTestError as error:
        raise refuse(str(error), device=device.model.name) from error
    slow = device.model.slow or followed is None
    return {
        "followed": followed is not None,
        "after_s": None if followed is None else followed.after_s,
        "ordered_w": None if followed is None else followed.ordered_w,
        "reaction_s": device.reaction.seconds,
        "keeps_operator_limits": not slow,
    }


def _device(home: Home, named: str) -> ControlledDevice:
    device = device_named(home, named)
    if device is None:
        raise refuse("no_device", device=named)
    return device


def _charger(home: Home, named: str) -> ControlledDevice:
    """Return the charger that is named by its plan id or its registry id."""
    device = device_named(home, named)
    if device is None or device.kind is not Kind.EV_CHARGER:
        raise refuse("no_charger", device=named)
    return device
