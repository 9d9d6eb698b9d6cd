"""Actions about messages: turn down now, be quiet for a while."""

from datetime import timedelta
from typing import Final

from homeassistant.core import ServiceCall, ServiceResponse
from homeassistant.helpers import config_validation as cv
from homeassistant.util import dt as dt_util
import probatio

from cem_core.model import Direction
from custom_components.cem.action_schema import ActionSchema
from custom_components.cem.calls import HOME, home_of, refuse
from custom_components.cem.events import relief_json
from custom_components.cem.messages.messages import SNOOZE

_LONGEST: Final = timedelta(days=1)
_DURATION: Final = probatio.All(cv.positive_time_period, probatio.Range(max=_LONGEST))
SHED_NOW: Final = ActionSchema(
    {
        **HOME,
        probatio.Optional("direction", default=Direction.IMPORT): probatio.Coerce(
            Direction
        ),
        probatio.Optional("duration"): _DURATION,
    }
)
SNOOZE_NOTICES: Final = ActionSchema(
    {
        **HOME,
        probatio.Optional("duration", default=SNOOZE): _DURATION,
    }
)


async def async_shed_now(call: ServiceCall) -> ServiceResponse:
    """Turn down what can be for a while; no time ends it."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    direction: Direction = call.data["direction"]
    duration = call.data.get("duration", home.notices.settings.shed_for)
    helping = [each for each in home.relief(direction) if each.commanded]
    if duration and not helping:
        raise refuse("nothing_to_shed")
    home.notices.shed_now(helping if duration else (), direction, duration)
    end = dt_util.utcnow() + duration
    return {
        "end": end.isoformat(),
        "devices": [relief_json(each) for each in helping] if duration else [],
    }


async def async_snooze_notices(call: ServiceCall) -> None:
    """Send people no messages for a while; no time ends it."""
    home = home_of(call.hass, call.data.get("config_entry_id"))
    home.messages.snooze(call.data["duration"])
