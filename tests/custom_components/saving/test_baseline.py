"""What doing nothing means is said for each kind of device."""

from homeassistant.core import HomeAssistant
import pytest

from custom_components.cem.const import Kind
from custom_components.cem.saving.baseline import doing_nothing
from tests.custom_components.conftest import SetUp


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (Kind.SOLAR, "without_cem_solar_possible"),
        (Kind.BATTERY, "without_cem_battery_balances"),
        (Kind.EV_CHARGER, "without_cem_car_at_once"),
        (Kind.HEAT_PUMP, "without_cem_heat_pump_typical"),
        (Kind.APPLIANCE, "without_cem_appliance_ready"),
    ],
)
async def test_each_kind_has_its_sentence(
    hass: HomeAssistant, set_up: SetUp, kind: Kind, key: str
) -> None:
    home = await set_up(kind)
    (device,) = home.devices.values()
    assert doing_nothing(home, device).key == key


async def test_a_battery_that_cannot_be_ordered_is_as_measured(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.BATTERY)
    (device,) = home.devices.values()
    home.savings.own_rule = False
    assert doing_nothing(home, device).key == "without_cem_battery_rests"
    (subentry,) = home.entry.subentries.values()
    watched = {k: v for k, v in subentry.data.items() if k not in {"setpoint", "mode"}}
    hass.config_entries.async_update_subentry(home.entry, subentry, data=watched)
    await hass.async_block_till_done()
    (device,) = home.entry.runtime_data.devices.values()
    assert doing_nothing(home, device).key == "without_cem_as_measured"
