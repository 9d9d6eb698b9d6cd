"""The plan as a calendar: a block of a device is an event, its reason the text."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from custom_components.cem import CemConfigEntry
from custom_components.cem.entity import HomeEntity

PARALLEL_UPDATES = 0

PLAN: Final = CalendarEntityDescription(key="plan", translation_key="plan")


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CemConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's calendar."""
    async_add_entities([PlanCalendar(entry.runtime_data, PLAN)])


class PlanCalendar(HomeEntity, CalendarEntity):
    """What is planned; the past is in the log, not here."""

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The block that runs now, else the next one."""
        now = dt_util.utcnow()
        ahead = [event for event in self._events() if event.end > now]
        return min(ahead, key=lambda event: event.start, default=None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the blocks that touch the span."""
        return sorted(
            (
                event
                for event in self._events()
                if event.end > start_date and event.start < end_date
            ),
            key=lambda event: event.start,
        )

    def _events(self) -> Iterator[CalendarEvent]:
        document = self.home.plan_document
        if document is None:
            return
        names = document["names"]
        for reason in document["reasons"]:
            device = reason["device"]
            yield CalendarEvent(
                start=datetime.fromisoformat(reason["start"]),
                end=datetime.fromisoformat(reason["end"]),
                summary=names.get(device, self.home.entry.title),
                description=reason["text"],
                uid=f"{device}_{reason['start']}",
            )
