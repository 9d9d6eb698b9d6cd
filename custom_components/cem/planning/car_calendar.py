"""When a car leaves, by the calendar that its charger's form names."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from custom_components.cem.controlled import ControlledDevice

_LOGGER = logging.getLogger(__name__)
_AHEAD: Final = timedelta(days=2)  # no plan looks further


async def async_ask_calendar(
    hass: HomeAssistant, device: ControlledDevice, now: datetime
) -> None:
    """Let the charger know when its car leaves; without an answer it knows as before."""
    entity_id = device.data.get("departure_calendar")
    if entity_id is None:
        return
    lead = timedelta(minutes=device.data.get("departure_lead", 0))
    span = {
        "start_date_time": dt_util.as_local(now),
        "end_date_time": dt_util.as_local(now + _AHEAD),
    }
    asking = hass.services.async_call(
        "calendar",
        "get_events",
        {"entity_id": entity_id, **span},
        blocking=True,
        return_response=True,
    )
    # Gathered, as another integration may fail in any way.
    (answer,) = await asyncio.gather(asking, return_exceptions=True)
    if isinstance(answer, BaseException):
        _LOGGER.debug("%s does not tell its events: %r", entity_id, answer)
        return
    events: Any = (answer or {}).get(entity_id)
    if events is not None:
        words = device.data.get("departure_event", "")
        device.leaves_at = departure(events["events"], words, after=now, lead=lead)


def departure(
    events: Iterable[Mapping[str, Any]],
    words: str,
    *,
    after: datetime,
    lead: timedelta,
) -> datetime | None:
    """Return ``lead`` before the first event that begins later than that ``after``.

    Only events whose title or location has ``words`` count, in any case of letters;
    those of whole days have no hour to leave at. None: there is no such event.
    """
    found = (
        start - lead
        for event in events
        if words.casefold()
        in f"{event['summary']}\n{event.get('location', '')}".casefold()
        and (start := dt_util.parse_datetime(event["start"])) is not None
        and start.tzinfo is not None
    )
    return min((dt_util.as_utc(time) for time in found if time > after), default=None)
