"""A home with US customary units: thermostats speak °F, forms and plans °C."""

from typing import Any

from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    State,
    SupportsResponse,
)
from homeassistant.util.unit_system import METRIC_SYSTEM, US_CUSTOMARY_SYSTEM
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from cem_core.model import Action, Cause, Setpoint
from custom_components.cem.const import Kind
from custom_components.cem.drivers import EntityDriver
from custom_components.cem.forms import FORMS
from custom_components.cem.planning.weather import async_outdoor
from custom_components.cem.temperatures import in_celsius, in_home_unit
from tests.custom_components.conftest import SetUp
from tests.custom_components.house import STATES
from tests.custom_components.test_hot_water import BOILER, OWN, only, with_one
from tests.custom_components.test_planner import NOW

CLIMATE = "climate.heat_pump"
FAHRENHEIT = {"unit_of_measurement": "°F"}


@pytest.fixture
def american(hass: HomeAssistant) -> None:
    """Show the thermostats of the house as Home Assistant does in such a home."""
    hass.config.units = US_CUSTOMARY_SYSTEM


def show(hass: HomeAssistant, entity_id: str, **said: float) -> None:
    state, attributes = STATES[entity_id]
    hass.states.async_set(entity_id, state, attributes | said)


def boiler(hass: HomeAssistant, **said: float) -> None:
    show(hass, BOILER, **({"temperature": 122, "min_temp": 86, "max_temp": 158} | said))


def setpoint(power_w: int | None) -> Setpoint:
    return Setpoint(
        device_id="boiler",
        action=Action.RUN if power_w else Action.HOLD,
        power_w=power_w,
        cause=Cause.PLAN,
    )


@pytest.mark.usefixtures("american")
async def test_a_water_heater_is_set_and_read_in_fahrenheit(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await set_up(Kind.METER, Kind.WATER_HEATER)
    boiler(hass, current_temperature=125.6)
    heater, told = (
        only(home),
        async_mock_service(hass, "water_heater", "set_temperature"),
    )
    assert heater.water_c == pytest.approx(52)
    for power_w, expected in ((2000, 140), (0, 113), (None, 122)):
        boiler(hass, temperature=100)
        await heater.driver.obey(setpoint(power_w))
        assert told[-1].data["temperature"] == expected
        assert not heater.driver.is_as(setpoint(power_w))
        boiler(hass, temperature=expected)
        assert heater.driver.is_as(setpoint(power_w))
        state = hass.states.get(BOILER)
        assert isinstance(heater.driver, EntityDriver)
        assert state is not None
        assert heater.driver.is_ours(state)
        count = len(told)
        await heater.driver.obey(setpoint(power_w))
        assert len(told) == count
    # No more than it takes.
    boiler(hass, max_temp=130)
    await heater.driver.obey(setpoint(2000))
    assert told[-1].data["temperature"] == 130


@pytest.mark.usefixtures("american")
async def test_a_thermostat_is_set_to_whole_degrees_fahrenheit(
    hass: HomeAssistant, set_up: SetUp
) -> None:
    home = await with_one(set_up, Kind.HEAT_PUMP, method="climate", climate=CLIMATE)
    told = async_mock_service(hass, "climate", "set_temperature")
    driver = only(home).driver
    show(hass, CLIMATE, temperature=60, min_temp=50, max_temp=86)
    # 22, 20 and 21 °C are 71.6, 68 and 69.8 °F.
    for power_w, expected in ((2000, 72), (0, 68), (None, 70)):
        await driver.obey(setpoint(power_w))
        assert told[-1].data["temperature"] == expected


@pytest.mark.usefixtures("american")
@pytest.mark.parametrize(
    ("said", "refused"),
    [
        ({}, {}),
        ({"max_temp": 139}, {"water_heater": "range_max"}),
        ({"min_temp": 114}, {"water_heater": "range_min"}),
    ],
)
async def test_the_form_compares_in_the_unit_of_the_home(
    hass: HomeAssistant, said: dict[str, float], refused: dict[str, str]
) -> None:
    boiler(hass, **said)
    form = FORMS[Kind.WATER_HEATER]["water_heater"]
    assert form.check is not None
    assert dict(await form.check(hass, OWN)) == refused


async def test_only_thermostats_speak_the_unit_of_the_home(hass: HomeAssistant) -> None:
    said = {"temperature": 122, "max_temp": "hot"}
    number, heater = State("number.flow", "1", said), State(BOILER, "eco", said)
    hass.config.units = METRIC_SYSTEM
    assert in_celsius(hass, heater) is heater
    assert in_home_unit(hass, 21.5) == 21.5
    hass.config.units = US_CUSTOMARY_SYSTEM
    assert in_celsius(hass, number) is number
    assert in_celsius(hass, None) is None
    found = in_celsius(hass, heater)
    assert found is not None
    assert found.attributes == {"temperature": pytest.approx(50), "max_temp": "hot"}
    assert in_home_unit(hass, 21.5) == 71


async def test_a_forecast_in_fahrenheit(hass: HomeAssistant) -> None:
    row: dict[str, Any] = {"datetime": NOW.isoformat(), "temperature": 41}

    async def forecasts(call: ServiceCall) -> ServiceResponse:
        del call
        return {"weather.home": {"forecast": [row]}}

    hass.services.async_register(
        "weather", "get_forecasts", forecasts, supports_response=SupportsResponse.ONLY
    )
    hass.states.async_set("weather.home", "sunny", {"temperature_unit": "°F"})
    hass.states.async_set("sensor.outdoor", "41", FAHRENHEIT | {"forecast": [row]})
    for entity_id in ("weather.home", "sensor.outdoor"):
        (found,) = (await async_outdoor(hass, entity_id)).intervals
        assert found.value == pytest.approx(5)
