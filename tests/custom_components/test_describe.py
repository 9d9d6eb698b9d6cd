"""What dispatch is told of a device."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.describe import describe
from tests.custom_components.house import DATA


@pytest.mark.parametrize(
    ("method", "minutes", "held_s"),
    [
        ("sg_ready", 0, 600),
        ("sg_contacts", 0, 600),
        ("sg_ready", 15, 900),
        ("on_off", 0, 0),
        ("on_off", 5, 300),
    ],
)
async def test_a_state_of_sg_ready_lasts_ten_minutes(
    hass: HomeAssistant, method: str, minutes: int, held_s: int
) -> None:
    data = DATA[Kind.HEAT_PUMP] | {
        "method": method,
        "min_on_time": minutes,
        "min_off_time": minutes,
    }
    device = describe(hass, Kind.HEAT_PUMP, data, device_id="h", name="Heat pump")
    assert (device.min_on_s, device.min_off_s) == (held_s, held_s)
