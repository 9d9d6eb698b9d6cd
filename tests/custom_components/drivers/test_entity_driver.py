"""What is set is left out where the entity is as wanted already."""

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_mock_service

from cem_core.model import Action, Cause, Setpoint
from custom_components.cem.const import Kind
from custom_components.cem.drivers import EntityDriver, solar
from tests.custom_components.house import DATA

LIMIT = "number.roof_limit"


@pytest.mark.parametrize(
    ("said", "power_w", "set_to"),
    [
        ("99", 6000, []),  # rounding of the device
        ("97", 6000, [100.0]),
        ("99", None, [100.0]),  # but none of a limit is left behind
        ("100", None, []),
    ],
)
async def test_what_is_handed_back_keeps_nothing_of_a_limit(
    hass: HomeAssistant, said: str, power_w: int | None, set_to: list[float]
) -> None:
    data = DATA[Kind.SOLAR] | {"curtailment": LIMIT, "peak_power": 6}
    driver = EntityDriver(hass, solar.translation(data))
    more = {"min": 0, "max": 100, "step": 1, "unit_of_measurement": "%"}
    hass.states.async_set(LIMIT, said, more)
    calls = async_mock_service(hass, "number", "set_value")
    await driver.obey(ordered(power_w))
    assert [call.data["value"] for call in calls] == set_to


@pytest.mark.parametrize(
    ("second_w", "set_to"),
    [
        (None, [50.0, 100.0]),  # its entity has not said 50 yet
        (6000, [50.0, 100.0]),
        (3000, [50.0]),  # the order it has
        (3030, [50.0]),  # a step it may round away
    ],
)
async def test_an_order_follows_another_that_its_entity_has_not_heard_of(
    hass: HomeAssistant, second_w: int | None, set_to: list[float]
) -> None:
    data = DATA[Kind.SOLAR] | {"curtailment": LIMIT, "peak_power": 6}
    driver = EntityDriver(hass, solar.translation(data))
    more = {"min": 0, "max": 100, "step": 1, "unit_of_measurement": "%"}
    hass.states.async_set(LIMIT, "100", more)
    calls = async_mock_service(hass, "number", "set_value")
    await driver.obey(ordered(3000))
    if second_w is not None and second_w < 6000:
        hass.states.async_set(LIMIT, "50", more)
    await driver.obey(ordered(second_w))
    assert [call.data["value"] for call in calls] == set_to


def ordered(power_w: int | None) -> Setpoint:
    return Setpoint(
        device_id="roof", action=Action.HOLD, power_w=power_w, cause=Cause.PLAN
    )
