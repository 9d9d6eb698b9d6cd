"""Sensors: the connection point, its limits, the plan, and each device."""

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
from homeassistant.const import PERCENTAGE, EntityCategory, UnitOfPower
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from cem_core.exchange import NOT_FOR_BILLING
from cem_core.insight.savings import row, usual_error
from cem_core.limits.limitation import LimitationState
from cem_core.model import Action, Direction, PlanStatus, Scope
from custom_components.cem import CemConfigEntry, meter_sensors, para14a
from custom_components.cem.budgets.sensors import add_budget_sensors
from custom_components.cem.const import Kind
from custom_components.cem.controlled import ControlledDevice
from custom_components.cem.drivers import (
    EebusDriver,
    EvccDriver,
    ModbusDriver,
    OcppDriver,
    S2Driver,
)
from custom_components.cem.entity import (
    DeviceEntity,
    HomeEntity,
    Recorded,
    devices_in_turn,
)
from custom_components.cem.exchange.sensors import PublicationSensor
from custom_components.cem.forms.para14a import GROUPS
from custom_components.cem.home import Home
from custom_components.cem.language import renderer
from custom_components.cem.learning.sensors import LoadForecastError, sensors_of
from custom_components.cem.limit_view import why
from custom_components.cem.marks import grid_quality, load_quality
from custom_components.cem.meter_entities import follow_meter
from custom_components.cem.price_sensors import OTHERS, PRICES, PriceSensor
from custom_components.cem.reaction_entities import ReactionSensor, reacts
from custom_components.cem.sentences import reason_for
from custom_components.cem.submeter_sensors import add_submeter_sensors
from custom_components.cem.view import action_of, distance_w, ready_at, setpoint_w

PARALLEL_UPDATES = 0

_MAX_STATE: Final = 255


@dataclass(frozen=True, kw_only=True)
class HomeSensorDescription(SensorEntityDescription):
    """A value read off the home."""

    value_fn: Callable[[Home], StateType]
    attributes_fn: Callable[[Home], dict[str, Any]] | None = None
    exists_fn: Callable[[Home], bool] = lambda _: True


@dataclass(frozen=True, kw_only=True)
class DeviceSensorDescription(SensorEntityDescription):
    """A value read off one device."""

    value_fn: Callable[[Home, ControlledDevice], StateType | datetime]
    attributes_fn: Callable[[ControlledDevice], dict[str, Any]] | None = None


def _power(
    key: str,
    value_fn: Callable[[Home], StateType],
    *,
    attributes_fn: Callable[[Home], dict[str, Any]] | None = None,
    measured: bool = True,
) -> HomeSensorDescription:
    return HomeSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.POWER,
        state_class=SensorStateClass.MEASUREMENT if measured else None,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=value_fn,
        attributes_fn=attributes_fn,
    )


def _limit(key: str, direction: Direction, scope: Scope) -> HomeSensorDescription:
    def value(home: Home) -> StateType:
        limit = home.snapshot.in_force.get(direction, scope)
        return None if limit is None else limit.limit_w

    return _power(
        key,
        value,
        attributes_fn=lambda home: why(home, direction, scope),
        measured=False,
    )


def _plan_cost(home: Home) -> StateType:
    return round(sum(home.plan.cost.values()), 4) if home.plan else None


def _expected(home: Home) -> dict[str, Any]:
    """Say from when on the plan's prices are expected ones."""
    document = home.plan_document
    until = None if document is None else document["prices_known_until"]
    return {"prices_known_until": until}


def _saved(bound: str) -> HomeSensorDescription:
    """Return a bound of what the last day saved, or would have saved."""

    def newest(home: Home) -> dict[str, Any]:
        days = home.savings.days
        return row(days[-1:], usual_error(days, days[-1].without)) if days else {}

    def attributes(home: Home) -> dict[str, Any]:
        found = newest(home)
        return {key: found.get(key) for key in ("start", "end", "controlled", "saved")}

    return HomeSensorDescription(
        key=f"saved_today_{bound}",
        translation_key=f"saved_today_{bound}",
        device_class=SensorDeviceClass.MONETARY,
        value_fn=lambda home: newest(home).get(f"saved_{bound}"),
        attributes_fn=attributes,
    )


def _box_state(direction: Direction) -> HomeSensorDescription:
    """Return the state in which what the control box may limit is."""

    def state(home: Home) -> LimitationState | None:
        return home.control_box.states.get(direction) if home.control_box else None

    key = f"control_box_{direction.value}"
    return HomeSensorDescription(
        key=key,
        translation_key=key,
        device_class=SensorDeviceClass.ENUM,
        entity_category=EntityCategory.DIAGNOSTIC,
        options=[each.value for each in LimitationState],
        exists_fn=lambda home: state(home) is not None,
        value_fn=state,
    )


def _about_the_grid(home: Home) -> dict[str, Any]:
    """Name the meter, the time and how the net power came about."""
    reading = home.snapshot.reading
    at = reading and (reading.timestamp or home.snapshot.time)
    return {
        "meter_id": reading and reading.meter_id,
        "measured_at": at and at.isoformat(),
        "quality": grid_quality(reading),
    }


