"""What stays is spared once Home Assistant has started, until the last home stops."""

import gc
from unittest.mock import Mock

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import CoreState, HomeAssistant
import pytest

from custom_components.cem import garbage
from tests.custom_components.conftest import SetUp


async def test_nothing_is_spared_before_all_is_there(
    hass: HomeAssistant, set_up: SetUp, spared: Mock
) -> None:
    hass.set_state(CoreState.starting)
    await set_up()
    spared.freeze.assert_not_called()
    hass.set_state(CoreState.running)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
    await hass.async_block_till_done()
    spared.freeze.assert_called_once_with()


async def test_the_last_home_gives_all_back(hass: HomeAssistant, spared: Mock) -> None:
    ends = [garbage.spare_what_stays(hass) for _ in range(2)]
    ends.pop()()
    spared.unfreeze.assert_not_called()
    ends.pop()()
    spared.unfreeze.assert_called_once_with()


async def test_python_looks_through_what_is_new_alone(
    hass: HomeAssistant, set_up: SetUp, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(garbage, "gc", gc)
    home = await set_up()
    held = gc.get_freeze_count()
    try:
        assert held > len(gc.get_objects())
    finally:
        assert await hass.config_entries.async_unload(home.entry.entry_id)
    assert not gc.get_freeze_count()
