"""Every entity as Home Assistant keeps it, and how often it is written."""

from unittest.mock import patch

from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import snapshot_platform
from syrupy.assertion import SnapshotAssertion

from custom_components.cem import PLATFORMS
from custom_components.cem.entity import Recorded
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES


@pytest.mark.freeze_time("2026-01-15T11:00:00+00:00")
@pytest.mark.parametrize("platform", PLATFORMS)
async def test_every_entity(
    hass: HomeAssistant,
    set_up: SetUp,
    entity_registry: er.EntityRegistry,
    snapshot: SnapshotAssertion,
    platform: Platform,
) -> None:
    with patch("custom_components.cem.PLATFORMS", (platform,)):
        home = await set_up(*DEVICES)
    await snapshot_platform(hass, entity_registry, snapshot, home.entry.entry_id)


async def test_every_device_has_its_own_entry(
    hass: HomeAssistant, set_up: SetUp, device_registry: dr.DeviceRegistry
) -> None:
    await set_up(*DEVICES)
    entries = dr.async_entries_for_config_entry(device_registry, "home_entry")
    assert {entry.name: entry.model for entry in entries} == {
        "Home": "Home",
        "Roof": "Solar",
        "Cellar battery": "Battery",
        "Wallbox": "EV charger",
        "Heat pump": "Heat pump",
        "Boiler": "Water heater",
        "Dishwasher": "Appliance",
    }


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
