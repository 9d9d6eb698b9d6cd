"""Every entity as Home Assistant keeps it, and how often it is written."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from syrupy.assertion import SnapshotAssertion

from custom_components.cem.const import Kind
from custom_components.cem.entity import Recorded
from tests.custom_components.conftest import SetUp


async def test_every_entity(
    hass: HomeAssistant,
    set_up: SetUp,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
) -> None:
    home = await set_up(*Kind)
    entities = er.async_entries_for_config_entry(entity_registry, home.entry.entry_id)
    shown = {
        entity.entity_id: (entity.unique_id, state.state, entity.translation_key)
        for entity in entities
        if (state := hass.states.get(entity.entity_id)) is not None
    }
    assert shown == snapshot


def test_values_are_recorded_seldom_unless_they_step() -> None:
    now = 0.0
    recorded = Recorded(lambda: now, interval_s=10)
    assert recorded.due(1000)
    now = 1.0
    assert not recorded.due(1100)  # small and soon
    assert recorded.due(1600)  # a step
    assert recorded.due(None)  # it went
    assert recorded.due(0)  # it came: zero is a value
    now = 11.5
    assert recorded.due(100)  # small, but a while ago
    assert not recorded.due(100)
