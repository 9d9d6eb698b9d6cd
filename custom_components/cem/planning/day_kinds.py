"""The kinds of today and of the days ahead, as entities tell them: colours of Tempo."""

import asyncio
from collections.abc import Mapping
from datetime import date, datetime, timedelta
import logging
from typing import Any, Final

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util

from cem_core.tariff.calendar_presets import CALENDAR_PRESETS
from cem_core.tariff.day_kinds import kind_of
from cem_core.tariff.time_of_use import Calendar
from custom_components.cem.describe import known

_LOGGER = logging.getLogger(__name__)
_DAY: Final = timedelta(days=1)
_AHEAD: Final = timedelta(days=3)  # no plan looks further

type Kinds = Mapping[date, str]


async def async_day_kinds(hass: HomeAssistant, tariff: Mapping[str, Any]) -> Kinds:
    """Return the kinds of day that are told, by date; those that are not are left out.

    A sensor tells the kind of the day that runs, which begins at the calendar's hour,
    and another that of the next day; a calendar's events tell it by their titles.
    """
    if "day_kind_entity" not in tariff:
        return {}
    calendar = CALENDAR_PRESETS[tariff["calendar"]].calendar
    entity_id: str = tariff["day_kind_entity"]
    if entity_id.startswith("calendar."):
        return await _of_events(hass, entity_id, calendar)
    now = dt_util.now().replace(tzinfo=None)
    today = (now - timedelta(hours=calendar.day_start_hour)).date()
    asked = {today: entity_id, today + _DAY: tariff.get("next_day_kind_entity")}
    said = {
        day: kind_of(state.state, calendar)
        for day, name in asked.items()
        if name is not None and (state := known(hass.states.get(name))) is not None
    }
    return {day: kind for day, kind in said.items() if kind is not None}


async def _of_events(hass: HomeAssistant, entity_id: str, calendar: Calendar) -> Kinds:
    start = dt_util.start_of_local_day() - _DAY
    asking = hass.services.async_call(
        "calendar",
        "get_events",
        {
            "entity_id": entity_id,
            "start_date_time": start,
            "end_date_time": start + _AHEAD,
        },
        blocking=True,
        return_response=True,
    )
    # Gathered, as another integration may fail in any way.
    (answer,) = await asyncio.gather(asking, return_exceptions=True)
    if isinstance(answer, BaseException):
        _LOGGER.debug("%s does not tell its events: %r", entity_id, answer)
        return {}
    found: Any = (answer or {}).get(entity_id) or {}
    return {
        datetime.fromisoformat(event["start"]).date(): kind
        for event in found.get("events", ())
        if (kind := kind_of(event["summary"], calendar)) is not None
    }
