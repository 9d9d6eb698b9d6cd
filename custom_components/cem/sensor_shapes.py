"""What the descriptions of many sensors have in common."""

from typing import Final, TypedDict

from homeassistant.components.sensor import SensorDeviceClass, SensorStateClass
from homeassistant.const import EntityCategory, UnitOfPower


class Shape(TypedDict, total=False):
    """Fields of a `SensorEntityDescription`."""

    device_class: SensorDeviceClass
    state_class: SensorStateClass
    native_unit_of_measurement: str
    suggested_display_precision: int
    entity_category: EntityCategory


MEASURED: Final[Shape] = {"state_class": SensorStateClass.MEASUREMENT}
DIAGNOSTIC: Final[Shape] = {"entity_category": EntityCategory.DIAGNOSTIC}
POWER: Final[Shape] = {
    "device_class": SensorDeviceClass.POWER,
    "native_unit_of_measurement": UnitOfPower.WATT,
    "suggested_display_precision": 0,
}
