"""The meter's sensors: of itself, and of the gas, water and heat meters behind it."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory, UnitOfEnergy, UnitOfVolume
from homeassistant.helpers import device_registry as dr
from homeassistant.helpers.device_registry import DeviceInfo

from cem_core.model import Reading, Submeter, SubmeterKind
from custom_components.cem.const import DOMAIN
from custom_components.cem.entity import Recorded
from custom_components.cem.home import Home
from custom_components.cem.meter_entities import MeterEntity, MeterSensor, Offer
from custom_components.cem.meter_values import SENSORS, MeterSensorDescription, Value

_VOLUMES: Final = {
    "m3": UnitOfVolume.CUBIC_METERS,
    "m³": UnitOfVolume.CUBIC_METERS,
    "l": UnitOfVolume.LITERS,
    "ft3": UnitOfVolume.CUBIC_FEET,
}
_ENERGIES: Final = {
    "GJ": UnitOfEnergy.GIGA_JOULE,
    "MJ": UnitOfEnergy.MEGA_JOULE,
    "Wh": UnitOfEnergy.WATT_HOUR,
    "kWh": UnitOfEnergy.KILO_WATT_HOUR,
    "MWh": UnitOfEnergy.MEGA_WATT_HOUR,
}
_VOLUME_CLASSES: Final = {
    SubmeterKind.GAS: SensorDeviceClass.GAS,
    SubmeterKind.WATER: SensorDeviceClass.WATER,
}
_VALVE: Final = ("closed", "open", "ready")
_TELEGRAM: Final = SensorEntityDescription(
    key="telegram",
    translation_key="telegram",
    device_class=SensorDeviceClass.TIMESTAMP,
    entity_category=EntityCategory.DIAGNOSTIC,
    entity_registry_enabled_default=False,
)


def offers(reading: Reading) -> Iterator[Offer]:
    """Yield what the reading has, by the key that makes it unique."""
    for description in SENSORS:
        if description.value_fn(reading) is not None:
            yield description.key, partial(MeterSensor, description=description)
    yield _TELEGRAM.key, TelegramSensor
    for submeter in reading.submeters:
        for description in _of(submeter):
            if description.value_fn(reading) is not None:
                yield (
                    description.key,
                    partial(SubmeterSensor, submeter=submeter, description=description),
                )


class TelegramSensor(MeterEntity, SensorEntity):
    """When the last telegram came, and all its registers as they stood there."""

    # As much as many entities: shown, not recorded.
    _unrecorded_attributes = frozenset({"registers"})

    def __init__(self, home: Home, owner: ConfigSubentry) -> None:
        """Write at most as often as the user wants it recorded."""
        super().__init__(home, owner, _TELEGRAM)
        interval_s = home.settings.record_interval_s
        self._recorded = Recorded(home.hass.loop.time, interval_s, step=None)
        self._at: datetime | None = None

    @override
    def _take(self, reading: Reading) -> bool:
        at = reading.timestamp or self.home.snapshot.time
        if not self._recorded.due(at.timestamp()):
            return False
        self._attr_native_value = at
        registers: dict[str, str] = {}
        for value in reading.raw:
            said = f"{value.value} {value.unit or ''}".strip()
            before = registers.get(value.code)
            registers[value.code] = said if before is None else f"{before}; {said}"
        self._attr_extra_state_attributes = {"registers": registers}
        return True


class SubmeterSensor(MeterSensor):
    """A value of a meter behind the meter."""

    def __init__(
        self,
        home: Home,
        owner: ConfigSubentry,
        *,
        submeter: Submeter,
        description: MeterSensorDescription,
    ) -> None:
        """Belong to a device of its own."""
        super().__init__(home, owner, description)
        self._submeter = submeter

    @property
    @override
    def device_info(self) -> DeviceInfo:
        """Describe the sub-meter."""
        submeter, owner_id = self._submeter, self.owner.subentry_id
        info = DeviceInfo(
            identifiers={(DOMAIN, f"{owner_id}_{submeter.channel}")},
            translation_key=f"submeter_{submeter.kind}",
            serial_number=submeter.meter_id,
        )
        registry, entry_id = dr.async_get(self.home.hass), self.home.entry.entry_id
        for device in dr.async_entries_for_config_entry(registry, entry_id):
            if (DOMAIN, owner_id) in device.identifiers:
                info["via_device_id"] = device.id
        return info


def _of(submeter: Submeter) -> Iterator[MeterSensorDescription]:
    channel, unit = submeter.channel, submeter.unit or ""
    measures: dict[str, Any] = {"native_unit_of_measurement": unit or None}
    if volume := _VOLUMES.get(unit):
        measures = {
            "device_class": _VOLUME_CLASSES.get(
                submeter.kind, SensorDeviceClass.VOLUME
            ),
            "native_unit_of_measurement": volume,
        }
    elif energy := _ENERGIES.get(unit):
        measures = {
            "device_class": SensorDeviceClass.ENERGY,
            "native_unit_of_measurement": energy,
        }
    yield MeterSensorDescription(
        key=f"submeter_{channel}",
        translation_key="submeter",
        state_class=SensorStateClass.TOTAL_INCREASING,
        value_fn=lambda reading: _value(reading, channel),
        attributes_fn=lambda reading: _measured_at(reading, channel),
        meter_id_fn=lambda _: submeter.meter_id,
        **measures,
    )
    yield MeterSensorDescription(
        key=f"submeter_{channel}_valve",
        translation_key="submeter_valve",
        device_class=SensorDeviceClass.ENUM,
        entity_category=EntityCategory.DIAGNOSTIC,
        options=list(_VALVE),
        value_fn=lambda reading: _valve(reading, channel),
        meter_id_fn=lambda _: submeter.meter_id,
    )


def _submeter(reading: Reading, channel: int) -> Submeter | None:
    for submeter in reading.submeters:
        if submeter.channel == channel:
            return submeter
    return None


def _value(reading: Reading, channel: int) -> Value:
    submeter = _submeter(reading, channel)
    return None if submeter is None else submeter.value


def _valve(reading: Reading, channel: int) -> Value:
    submeter = _submeter(reading, channel)
    return None if submeter is None else submeter.valve


def _measured_at(reading: Reading, channel: int) -> dict[str, Any]:
    submeter = _submeter(reading, channel)
    at = None if submeter is None else submeter.timestamp
    return {"measured_at": None if at is None else at.isoformat()}
