"""A home is set up, shown, reloaded and removed."""

from hashlib import sha256
from pathlib import Path

from homeassistant.components.frontend import DATA_EXTRA_MODULE_URL
from homeassistant.core import HomeAssistant

from custom_components.cem import BUNDLE, digest_of
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import DEVICES
from tests.custom_components.test_limits import value


async def test_a_home_with_every_kind_is_set_up(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(*DEVICES)
    assert set(home.devices) == {
        "roof",
        "cellar_battery",
        "wallbox",
        "heat_pump",
        "boiler",
        "dishwasher",
    }
    assert value(hass, "sensor.home_grid_power") == "1200"
    # 1200 from the grid and 800 from the roof, nothing else draws.
    assert value(hass, "sensor.home_house_load") == "1999"


async def test_the_bundle_goes_by_its_content(
    hass: HomeAssistant, set_up: SetUp, tmp_path: Path
) -> None:
    await set_up()
    (url,) = hass.data[DATA_EXTRA_MODULE_URL].urls
    content = BUNDLE.read_bytes()
    assert url == f"/cem/cem.js?v={sha256(content).hexdigest()[:12]}"
    changed = tmp_path / "cem.js"
    assert digest_of(changed) is None
    changed.write_bytes(content + b" ")
    assert digest_of(changed) not in (None, digest_of(BUNDLE))
