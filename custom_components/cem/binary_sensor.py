"""Binary sensors: near a limit, a limit ordered, who is connected."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.binary_sensor import (
    BinarySensorDeviceClass,
    BinarySensorEntity,
    BinarySensorEntityDescription,
)
from homeassistant.config_entries import ConfigSubentry
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from cem_core.limits import Level
from cem_core.model import Direction, Reading
from custom_components.cem import CemConfigEntry
from custom_components.cem.drivers import (
    EebusDriver,
    EvccDriver,
    ModbusDriver,
    OcppDriver,
    S2Driver,
)
from custom_components.cem.entity import DeviceEntity, HomeEntity, devices_in_turn
from custom_components.cem.events import limit_json
from custom_components.cem.home import Home
from custom_components.cem.meter_entities import MeterEntity, Offer, follow_meter
from custom_components.cem.peak_guard import peak_guard

PARALLEL_UPDATES = 0


@dataclass(frozen=True, kw_only=True)
class HomeBinarySensorDescription(BinarySensorEntityDescription):
    """A yes or no read off the home."""

    is_on_fn: Callable[[Home], bool]
    attributes_fn: Callable[[Home], dict[str, Any]] | None = None
    exists_fn: Callable[[Home], bool] = lambda _: True


def _ordered(home: Home) -> dict[str, Any]:
    limit = home.operator_limit
    return limit_json(limit) if limit else {}


def _level(home: Home, direction: Direction) -> Level:
    levels = [
        level for limit, level in home.snapshot.near if limit.direction is direction
    ]
    return max(levels, default=Level.CLEAR)


def _new_peak(home: Home) -> dict[str, Any]:
    """Say when the plan brings a new peak, and how high; nothing if it does not."""
    ahead = home.peak_ahead
    if ahead is None:
        return {}
    return {
        "start": ahead.start.isoformat(),
        "mean_w": ahead.mean_w,
        "peak_so_far_w": ahead.peak_so_far_w,
    }


def _near(direction: Direction) -> HomeBinarySensorDescription:
    return HomeBinarySensorDescription(
        key=f"near_{direction}_limit",
        translation_key=f"near_{direction}_limit",
        device_class=BinarySensorDeviceClass.PROBLEM,
        is_on_fn=lambda home: _level(home, direction) is not Level.CLEAR,
        attributes_fn=lambda home: {"level": _level(home, direction).word},
    )


DESCRIPTIONS: Final = (
    HomeBinarySensorDescription(
        key="near_limit",
        translation_key="near_limit",
        device_class=BinarySensorDeviceClass.PROBLEM,
        is_on_fn=lambda home: bool(home.snapshot.near),
    ),
    *(_near(direction) for direction in Direction),
    HomeBinarySensorDescription(
        key="limit_in_force",
        translation_key="limit_in_force",
        is_on_fn=lambda home: home.operator_limit is not None,
        attributes_fn=_ordered,
    ),
    HomeBinarySensorDescription(
        key="new_peak_ahead",
        translation_key="new_peak_ahead",
        device_class=BinarySensorDeviceClass.PROBLEM,
        exists_fn=lambda home: peak_guard(home.tariff) is not None,
        is_on_fn=lambda home: home.peak_ahead is not None,
        attributes_fn=_new_peak,
    ),
    HomeBinarySensorDescription(
        key="meter_connected",
        translation_key="meter_connected",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        is_on_fn=lambda home: home.meter_connected and not home.snapshot.meter_silent,
    ),
    HomeBinarySensorDescription(
        key="control_box_connected",
        translation_key="control_box_connected",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
        exists_fn=lambda home: home.control_box is not None,
        is_on_fn=lambda home: bool(home.control_box and home.control_box.connected),
    ),
)


def _connected(protocol: str) -> BinarySensorEntityDescription:
    return BinarySensorEntityDescription(
        key=f"{protocol}_connected",
        translation_key=f"{protocol}_connected",
        device_class=BinarySensorDeviceClass.CONNECTIVITY,
        entity_category=EntityCategory.DIAGNOSTIC,
    )


CONNECTED: Final = {
    EebusDriver: _connected("eebus"),
    OcppDriver: _connected("ocpp"),
    S2Driver: _connected("s2"),
    ModbusDriver: _connected("modbus"),
    EvccDriver: _connected("evcc"),
}

LIMIT_WARNING: Final = BinarySensorEntityDescription(
    key="limit_warning",
    translation_key="limit_warning",
    device_class=BinarySensorDeviceClass.PROBLEM,
)


async def async_setup_entry(
    hass: HomeAssistant,
    entry: CemConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the home's binary sensors."""
    home = entry.runtime_data
    async_add_entities(
        HomeBinarySensor(home, description)
        for description in DESCRIPTIONS
        if description.exists_fn(home)
    )
    follow_meter(home, _of_meter, async_add_entities)
    async for device in devices_in_turn(home):
        connected = next(
            (
                description
                for driver, description in CONNECTED.items()
                if isinstance(device.driver, driver)
            ),
            None,
        )
        if connected is not None:
            async_add_entities(
                [DeviceConnected(home, device, connected)],
                config_subentry_id=device.subentry_id,
            )


class HomeBinarySensor(HomeEntity, BinarySensorEntity):
    """A yes or no of the home; written at once when it changes."""

    entity_description: HomeBinarySensorDescription

    @callback
    @override
    def update(self) -> None:
        """Write the state if it changed."""
        is_on = self.entity_description.is_on_fn(self.home)
        attributes = self.entity_description.attributes_fn
        shown = attributes(self.home) if attributes else {}
        if (is_on, shown) != (self.is_on, self.extra_state_attributes or {}):
            self._attr_is_on = is_on
            self._attr_extra_state_attributes = shown
            self.async_write_ha_state()


class DeviceConnected(DeviceEntity, BinarySensorEntity):
    """Whether a device that connects by itself, or is called, is there."""

    @callback
    @override
    def update(self) -> None:
        """Write the state if it changed."""
        is_on = self.device.available
        if is_on != self.is_on:
            self._attr_is_on = is_on
            self.async_write_ha_state()


class LimitWarning(MeterEntity, BinarySensorEntity):
    """Whether the meter itself warns that too much is drawn."""

    def __init__(self, home: Home, owner: ConfigSubentry) -> None:
        """Say nothing yet."""
        super().__init__(home, owner, LIMIT_WARNING)

    @override
    def _take(self, reading: Reading) -> bool:
        warns = reading.limit_warning
        if warns is None or warns == self.is_on:
            return False
        self._attr_is_on = warns
        return True


def _of_meter(reading: Reading) -> Iterator[Offer]:
    if reading.limit_warning is not None:
        yield LIMIT_WARNING.key, LimitWarning
