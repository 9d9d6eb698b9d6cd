"""A home is set up, shown, reloaded and removed."""

from homeassistant.core import HomeAssistant

from custom_components.cem.const import Kind
from tests.custom_components.conftest import SetUp


async def test_a_home_with_every_kind_is_set_up(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*Kind)
    assert set(home.devices) == {
        "roof",
        "cellar_battery",
        "wallbox",
        "heat_pump",
        "dishwasher",
    }
    assert hass.states.get("sensor.home_grid_power").state == "1200"
    # 1200 from the grid and 800 from the roof, nothing else draws.
    assert hass.states.get("sensor.home_house_load").state == "1999"
