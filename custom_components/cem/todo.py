"""To-do list: what the home's people could do now."""

from typing import Final, override

from homeassistant.components.todo import (
    TodoItem,
    TodoItemStatus,
    TodoListEntity,
    TodoListEntityFeature,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity import EntityDescription
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from cem_core.model.role import Right
from custom_components.cem import CemConfigEntry
from custom_components.cem.advice import Advice, advice, async_tick
from custom_components.cem.entity import HomeEntity
from custom_components.cem.home import Home

PARALLEL_UPDATES = 0

_ADVICE: Final = EntityDescription(key="advice", translation_key="advice")
_LOOKED_EVERY_S: Final = 30.0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CemConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the list of advice."""
    async_add_entities([AdviceList(entry.runtime_data)])


class AdviceList(HomeEntity, TodoListEntity):
    """Problems and opportunities; what is ticked off is done for the day."""

    _attr_supported_features = TodoListEntityFeature.UPDATE_TODO_ITEM

    def __init__(self, home: Home) -> None:
        """Have looked at nothing yet."""
        super().__init__(home, _ADVICE)
        self._advice: list[Advice] | None = None
        self._looked_s = float("-inf")

    @callback
    @override
    def update(self) -> None:
        """Look now and then, and write the list if it is another."""
        now_s = self.home.hass.loop.time()
        if now_s - self._looked_s < _LOOKED_EVERY_S:
            return
        self._looked_s = now_s
        found = advice(self.home, dt_util.utcnow())
        if found != self._advice:
            self._advice = found
            self._attr_todo_items = [_item(each) for each in found]
            self.async_write_ha_state()

    @override
    async def async_update_todo_item(self, item: TodoItem) -> None:
        """Tick advice off for today, or take it up again; its words stay."""
        await self.async_require(Right.WISH)
        if item.uid is not None:
            done = item.status == TodoItemStatus.COMPLETED  # it may come as a word
            await async_tick(self.home, item.uid, done=done, today=dt_util.now().date())
        self._looked_s = float("-inf")
        self.update()


def _item(each: Advice) -> TodoItem:
    status = TodoItemStatus.COMPLETED if each.done else TodoItemStatus.NEEDS_ACTION
    return TodoItem(uid=each.key, summary=each.text, status=status)
