"""What would be cheaper later."""

from datetime import datetime
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from cem_core.model.what_if import What
from custom_components.cem import wishes
from custom_components.cem.const import Charging, Kind, Mode
from custom_components.cem.dashboard.opportunities import opportunities
from custom_components.cem.device_wishes import standing
from custom_components.cem.home import Home
from tests.custom_components.conftest import SetUp, make_it_noon
from tests.custom_components.recorder_rows import HOUR


def price(home: Home, prices: list[float]) -> None:
    """Let the plan say what a kWh more costs in the hours to come."""
    start = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    home.plan_document = {
        "times": [(start + n * HOUR).isoformat() for n in range(len(prices))],
        "minutes": [60.0] * len(prices),
        "marginal_price": prices,
    }


async def test_a_run_that_would_be_cheaper_later_is_an_opportunity(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE)
    price(home, [0.40] * 3 + [0.10] * 3 + [0.40] * 6)
    now = dt_util.utcnow()
    answer = opportunities(home, now)
    [found] = answer["opportunities"]
    assert answer["appliances"] == 1
    assert found["device"] == "dishwasher"
    begins = datetime.fromisoformat(found["start"])
    assert begins >= now + 2 * HOUR
    # 1.225 kWh at 0.10, not at 0.40.
    assert found["saving"] == pytest.approx(1.225 * 0.30, abs=1e-3)
    assert "Dishwasher" in found["text"]
    assert not found["starts_itself"]


async def test_none_is_found_where_it_is_cheap_now_or_nothing_is_known(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.APPLIANCE)
    now = dt_util.utcnow()
    assert opportunities(home, now)["opportunities"] == []
    price(home, [0.10] + [0.11] * 11)
    assert opportunities(home, now)["opportunities"] == []


@pytest.fixture
async def parked(hass: HomeAssistant, set_up: SetUp) -> Home:
    """Return a home at noon with a car that leaves in 19 hours and needs 20 kWh."""
    await make_it_noon(hass)
    home = await set_up(Kind.METER, Kind.EV_CHARGER)
    hass.states.async_set("binary_sensor.plugged", "on")
    price(home, [0.40] * 3 + [0.10] * 4 + [0.40] * 18)
    return home


def charges(home: Home) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = opportunities(home, dt_util.utcnow())["opportunities"]
    return found


async def test_a_car_that_nobody_charges_is_an_opportunity(
    hass: HomeAssistant, parked: Home
) -> None:
    hass.states.async_set("sensor.charger", "0", {"unit_of_measurement": "W"})
    [found] = charges(parked)
    assert (found["device"], found["kind"]) == ("wallbox", "ev_charger")
    assert datetime.fromisoformat(found["start"]) >= dt_util.utcnow() + 2 * HOUR
    # 20 kWh into its battery at 0.10, not at 0.40: in three hours and two.
    assert found["saving"] == pytest.approx(20 / 0.9 * 0.30, abs=0.05)
    assert found["text"].startswith("Charge at Wallbox from ")
    assert not found["starts_itself"]
    hass.states.async_set("binary_sensor.plugged", "off")
    assert charges(parked) == []


async def test_a_car_that_charges_at_its_own_power_could_wait(
    hass: HomeAssistant, parked: Home
) -> None:
    """At half the power it takes so long that the cheap hours do not do."""
    hass.states.async_set("sensor.charger", "4200", {"unit_of_measurement": "W"})
    [slow] = charges(parked)
    assert 0 < slow["saving"] < 4.2 * 4 * 0.30 + 0.01
    hass.states.async_set("sensor.charger", "unavailable")
    [usual] = charges(parked)
    assert usual["saving"] > slow["saving"]


async def test_a_car_that_leaves_before_it_is_cheaper_is_none(parked: Home) -> None:
    now = dt_util.utcnow()
    (car,) = parked.devices.values()
    assert len(charges(parked)) == 1
    car.leaves_at = now + 2 * HOUR
    assert charges(parked) == []


async def test_what_the_home_or_somebody_sees_to_is_none(
    hass: HomeAssistant, parked: Home
) -> None:
    (car,) = parked.devices.values()
    for charging in (Charging.NOW, Charging.NOT_TONIGHT):
        await wishes.async_set_charging(parked, car, charging)
        assert charges(parked) == []
    await wishes.async_set_charging(parked, car, Charging.PLAN)
    await wishes.async_set_mode(parked, Mode.CONTROL)
    assert charges(parked) == []
    await wishes.async_set_control(parked, car, on=False)
    assert len(charges(parked)) == 1


async def test_one_tap_has_the_charge_wished(
    hass: HomeAssistant, hass_ws_client: WebSocketGenerator, parked: Home
) -> None:
    [found] = charges(parked)
    client = await hass_ws_client(hass)
    await client.send_json_auto_id(
        {
            "type": "cem/set_wish",
            "entry_id": parked.entry.entry_id,
            "device": found["device"],
            "what": "start",
            "start": found["start"],
        }
    )
    assert (await client.receive_json())["success"]
    assert charges(parked) == []
    (wish,) = standing(parked, dt_util.utcnow())
    assert (wish.what, wish.start.isoformat()) == (What.START, found["start"])
