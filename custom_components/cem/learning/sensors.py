"""Diagnostic sensors: how far off forecasts are, and what was learned."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfEnergy
from homeassistant.core import callback

from custom_components.cem.car_needs import departs
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.entity import DeviceEntity, HomeEntity
from custom_components.cem.home import Home
from custom_components.cem.learning.models import (
    MILD_C,
    building_of,
    hot_water_of,
    is_learned,
    model_of,
    store_of,
)
from custom_components.cem.learning.samples import has_tank
from custom_components.cem.planning.steps import STEP

type Attributes = dict[str, Any]
type Value = float | datetime | None

_WH_PER_KWH: Final = 1000


@dataclass(frozen=True, kw_only=True)
class LearnedSensorDescription(SensorEntityDescription):
    """A value that the home's history tells of one device.

    ``model``: whose errors and reasons stand beside it.
    """

    value_fn: Callable[[Home, ControlledDevice], Value]
    model: str
    entity_category: EntityCategory = EntityCategory.DIAGNOSTIC


def _heat_loss(home: Home, device: ControlledDevice) -> Value:
    building = building_of(home.learned, device)
    return None if building is None else round(1 / building.resistance_k_per_w, 1)


def _heat_capacity(home: Home, device: ControlledDevice) -> Value:
    building = building_of(home.learned, device)
    if building is None:
        return None
    return round(building.capacitance_wh_per_k / _WH_PER_KWH, 2)


def _cop(home: Home, device: ControlledDevice) -> Value:
    building = building_of(home.learned, device)
    return None if building is None else round(building.cop(MILD_C), 2)


def _capacity(home: Home, device: ControlledDevice) -> Value:
    store = store_of(home.learned, device)
    if store is None:
        capacity_kwh: float = device.data["capacity"]
        return capacity_kwh
    return round(store.capacity_wh / _WH_PER_KWH, 2)


def _efficiency(home: Home, device: ControlledDevice) -> Value:
    store = store_of(home.learned, device)
    if store is None:
        percent: float = device.data.get("efficiency", 90)
        return percent
    return round(100 * store.charge_efficiency * store.discharge_efficiency, 1)


def _departure(home: Home, device: ControlledDevice) -> Value:
    if device.connected is not True:
        return None
    return departs(device, after=home.snapshot.time + STEP)


def _need(home: Home, device: ControlledDevice) -> Value:
    del home
    if device.connected is not True:
        return None
    return round(device.energy_wanted_kwh, 1)


def _hot_water_kwh(home: Home, device: ControlledDevice) -> Value:
    week = hot_water_of(home.learned, device)
    if week is None:
        key = "tank_draw" if device.kind is Kind.HEAT_PUMP else "daily_draw"
        stated_kwh: float = device.data.get(key, 5.8)
        return stated_kwh
    return round(sum(map(sum, week)) / len(week) / _WH_PER_KWH, 2)


_HOT_WATER: Final = LearnedSensorDescription(
    key="hot_water_a_day",
    translation_key="hot_water_a_day",
    native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
    suggested_display_precision=1,
    value_fn=_hot_water_kwh,
    model="hot_water",
)

LEARNED_SENSORS: Final[Mapping[Kind, tuple[LearnedSensorDescription, ...]]] = {
    Kind.HEAT_PUMP: (
        LearnedSensorDescription(
            key="heat_loss",
            translation_key="heat_loss",
            native_unit_of_measurement="W/K",
            suggested_display_precision=0,
            value_fn=_heat_loss,
            model="building",
        ),
        LearnedSensorDescription(
            key="heat_capacity",
            translation_key="heat_capacity",
            native_unit_of_measurement="kWh/K",
            suggested_display_precision=1,
            value_fn=_heat_capacity,
            model="building",
        ),
        LearnedSensorDescription(
            key="cop",
            translation_key="cop",
            suggested_display_precision=1,
            value_fn=_cop,
            model="cop",
        ),
        _HOT_WATER,
    ),
    Kind.WATER_HEATER: (_HOT_WATER,),
    Kind.BATTERY: (
        LearnedSensorDescription(
            key="real_capacity",
            translation_key="real_capacity",
            device_class=SensorDeviceClass.ENERGY_STORAGE,
            native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
            suggested_display_precision=1,
            value_fn=_capacity,
            model="battery",
        ),
        LearnedSensorDescription(
            key="round_trip_efficiency",
            translation_key="round_trip_efficiency",
            native_unit_of_measurement=PERCENTAGE,
            suggested_display_precision=0,
            value_fn=_efficiency,
            model="battery",
        ),
    ),
    Kind.EV_CHARGER: (
        LearnedSensorDescription(
            key="expected_departure",
            translation_key="expected_departure",
            device_class=SensorDeviceClass.TIMESTAMP,
            value_fn=_departure,
            model="car",
        ),
        LearnedSensorDescription(
            key="energy_wanted",
            translation_key="energy_wanted",
            device_class=SensorDeviceClass.ENERGY_STORAGE,
            native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
            suggested_display_precision=1,
            value_fn=_need,
            model="car",
        ),
    ),
}
_ERROR: Final = SensorEntityDescription(
    key="forecast_error",
    translation_key="forecast_error",
    entity_category=EntityCategory.DIAGNOSTIC,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=PERCENTAGE,
    suggested_display_precision=0,
)
_LOAD_ERROR: Final = SensorEntityDescription(
    key="load_forecast_error",
    translation_key="load_forecast_error",
    entity_category=EntityCategory.DIAGNOSTIC,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=PERCENTAGE,
    suggested_display_precision=0,
)


def sensors_of(home: Home, device: ControlledDevice) -> list[SensorEntity]:
    """Return the sensors of what is learned of ``device``."""
    found: list[SensorEntity] = [
        LearnedSensor(home, device, each)
        for each in LEARNED_SENSORS.get(device.kind, ())
        if each is not _HOT_WATER or has_tank(device)
    ]
    if device.kind is Kind.SOLAR:
        found.append(SolarForecastError(home, device, _ERROR))
    return found


class _Settled(HomeEntity, SensorEntity):
    """Written when it changed: what is learned changes once a day."""

    def _settle(self, value: Value, attributes: Attributes) -> None:
        known = getattr(self, "_attr_extra_state_attributes", None)
        if (value, attributes) != (self._attr_native_value, known):
            self._attr_native_value = value
            self._attr_extra_state_attributes = attributes
            self.async_write_ha_state()


class LearnedSensor(_Settled, DeviceEntity):
    """What is known of a device: a start value, or learned."""

    entity_description: LearnedSensorDescription

    @callback
    @override
    def update(self) -> None:
        """Show the value that plans use, and how good it is."""
        home, device, described = self.home, self.device, self.entity_description
        found = model_of(home.learned, device, described.model)
        attributes: Attributes = {
            "learned": is_learned(home.learned, device, described.model)
        }
        if found is not None:
            attributes |= {
                "error": {k: round(v, 3) for k, v in found["error"].items()},
                "error_of_start_values": {
                    k: round(v, 3) for k, v in found["prior_error"].items()
                },
                "samples": found["samples"],
                "why_start_values": found["kept_prior"],
            }
        self._settle(described.value_fn(home, device), attributes)


class LoadForecastError(_Settled):
    """How far off the load's forecasts of the last two weeks were."""

    def __init__(self, home: Home) -> None:
        """Belong to the home."""
        super().__init__(home, _LOAD_ERROR)

    @callback
    @override
    def update(self) -> None:
        """Show the mean absolute error over the mean, in percent."""
        self._settle(*_shown(self.home.learned.errors.get("load")))


class SolarForecastError(_Settled, DeviceEntity):
    """How far off the forecasts of a roof were."""

    @callback
    @override
    def update(self) -> None:
        """Show the mean absolute error over the mean, in percent."""
        roofs = self.home.learned.errors.get("solar", {})
        self._settle(*_shown(roofs.get(self.device.subentry_id)))


def _shown(record: Mapping[str, Any] | None) -> tuple[Value, Attributes]:
    if record is None:
        return None, {}
    by_lead = {
        f"{lead}_h": round(100 * share, 1) for lead, share in record["by_lead"].items()
    }
    missed = {f"{lead}_h": powers for lead, powers in record["missed_w"].items()}
    return round(100 * record["error_share"], 1), {
        "days": round(record["days"]),
        "error_by_lead": by_lead,
        "missed_w_10_50_90": missed,
    }
