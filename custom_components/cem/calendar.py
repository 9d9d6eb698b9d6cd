"""The plan as a calendar: a block of a device is an event, its reason the text."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.calendar import (
    CalendarEntity,
    CalendarEntityDescription,
    CalendarEvent,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from custom_components.cem import CemConfigEntry
from custom_components.cem.entity import HomeEntity
from custom_components.cem.home import Home

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

    def __init__(self, home: Home, description: EntityDescription) -> None:
        """Have read no plan yet."""
        super().__init__(home, description)
        self._document: dict[str, Any] | None = None
        self._planned: tuple[CalendarEvent, ...] = ()

    @callback
    @override
    def update(self) -> None:
        """Read a new plan; when its events begin and end Home Assistant sees itself."""
        document = self.home.plan_document
        if document is not self._document:
            self._document = document
            self._planned = () if document is None else tuple(self._events(document))
            self.async_write_ha_state()

    @property
    @override
    def event(self) -> CalendarEvent | None:
        """The block that runs now, else the next one."""
        now = dt_util.utcnow()
        ahead = [event for event in self._planned if event.end > now]
        return min(ahead, key=lambda event: event.start, default=None)

    @override
    async def async_get_events(
        self, hass: HomeAssistant, start_date: datetime, end_date: datetime
    ) -> list[CalendarEvent]:
        """Return the blocks that touch the span."""
        return sorted(
            (
                event
                for event in self._planned
                if event.end > start_date and event.start < end_date
            ),
            key=lambda event: event.start,
        )

    def _events(self, document: dict[str, Any]) -> Iterator[CalendarEvent]:
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