def _quarter(name: str) -> Callable[[Home], StateType]:
    def value(home: Home) -> StateType:
        quarter = home.snapshot.quarter
        found: int | None = getattr(quarter, name) if quarter else None
        return found

    return value


HOME_SENSORS: Final = (
    _power(
        "grid_power", lambda home: home.snapshot.grid_w, attributes_fn=_about_the_grid
    ),
    _power(
        "house_load",
        lambda home: home.snapshot.load_w,
        attributes_fn=lambda home: {
            "estimated": home.snapshot.load_estimated,
            "quality": load_quality(home.snapshot),
        },
    ),
    _limit("import_limit", Direction.IMPORT, Scope.CONNECTION),
    _limit("export_limit", Direction.EXPORT, Scope.CONNECTION),
    _limit("controllable_limit", Direction.IMPORT, Scope.CONTROLLABLE),
    _power("distance_to_limit", distance_w),
    _power("quarter_hour_mean", _quarter("mean_w")),
    _power("quarter_hour_projected", _quarter("projected_w")),
    _power("month_peak", lambda home: home.month_peak_w, measured=False),
    HomeSensorDescription(
        key="plan_status",
        translation_key="plan_status",
        device_class=SensorDeviceClass.ENUM,
        options=[status.value for status in PlanStatus],
        value_fn=lambda home: home.plan.status.value if home.plan else None,
    ),
    HomeSensorDescription(
        key="plan_cost",
        translation_key="plan_cost",
        device_class=SensorDeviceClass.MONETARY,
        value_fn=_plan_cost,
        attributes_fn=_expected,
    ),
    _saved("min"),
    _saved("max"),
    _box_state(Direction.IMPORT),
    _box_state(Direction.EXPORT),
    HomeSensorDescription(
        key="limit_cost",
        translation_key="limit_cost",
        device_class=SensorDeviceClass.MONETARY,
        value_fn=lambda home: home.limit_costs.total,
        attributes_fn=lambda home: home.limit_costs.attributes(),
    ),
)


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
        device_class=SensorDeviceClass.POWER,
        native_unit_of_measurement=UnitOfPower.WATT,
        suggested_display_precision=0,
        value_fn=setpoint_w,
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
    device_class=SensorDeviceClass.POWER,
    state_class=SensorStateClass.MEASUREMENT,
    native_unit_of_measurement=UnitOfPower.WATT,
    suggested_display_precision=0,
    value_fn=lambda _, device: device.driver.measured_w(),
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
    device_class=SensorDeviceClass.POWER,
    native_unit_of_measurement=UnitOfPower.WATT,
    entity_category=EntityCategory.DIAGNOSTIC,
    suggested_display_precision=0,
    value_fn=lambda _, device: device.power_w,
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


def _further(device: ControlledDevice) -> tuple[DeviceSensorDescription, ...]:
    """Return what only some devices have."""
    own: tuple[DeviceSensorDescription, ...] = ()
    if isinstance(device.driver, EebusDriver):
        own = (EEBUS_POWER,)
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


# In a home in Germany: what an operator has to leave (§14a EnWG).
MINIMUM: Final = _power("minimum_owed", lambda home: home.minimum_w, measured=False)
DEVICE_MINIMUM: Final = DeviceSensorDescription(
    key="guaranteed_power",
    translation_key="guaranteed_power",
    device_class=SensorDeviceClass.POWER,
    native_unit_of_measurement=UnitOfPower.WATT,
    entity_category=EntityCategory.DIAGNOSTIC,
    suggested_display_precision=0,
    value_fn=lambda _, device: device.model.guaranteed_w,
    attributes_fn=para14a.details,
)


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
                    for each in (*DEVICE_SENSORS, *_further(device), *minimum)
                ),
                *sensors_of(home, device),
                *([ReactionSensor(home, device)] if reacts(device) else ()),
            ],
            config_subentry_id=device.subentry_id,
        )


class HomeSensor(HomeEntity, SensorEntity):
    """A value of the home."""

    # New with each telegram: shown, not recorded.
    _unrecorded_attributes = frozenset({"measured_at"})

    entity_description: HomeSensorDescription

    def __init__(self, home: Home, description: HomeSensorDescription) -> None:
        """Write at most as often as the user wants it recorded."""
        super().__init__(home, description)
        self._recorded = Recorded(home.hass.loop.time, home.settings.record_interval_s)
        self._billing: dict[str, str] = {}
        if description.device_class is SensorDeviceClass.MONETARY:
            self._attr_native_unit_of_measurement = home.hass.config.currency
            self._billing = {"billing": NOT_FOR_BILLING}

    @callback
    @override
    def update(self) -> None:
        """Write the state when it is due."""
        value = self.entity_description.value_fn(self.home)
        if self._recorded.due(value):
            self._attr_native_value = value
            if self.entity_description.attributes_fn is not None:
                self._attr_extra_state_attributes = (
                    self.entity_description.attributes_fn(self.home) | self._billing
                )
            self.async_write_ha_state()


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
