"""Sensors of gas, water and heat meters and of gateways, each a device of its own."""

from collections.abc import Iterable, Mapping
from typing import Final, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import (
    EntityCategory,
    UnitOfEnergy,
    UnitOfPower,
    UnitOfTemperature,
    UnitOfVolume,
    UnitOfVolumeFlowRate,
)
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from cem_core.model import SubmeterKind
from cem_core.model.slow_reading import SlowQuantity
from custom_components.cem.causes import told
from custom_components.cem.const import DOMAIN
from custom_components.cem.entity import is_leaving
from custom_components.cem.home import Home
from custom_components.cem.submeters import MeterId, SlowMeter

_VOLUMES: Final = {
    SubmeterKind.GAS: SensorDeviceClass.GAS,
    SubmeterKind.WATER: SensorDeviceClass.WATER,
}
_MAX_STATE: Final = 255
_NO_COMPLAINT: Final = "ok"


def _counter(quantity: SlowQuantity) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=quantity,
        translation_key=f"submeter_{quantity}",
        device_class=SensorDeviceClass.ENERGY,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfEnergy.WATT_HOUR,
        suggested_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=1,
    )


def _volume(device_class: SensorDeviceClass) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=SlowQuantity.VOLUME,
        translation_key="submeter_volume",
        device_class=device_class,
        state_class=SensorStateClass.TOTAL_INCREASING,
        native_unit_of_measurement=UnitOfVolume.CUBIC_METERS,
        suggested_display_precision=3,
    )


def _instant(
    quantity: SlowQuantity, device_class: SensorDeviceClass, unit: str, digits: int
) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=quantity,
        translation_key=f"submeter_{quantity}",
        device_class=device_class,
        state_class=SensorStateClass.MEASUREMENT,
        native_unit_of_measurement=unit,
        suggested_display_precision=digits,
    )


_DESCRIPTIONS: Final[Mapping[SlowQuantity, SensorEntityDescription]] = {
    SlowQuantity.ENERGY: _counter(SlowQuantity.ENERGY),
    SlowQuantity.EXPORT_ENERGY: _counter(SlowQuantity.EXPORT_ENERGY),
    SlowQuantity.POWER: _instant(
        SlowQuantity.POWER, SensorDeviceClass.POWER, UnitOfPower.WATT, 0
    ),
    SlowQuantity.FLOW: _instant(
        SlowQuantity.FLOW,
        SensorDeviceClass.VOLUME_FLOW_RATE,
        UnitOfVolumeFlowRate.CUBIC_METERS_PER_HOUR,
        3,
    ),
    SlowQuantity.FLOW_TEMPERATURE: _instant(
        SlowQuantity.FLOW_TEMPERATURE,
        SensorDeviceClass.TEMPERATURE,
        UnitOfTemperature.CELSIUS,
        1,
    ),
    SlowQuantity.RETURN_TEMPERATURE: _instant(
        SlowQuantity.RETURN_TEMPERATURE,
        SensorDeviceClass.TEMPERATURE,
        UnitOfTemperature.CELSIUS,
        1,
    ),
}
_STATUS: Final = SensorEntityDescription(
    key="status",
    translation_key="submeter_status",
    entity_category=EntityCategory.DIAGNOSTIC,
)


def _description(
    quantity: SlowQuantity, volume: SensorDeviceClass | str | None
) -> SensorEntityDescription:
    if quantity is SlowQuantity.VOLUME:
        return _volume(SensorDeviceClass(volume or SensorDeviceClass.VOLUME))
    return _DESCRIPTIONS[quantity]


class _Adder:
    """Adds the sensors of a meter as it becomes known what it measures."""

    def __init__(self, home: Home, add: AddConfigEntryEntitiesCallback) -> None:
        self._home = home
        self._add_entities = add
        self._added: set[str] = set()

    @callback
    def heard(self, meter_id: MeterId) -> None:
        """Add what is new."""
        if is_leaving(self._home):
            return
        reading = self._home.submeters.meters[meter_id].reading
        if reading is None:
            self.add(meter_id, (), None)
        else:
            self.add(meter_id, reading.values, _VOLUMES.get(reading.kind))

    @callback
    def add(
        self,
        meter_id: MeterId,
        quantities: Iterable[SlowQuantity],
        volume: SensorDeviceClass | str | None,
    ) -> None:
        """Add what a meter is known to measure."""
        new: list[SensorEntity] = [
            QuantitySensor(self._home, meter_id, _description(quantity, volume))
            for quantity in quantities
            if self._is_new(meter_id, quantity)
        ]
        if self._is_new(meter_id, _STATUS.key):
            new.append(StatusSensor(self._home, meter_id, _STATUS))
        if new:
            self._add_entities(new, config_subentry_id=meter_id[0])

    def _is_new(self, meter_id: MeterId, what: str) -> bool:
        unique_id = _unique_id(meter_id, what)
        new = unique_id not in self._added
        self._added.add(unique_id)
        return new


