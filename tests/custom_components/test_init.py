"""A home is set up, shown, reloaded and removed."""

from homeassistant.core import HomeAssistant

from custom_components.cem.const import Kind
from tests.custom_components.conftest import SetUp
from tests.custom_components.test_limits import value


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
    assert value(hass, "sensor.home_grid_power") == "1200"
    # 1200 from the grid and 800 from the roof, nothing else draws.
    assert value(hass, "sensor.home_house_load") == "1999"
