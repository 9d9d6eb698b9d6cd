"""Sensors: the connection point, its limits, the plan, and each device."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from custom_components.cem import CemConfigEntry, meter_sensors, para14a
from custom_components.cem.budgets.sensors import add_budget_sensors
from custom_components.cem.device_sensors import (
    DEVICE_MINIMUM,
    DEVICE_SENSORS,
    DeviceSensor,
    further_sensors,
)
from custom_components.cem.entity import devices_in_turn
from custom_components.cem.exchange.sensors import PublicationSensor
from custom_components.cem.forms.para14a import GROUPS
from custom_components.cem.home_sensors import HOME_SENSORS, MINIMUM, HomeSensor
from custom_components.cem.learning.sensors import LoadForecastError, sensors_of
from custom_components.cem.meter_entities import follow_meter
from custom_components.cem.price_sensors import OTHERS, PRICES, PriceSensor
from custom_components.cem.reaction_entities import ReactionSensor, reacts
from custom_components.cem.submeter_sensors import add_submeter_sensors

PARALLEL_UPDATES = 0


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CemConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's sensors, and each device's under its subentry."""
    home = entry.runtime_data
    async_add_entities(
        HomeSensor(home, description)
        for description in HOME_SENSORS
        if description.exists_fn(home)
    )
    async_add_entities([LoadForecastError(home)])
    async_add_entities(PriceSensor(home, each) for each in (*PRICES, *OTHERS))
    follow_meter(home, meter_sensors.offers, async_add_entities)
    in_germany = para14a.applies(hass.config.country)
    if in_germany:
        async_add_entities([HomeSensor(home, MINIMUM)])
    for name, publication in home.exchange.publications.all.items():
        async_add_entities(
            [PublicationSensor(home, publication)], config_subentry_id=name
        )
    add_submeter_sensors(hass, home, async_add_entities)
    add_budget_sensors(home, async_add_entities)
    async for device in devices_in_turn(home):
        minimum = [DEVICE_MINIMUM] if in_germany and device.kind in GROUPS else []
        async_add_entities(
            [
                *(
                    DeviceSensor(home, device, each)
                    for each in (*DEVICE_SENSORS, *further_sensors(device), *minimum)
                ),
                *sensors_of(home, device),
                *([ReactionSensor(home, device)] if reacts(device) else ()),
            ],
            config_subentry_id=device.subentry_id,
        )
