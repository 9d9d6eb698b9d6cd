"""Events: what happened to limits and the power, and that there is a new plan."""

from typing import Final, override

from homeassistant.components.event import EventEntity, EventEntityDescription
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from custom_components.cem import CemConfigEntry
from custom_components.cem.const import (
    EVENT_LIMIT_ENDED,
    EVENT_LIMIT_ORDERED,
    EVENT_NEAR_LIMIT,
    EVENT_NEAR_LIMIT_CLEARED,
    EVENT_NOT_OBEYING,
    EVENT_PLAN_CHANGED,
    EVENT_POWER_RETURNED,
)
from custom_components.cem.entity import HomeEntity
from custom_components.cem.events import HomeEvent

PARALLEL_UPDATES = 0

DESCRIPTIONS: Final = (
    EventEntityDescription(
        key="limits",
        translation_key="limits",
        event_types=[
            EVENT_NEAR_LIMIT,
            EVENT_NEAR_LIMIT_CLEARED,
            EVENT_LIMIT_ORDERED,
            EVENT_LIMIT_ENDED,
            EVENT_NOT_OBEYING,
        ],
    ),
    EventEntityDescription(
        key="plan", translation_key="plan", event_types=[EVENT_PLAN_CHANGED]
    ),
    EventEntityDescription(
        key="power_cuts",
        translation_key="power_cuts",
        event_types=[EVENT_POWER_RETURNED],
    ),
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CemConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's event entities."""
    async_add_entities(
        HomeEventEntity(entry.runtime_data, description) for description in DESCRIPTIONS
    )


class HomeEventEntity(HomeEntity, EventEntity):
    """Shows events from now on, none from before it was there."""

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the home's events."""
        self.async_on_remove(self.home.listen_events(self._happened))

    @callback
    def _happened(self, event: HomeEvent) -> None:
        if event.event_type in self.event_types:
            self._trigger_event(event.event_type, dict(event.attributes))
            self.async_write_ha_state()
