"""What it would cost to do something now, at another time, or not at all."""

from datetime import datetime, timedelta
from typing import Any, Final

from homeassistant.util import dt as dt_util
import probatio

from cem_core.model import Message, SeriesError
from cem_core.model.message_json import message_from_json
from cem_core.model.what_if import What
from custom_components.cem.assist.question import (
    Asked,
    CannotAnswerError,
    DeviceQuestion,
)
from custom_components.cem.causes import in_words
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.home import Home
from custom_components.cem.worker_client import WorkerError

_NOW: Final = "now"
_NEVER: Final = "never"
_CLOCK: Final = r"^([01]?\d|2[0-3]):[0-5]\d$"
_MOST_MOVES: Final = 3


async def _answer(home: Home, device: ControlledDevice, asked: Asked) -> Message:
    if home.what_if is None or home.plan is None:
        raise CannotAnswerError(Message.of("no_plan_yet"))
    wish = _wish(device, asked.slots["when"])
    try:
        answer = await home.what_if(wish)
    except (SeriesError, WorkerError) as error:
        raise CannotAnswerError(
            Message.of("assist_cannot_tell", cause=in_words(str(error)))
        ) from error
    parts = [*answer["relaxed"], *answer["moved"][:_MOST_MOVES]]
    return message_from_json(answer).then(*map(message_from_json, parts))


def _wish(device: ControlledDevice, when: str) -> dict[str, Any]:
    """Return what is asked of the worker, as the command line's DEVICE=WHEN."""
    wish = {"device": device.device_id}
    if when == _NEVER:
        return {**wish, "what": What.FORBID.value}
    begins = device.kind in (Kind.EV_CHARGER, Kind.APPLIANCE)
    if when == _NOW:
        if not begins:
            name = device.model.name
            raise CannotAnswerError(Message.of("assist_say_when", device=name))
        return {**wish, "what": What.START.value}
    time = dt_util.as_utc(_next(when)).isoformat()
    if begins:
        return {**wish, "what": What.START.value, "start": time}
    battery = device.kind is Kind.BATTERY
    what = What.FORBID_DISCHARGE if battery else What.FORBID
    return {**wish, "what": what.value, "end": time}


def _next(clock: str) -> datetime:
    """Return when a clock in the home next shows ``clock``."""
    hour, minute = map(int, clock.split(":"))
    now = dt_util.now()
    time = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return time if time > now else time + timedelta(days=1)


WHAT_IF: Final = DeviceQuestion(
    intent_type="CemWhatIf",
    tool="what_if",
    description=(
        "Says what it would cost to start a device now or at a time of day, or to "
        "leave it off; a heat pump or a battery then rests until that time. Does "
        "nothing"
    ),
    slots={
        probatio.Required(
            "when", description="now, never, or a time of day as HH:MM"
        ): probatio.Any(probatio.In([_NOW, _NEVER]), probatio.Match(_CLOCK))
    },
    answer=_answer,
)
