import json
from typing import Any

from homeassistant.components.mqtt import (
    binary_sensor,
    button,
    climate,
    number,
    select,
    sensor,
    switch,
)
import pytest

from cem_core.simulation.discovery import discovery
from cem_core.simulation.entities import entities_of
from cem_core.simulation.home import Home
from cem_core.simulation.states import states

SCHEMAS: dict[str, Any] = {
    "binary_sensor": binary_sensor.DISCOVERY_SCHEMA,
    "button": button.DISCOVERY_SCHEMA,
    "climate": climate.DISCOVERY_SCHEMA,
    "number": number.DISCOVERY_SCHEMA,
    "select": select.DISCOVERY_SCHEMA,
    "sensor": sensor.DISCOVERY_SCHEMA,
    "switch": switch.DISCOVERY_SCHEMA,
}
# What the integration's set-up, the demo and the end-to-end tests pick.
ENTITY_IDS = {
    "sensor.home_battery_power",
    "sensor.home_battery_state_of_charge",
    "number.home_battery_setpoint",
    "select.home_battery_mode",
    "sensor.home_charger_power",
    "number.home_charger_current",
    "switch.home_charger_enabled",
    "switch.home_charger_contactor",
    "binary_sensor.home_charger_plugged",
    "sensor.home_charger_status",
    "sensor.home_car_state_of_charge",
    "sensor.home_heat_pump_power",
    "sensor.home_indoor_temperature",
    "sensor.home_outdoor_temperature",
    "climate.home_heat_pump",
    "select.home_heat_pump_sg_ready",
    "number.home_heat_pump_power_limit",
    "sensor.home_solar_power",
    "number.home_solar_limit",
    "sensor.home_solar_forecast",
    "sensor.home_dishwasher_power",
    "button.home_dishwasher_start",
    "sensor.home_dishwasher_state",
    "sensor.home_electricity_price",
    "sensor.home_export_price",
}


@pytest.fixture
def messages(home: Home) -> dict[str, dict[str, object]]:
    found = discovery(entities_of(home), prefix="p", discovery_prefix="d")
    return {topic: json.loads(payload) for topic, payload in found.items()}


def test_the_entities_are_those_that_others_count_on(
    messages: dict[str, dict[str, object]],
) -> None:
    assert {str(m["default_entity_id"]) for m in messages.values()} == ENTITY_IDS
    assert len({m["unique_id"] for m in messages.values()}) == len(ENTITY_IDS)


def test_home_assistant_takes_every_message(
    messages: dict[str, dict[str, object]],
) -> None:
    for topic, message in messages.items():
        component = topic.split("/")[1]
        taken = SCHEMAS[component](message)
        # It drops what it does not know: nothing of ours may be dropped.
        assert set(message) <= set(taken), topic


def test_every_topic_that_is_announced_is_spoken_on(
    home: Home, messages: dict[str, dict[str, object]]
) -> None:
    spoken = {f"p/{device}/{key}" for device, key in states(home)}
    announced = {
        str(value)
        for message in messages.values()
        for name, value in message.items()
        if name.endswith(("state_topic", "action_topic", "temperature_topic"))
    }
    assert announced == spoken


def test_bounds_are_those_of_the_devices(
    messages: dict[str, dict[str, object]],
) -> None:
    setpoint = messages["d/number/p/home_battery_setpoint/config"]
    assert (setpoint["min"], setpoint["max"], setpoint["step"]) == (-5000, 5000, 10)
    current = messages["d/number/p/home_charger_current/config"]
    assert (current["min"], current["max"], current["step"]) == (6, 16, 1)


def test_a_home_without_a_battery_announces_none(home: Home) -> None:
    home.battery = None
    assert all(entity.device != "battery" for entity in entities_of(home))
    assert all(device != "battery" for device, _ in states(home))
