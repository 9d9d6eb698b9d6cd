"""System information tells how homes do, and nothing that is private."""

from datetime import timedelta
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import get_system_health_info

from custom_components.cem.const import DOMAIN, Kind
from tests.custom_components.assist.conftest import NOON, charging_at
from tests.custom_components.conftest import SetUp


async def told(hass: HomeAssistant) -> dict[str, Any]:
    """Return what the page shows."""
    assert await async_setup_component(hass, "system_health", {})
    await hass.async_block_till_done()
    found: dict[str, Any] = await get_system_health_info(hass, DOMAIN)
    return found


async def test_a_home_that_plans_and_one_that_is_unloaded(
    hass: HomeAssistant, set_up: SetUp, freezer: FrozenDateTimeFactory
) -> None:
    freezer.move_to(NOON)
    home = await set_up(Kind.EV_CHARGER)
    home.plan = charging_at(0, 1)
    freezer.move_to(NOON + timedelta(minutes=12))
    shown = await told(hass)
    assert shown.pop("disk_free_mb") > 0
    assert shown.pop("limits_in_force") == len(home.snapshot.limits) > 0
    assert shown == {
        "homes": 1,
        "mode": "observe",
        "meters_reporting": 0,
        "devices": 1,
        "plan": "optimal, 12 min",
        "problems": "no_meter",
    }
    assert await hass.config_entries.async_unload(home.entry.entry_id)
    shown = await told(hass)
    assert (shown["homes"], shown["mode"], shown["plan"]) == (0, "-", "-")


async def test_a_home_without_a_plan_says_so(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    await set_up(Kind.METER)
    shown = await told(hass)
    assert (shown["plan"], shown["meters_reporting"]) == ("none", 1)
