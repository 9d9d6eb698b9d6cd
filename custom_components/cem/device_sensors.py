"""Each device's own sensors: what it is told, why, and what it does."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE, EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from cem_core.model import Action
from custom_components.cem import offered_run, para14a
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import (
    EebusDriver,
    EvccDriver,
    ModbusDriver,
    OcppDriver,
    S2Driver,
)
from custom_components.cem.entity import DeviceEntity, Recorded
from custom_components.cem.home import Home
from custom_components.cem.language import renderer
from custom_components.cem.reaction_entities import reacts
from custom_components.cem.sensor_shapes import DIAGNOSTIC, MEASURED, POWER
from custom_components.cem.sentences import reason_for
from custom_components.cem.view import action_of, ready_at, setpoint_w

_MAX_STATE: Final = 255


@dataclass(frozen=True, kw_only=True)
class DeviceSensorDescription(SensorEntityDescription):
    """A value read off one device."""

    value_fn: Callable[[Home, ControlledDevice], StateType | datetime]
    attributes_fn: Callable[[ControlledDevice], dict[str, Any]] | None = None


def _reason(home: Home, device: ControlledDevice) -> StateType:
    reason = renderer(home.hass).text(reason_for(home, device))
    return reason if len(reason) <= _MAX_STATE else f"{reason[: _MAX_STATE - 1]}…"


DEVICE_SENSORS: Final = (
    DeviceSensorDescription(
        key="action",
        translation_key="action",
        device_class=SensorDeviceClass.ENUM,
        options=[action.value for action in Action],
        value_fn=action_of,
    ),
    DeviceSensorDescription(
        key="setpoint",
        translation_key="setpoint",
        value_fn=setpoint_w,
        **POWER,
    ),
    DeviceSensorDescription(
        key="reason",
        translation_key="reason",
        value_fn=_reason,
    ),
)

OWN_POWER: Final = DeviceSensorDescription(
    key="own_power",
    translation_key="own_power",
    value_fn=lambda _, device: device.driver.measured_w(),
    **(POWER | MEASURED),
)


OWN_CHARGE: Final = DeviceSensorDescription(
    key="own_charge",
    translation_key="own_charge",
    device_class=SensorDeviceClass.BATTERY,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=PERCENTAGE,
    suggested_display_precision=0,
    value_fn=lambda _, device: _own_percent(device),
)


def _own_percent(device: ControlledDevice) -> float | None:
    share = device.driver.state_of_charge
    return None if share is None else round(100 * share, 1)


EEBUS_POWER: Final = replace(
    OWN_POWER, key="eebus_power", translation_key="eebus_power"
)
OFFERED_RUN: Final = DeviceSensorDescription(
    key="offered_run",
    translation_key="offered_run",
    device_class=SensorDeviceClass.ENUM,
    options=list(offered_run.STATES),
    value_fn=lambda _, device: offered_run.state(device),
    attributes_fn=offered_run.attributes,
)


def _writes_left(_: Home, device: ControlledDevice) -> StateType:
    driver = device.driver
    left = driver.writes_left() if isinstance(driver, ModbusDriver) else {}
    return min(left.values(), default=None)


def _registers(device: ControlledDevice) -> dict[str, Any]:
    driver = device.driver
    if not isinstance(driver, ModbusDriver):
        return {}
    return {"registers": dict(driver.writes_left()), "spared": driver.spared}


# What the device stores for good: the register that is nearest to its end for today.
WRITES_LEFT: Final = DeviceSensorDescription(
    key="writes_left",
    translation_key="writes_left",
    state_class=SensorStateClass.MEASUREMENT,
    entity_category=EntityCategory.DIAGNOSTIC,
    value_fn=_writes_left,
    attributes_fn=_registers,
)
MEASURED_POWER: Final = DeviceSensorDescription(
    key="measured_power",
    translation_key="measured_power",
    value_fn=lambda _, device: device.power_w,
    **(POWER | DIAGNOSTIC),
)
OBEYED: Final = DeviceSensorDescription(
    key="obeyed",
    translation_key="obeyed",
    native_unit_of_measurement=PERCENTAGE,
    entity_category=EntityCategory.DIAGNOSTIC,
    suggested_display_precision=0,
    value_fn=lambda home, device: home.obedience.obeyed_percent(device),
)
READY_AT: Final = DeviceSensorDescription(
    key="ready_at",
    translation_key="ready_at",
    device_class=SensorDeviceClass.TIMESTAMP,
    value_fn=ready_at,
)


def _next_hot_cycle(_: Home, device: ControlledDevice) -> datetime | None:
    protection = device.protection
    return None if protection is None else protection.by(dt_util.utcnow())


NEXT_HOT_CYCLE: Final = DeviceSensorDescription(
    key="next_hot_cycle",
    translation_key="next_hot_cycle",
    device_class=SensorDeviceClass.TIMESTAMP,
    value_fn=_next_hot_cycle,
)


def further_sensors(device: ControlledDevice) -> tuple[DeviceSensorDescription, ...]:
    """Return what only some devices have."""
    own: tuple[DeviceSensorDescription, ...] = ()
    if isinstance(device.driver, EebusDriver):
        runs = (OFFERED_RUN,) if device.kind is Kind.HEAT_PUMP else ()
        own = (EEBUS_POWER, *runs)
    elif isinstance(device.driver, EvccDriver | OcppDriver | S2Driver):
        own = (OWN_POWER,)
    elif isinstance(device.driver, ModbusDriver):
        own = (OWN_POWER, WRITES_LEFT)
    if device.kind is Kind.BATTERY and isinstance(
        device.driver, S2Driver | ModbusDriver
    ):
        own = (*own, OWN_CHARGE)
    if reacts(device):
        own = (*own, MEASURED_POWER, OBEYED)
    if device.protection is not None and device.protection.cycle is not None:
        own = (*own, NEXT_HOT_CYCLE)
    return (*own, READY_AT) if device.kind is Kind.EV_CHARGER else own


DEVICE_MINIMUM: Final = DeviceSensorDescription(
    key="guaranteed_power",
    translation_key="guaranteed_power",
    value_fn=lambda _, device: device.model.guaranteed_w,
    attributes_fn=para14a.details,
    **(POWER | DIAGNOSTIC),
)


class DeviceSensor(DeviceEntity, SensorEntity):
    """A value of a device."""

    entity_description: DeviceSensorDescription

    def __init__(
        self,
        home: Home,
        device: ControlledDevice,
        description: DeviceSensorDescription,
    ) -> None:
        """Write at most as often as the user wants it recorded."""
        super().__init__(home, device, description)
        self._recorded = Recorded(home.hass.loop.time, home.settings.record_interval_s)

    @callback
    @override
    def update(self) -> None:
        """Write the state when it is due."""
        value = self.entity_description.value_fn(self.home, self.device)
        if self._recorded.due(value):
            self._attr_native_value = value
            if self.entity_description.attributes_fn is not None:
                self._attr_extra_state_attributes = (
                    self.entity_description.attributes_fn(self.device)
                )
            self.async_write_ha_state()
