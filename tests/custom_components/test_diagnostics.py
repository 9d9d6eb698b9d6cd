"""Diagnostics help and name nobody."""

import json

from homeassistant.core import HomeAssistant

from custom_components.cem.const import Kind
from custom_components.cem.diagnostics import async_get_config_entry_diagnostics
from tests.custom_components.conftest import SetUp
from tests.custom_components.test_limits import order


async def test_names_and_addresses_are_left_out(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*Kind, options={"limit_users": ["a-user-id"]})
    await order(hass)
    found = await async_get_config_entry_diagnostics(hass, home.entry)
    text = json.dumps(found, default=str)
    for private in ("Wallbox", "Cellar battery", "a-user-id", "automation"):
        assert private not in text
    assert found["live"]["grid_power_w"] == 1200
    assert len(found["subentries"]) == len(Kind)
