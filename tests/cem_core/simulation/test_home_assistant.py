"""What a Home Assistant makes of the simulator's messages."""

from datetime import datetime, timedelta

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_fire_mqtt_message
from pytest_homeassistant_custom_component.typing import MqttMockHAClientGenerator

from cem_core.simulation.discovery import availability_topic, discovery
from cem_core.simulation.entities import MODELS, entities_of
from cem_core.simulation.forecasts import prices
from cem_core.simulation.home import Home
from cem_core.simulation.mqtt_bridge import attributes
from cem_core.simulation.states import states
from tests.cem_core.simulation.test_discovery import ENTITY_IDS

PREFIX = "cem_home"

# Home Assistant's own way with aiohttp, nothing of ours.
pytestmark = pytest.mark.filterwarnings("ignore:It is recommended to use web.AppKey")


@pytest.fixture
def expected_lingering_timers() -> bool:
    """Say that Home Assistant's MQTT client leaves a timer of its own."""
    return True


@pytest.fixture
async def hass_with_home(
    hass: HomeAssistant,
    mock_hass_config: None,
    mqtt_mock_entry: MqttMockHAClientGenerator,
    home: Home,
) -> HomeAssistant:
    await mqtt_mock_entry()
    home.step()
    messages = discovery(
        entities_of(home), prefix=PREFIX, discovery_prefix="homeassistant"
    )
    for topic, payload in messages.items():
        async_fire_mqtt_message(hass, topic, payload)
    await hass.async_block_till_done()
    async_fire_mqtt_message(hass, f"{PREFIX}/status", "online")
    for device in MODELS:
        async_fire_mqtt_message(hass, availability_topic(PREFIX, device), "online")
    for (device, key), payload in states(home).items():
        async_fire_mqtt_message(hass, f"{PREFIX}/{device}/{key}", payload)
    async_fire_mqtt_message(
        hass,
        f"{PREFIX}/tariff/import_price/attributes",
        attributes(prices(home, "import_price")),
    )
    await hass.async_block_till_done()
    return hass


async def test_every_entity_has_its_id_and_a_state(
    hass_with_home: HomeAssistant,
) -> None:
    values = {
        state.entity_id: state.state for state in hass_with_home.states.async_all()
    }
    assert set(values) == ENTITY_IDS
    missing = {name for name, value in values.items() if value == "unavailable"}
    unknown = {name for name, value in values.items() if value == "unknown"}
    assert missing == set()
    assert unknown == {"button.home_dishwasher_start"}  # never pressed


async def test_units_are_those_that_the_forms_ask_for(
    hass_with_home: HomeAssistant,
) -> None:
    units = {
        state.entity_id: state.attributes.get("unit_of_measurement")
        for state in hass_with_home.states.async_all()
    }
    assert units["sensor.home_battery_power"] == "W"
    assert units["number.home_battery_setpoint"] == "W"
    assert units["number.home_charger_current"] == "A"
    assert units["sensor.home_battery_state_of_charge"] == "%"
    assert units["sensor.home_electricity_price"] == "EUR/kWh"
    assert units["sensor.home_outdoor_temperature"] == "°C"


async def test_the_price_carries_its_forecast(hass_with_home: HomeAssistant) -> None:
    price = hass_with_home.states.get("sensor.home_electricity_price")
    assert price is not None
    forecast = price.attributes["forecast"]
    first, last = forecast[0], forecast[-1]
    day = datetime.fromisoformat(last["end"]) - datetime.fromisoformat(first["start"])
    assert day == timedelta(days=1)
    assert set(forecast[0]) == {"start", "end", "value"}


async def test_the_climate_shows_its_room(hass_with_home: HomeAssistant) -> None:
    climate = hass_with_home.states.get("climate.home_heat_pump")
    assert climate is not None
    assert climate.state == "heat"
    assert climate.attributes["current_temperature"] == 20.5
    assert climate.attributes["temperature"] == 21
