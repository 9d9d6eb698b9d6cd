"""The action that tells what doing something else would cost, and does nothing."""

from typing import Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio

from cem_core.model import SeriesError
from cem_core.model.units import kw
from cem_core.model.what_if import What
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.calls import HOME, device_named, home_of, refuse
from custom_components.cem.worker_client import WorkerError

_MOST_W: Final = 1_000_000
WHAT_IF: Final = ActionSchema(
    {
        **HOME,
        probatio.Required("device"): cv.string,
        probatio.Required("what"): probatio.Coerce(What),
        probatio.Optional("start"): cv.datetime,
        probatio.Optional("end"): cv.datetime,
        probatio.Optional("power_w"): probatio.All(
            probatio.Coerce(int), probatio.Range(min=-_MOST_W, max=_MOST_W)
        ),
    }
)


async def async_what_if(call: ServiceCall) -> ServiceResponse:
    """Tell what it would cost."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    device = device_named(home, call.data["device"])
    if device is None:
        raise refuse("no_device", device=call.data["device"])
    if home.what_if is None:
        raise refuse("no_plan")
    wish = {"device": device.device_id, "what": str(call.data["what"])}
    for name in ("start", "end"):
        if name in call.data:
            wish[name] = dt_util.as_utc(call.data[name]).isoformat()
    power_w = call.data.get("power_w")
    asked = wish if power_w is None else wish | {"power_kw": kw(power_w)}
    try:
        return await home.what_if(asked)
    except (SeriesError, WorkerError) as error:
        raise refuse("cannot_tell", reason=str(error)) from error
