"""The actions for a while: `cem.set_profile` and `cem.boost`."""

from datetime import timedelta
from typing import Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio

from cem_core.model.profile import Profile, ProfileChoice
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.boost import (
    BOOST,
    LONGEST,
    async_boost,
    async_end_boost,
    boosts,
)
from custom_components.cem.calls import HOME, device_named, home_of, refuse
from custom_components.cem.device_wishes import WishError
from custom_components.cem.home_profile import async_set_profile

SET_PROFILE_SCHEMA: Final = ActionSchema(
    {
        **HOME,
        probatio.Required("profile"): probatio.Coerce(Profile),
        probatio.Optional("until"): cv.datetime,
    }
)
BOOST_SCHEMA: Final = ActionSchema(
    {
        **HOME,
        probatio.Required("device"): cv.string,
        probatio.Optional(
            "minutes", default=BOOST // timedelta(minutes=1)
        ): probatio.All(
            probatio.Coerce(int),
            probatio.Range(min=0, max=LONGEST // timedelta(minutes=1)),
        ),
    }
)


async def async_choose_profile(call: ServiceCall) -> None:
    """Live by a profile, for good or until a time."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    until = call.data.get("until")
    if until is not None:
        until = dt_util.as_utc(until)
        if until <= dt_util.utcnow():
            raise refuse("time_passed", time=dt_util.as_local(until).isoformat())
    choice = ProfileChoice(profile=call.data["profile"], until=until)
    await async_set_profile(home, choice)


async def async_boost_device(call: ServiceCall) -> ServiceResponse:
    """Boost a device and tell until when; 0 minutes end it."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    device = device_named(home, call.data["device"])
    if device is None or not boosts(device):
        raise refuse("no_boost", device=call.data["device"])
    if call.data["minutes"] == 0:
        await async_end_boost(home, device)
        return {"until": None}
    duration = timedelta(minutes=call.data["minutes"])
    try:
        until = await async_boost(home, device, duration)
    except WishError as error:
        raise refuse("wish_refused", reason=str(error)) from error
    return {"until": until.isoformat()}