@callback
def add_submeter_sensors(
    hass: HomeAssistant, home: Home, add: AddConfigEntryEntitiesCallback
) -> None:
    """Add the sensors of each meter that is known, and of others when they are."""
    adder = _Adder(home, add)
    # A meter that is heard now and then keeps its sensors until it is heard again.
    for entity in er.async_entries_for_config_entry(
        er.async_get(hass), home.entry.entry_id
    ):
        if (found := _measured_by(home, entity)) is not None:
            meter_id, quantity = found
            home.submeters.expect(meter_id)
            adder.add(meter_id, (quantity,), entity.original_device_class)
    for meter_id in tuple(home.submeters.meters):
        adder.heard(meter_id)
    home.entry.async_on_unload(home.submeters.listen(adder.heard))


def _measured_by(
    home: Home, entity: er.RegistryEntry
) -> tuple[MeterId, SlowQuantity] | None:
    """Return whose quantity an entity of the registry is, None: nobody's here."""
    subentry_id = entity.config_subentry_id
    if subentry_id is None or subentry_id not in home.submeters.subentry_ids:
        return None
    said = entity.unique_id.removeprefix(f"{subentry_id}_")
    for quantity in sorted(SlowQuantity, key=len, reverse=True):
        if (key := said.removesuffix(f"_{quantity}")) != said:
            return (subentry_id, key), quantity
    return None


def _unique_id(meter_id: MeterId, what: str) -> str:
    return f"{meter_id[0]}_{meter_id[1]}_{what}"


class _MeterSensor(SensorEntity):
    """A sensor of one meter."""

    _attr_has_entity_name = True
    _attr_should_poll = False

    def __init__(
        self, home: Home, meter_id: MeterId, description: SensorEntityDescription
    ) -> None:
        """Belong to the meter's own entry in the device registry."""
        self._submeters = home.submeters
        self._meter_id = meter_id
        self.entity_description = description
        self._attr_unique_id = _unique_id(meter_id, description.key)
        reading = self._meter.reading
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, "_".join(meter_id))},
            name=self._meter.title,
            manufacturer=None if reading is None else reading.manufacturer,
            serial_number=None if reading is None else reading.meter_id,
        )

    @property
    def _meter(self) -> SlowMeter:
        return self._submeters.meters[self._meter_id]

    @override
    async def async_added_to_hass(self) -> None:
        """Follow the meter."""
        await super().async_added_to_hass()
        self.async_on_remove(self._submeters.listen(self._heard))
        self._update()

    @callback
    def _heard(self, meter_id: MeterId) -> None:
        if meter_id == self._meter_id:
            self._update()
            self.async_write_ha_state()

    def _update(self) -> None:
        """Take what the meter said."""
        raise NotImplementedError


class QuantitySensor(_MeterSensor, RestoreSensor):
    """One thing that a meter measures."""

    @override
    async def async_added_to_hass(self) -> None:
        """Say what it said before, until it says something new."""
        if (before := await self.async_get_last_sensor_data()) is not None:
            self._attr_native_value = before.native_value
        await super().async_added_to_hass()

    @callback
    @override
    def _update(self) -> None:
        meter = self._meter
        self._attr_available = meter.cause is None
        if meter.reading is not None:
            quantity = SlowQuantity(self.entity_description.key)
            self._attr_native_value = meter.reading.values.get(quantity)


class StatusSensor(_MeterSensor):
    """What the meter complains of, or why it cannot be read."""

    @callback
    @override
    def _update(self) -> None:
        meter = self._meter
        if meter.cause is not None:
            said = told(self.hass, meter.cause)
        elif meter.reading is not None:
            said = ", ".join(meter.reading.status) or _NO_COMPLAINT
        else:
            return
        self._attr_native_value = said[:_MAX_STATE]
