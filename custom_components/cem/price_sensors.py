"""Sensors of what energy costs now, whether that is cheap, and what the sun leaves over.

Automations start from these: nothing in them needs a plan.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy
from homeassistant.core import callback
from homeassistant.helpers.typing import StateType
from homeassistant.util import dt as dt_util

from cem_core.insight.price_level import PriceLevel
from cem_core.model import Series
from custom_components.cem.entity import HomeEntity, Recorded
from custom_components.cem.home import Home
from custom_components.cem.sensor_shapes import MEASURED, POWER


@dataclass(frozen=True, kw_only=True)
class PriceSensorDescription(SensorEntityDescription):
    """A value of the home at a time."""

    value_fn: Callable[[Home, datetime], StateType]
    attributes_fn: Callable[[Home, datetime], dict[str, Any]] | None = None


def surplus_w(home: Home) -> int | None:
    """Return the solar production that the house load leaves, in W, at least 0.

    Batteries and cars may have taken it. Without a solar device it is what flows out.
    """
    snapshot = home.snapshot
    if snapshot.grid_w is None:
        return None
    if snapshot.solar_w is None or snapshot.load_w is None:
        return max(0, -snapshot.grid_w)
    return max(0, snapshot.solar_w - snapshot.load_w)


def _price(series: Series, fixed: float | None, now: datetime) -> float | None:
    value = series.at(now)
    value = fixed if value is None else value
    return None if value is None else round(value, 5)


def import_price(home: Home, now: datetime) -> float | None:
    """Return what a kWh costs at ``now``, None: not known."""
    prices = home.prices
    if prices is None:
        return None
    return _price(prices.imported, prices.fixed_import, now)


def _export_price(home: Home, now: datetime) -> StateType:
    prices = home.prices
    if prices is None:
        return None
    return _price(prices.exported, prices.fixed_export, now)


def _level(home: Home, now: datetime) -> StateType:
    return None if home.price_levels is None else home.price_levels.at(now)


def _spans(home: Home, now: datetime) -> dict[str, Any]:
    """Say when it is cheap and when it is dear next, or until when it is."""
    found: dict[str, Any] = {}
    for level in (PriceLevel.CHEAP, PriceLevel.DEAR):
        span = home.price_levels and home.price_levels.next(level, now)
        start, end = span or (None, None)
        found[f"{level}_from"] = start and dt_util.as_local(start).isoformat()
        found[f"{level}_until"] = end and dt_util.as_local(end).isoformat()
    return found


PRICES: Final = (
    PriceSensorDescription(
        key="import_price",
        translation_key="import_price",
        suggested_display_precision=3,
        value_fn=import_price,
    ),
    PriceSensorDescription(
        key="export_price",
        translation_key="export_price",
        suggested_display_precision=3,
        value_fn=_export_price,
    ),
)
OTHERS: Final = (
    PriceSensorDescription(
        key="price_level",
        translation_key="price_level",
        device_class=SensorDeviceClass.ENUM,
        options=[level.value for level in PriceLevel],
        value_fn=_level,
        attributes_fn=_spans,
    ),
    PriceSensorDescription(
        key="surplus",
        translation_key="surplus",
        value_fn=lambda home, _: surplus_w(home),
        **(POWER | MEASURED),
    ),
)


class PriceSensor(HomeEntity, SensorEntity):
    """A value of the home at this moment."""

    entity_description: PriceSensorDescription

    def __init__(self, home: Home, description: PriceSensorDescription) -> None:
        """Write at most as often as the user wants it recorded."""
        super().__init__(home, description)
        self._recorded = Recorded(home.hass.loop.time, home.settings.record_interval_s)
        if description in PRICES:
            currency = home.hass.config.currency
            unit = f"{currency}/{UnitOfEnergy.KILO_WATT_HOUR}"
            self._attr_native_unit_of_measurement = unit
            self._attr_state_class = SensorStateClass.MEASUREMENT

    @callback
    @override
    def update(self) -> None:
        """Write the state when it is due."""
        now = dt_util.utcnow()
        value = self.entity_description.value_fn(self.home, now)
        if self._recorded.due(value):
            self._attr_native_value = value
            if self.entity_description.attributes_fn is not None:
                self._attr_extra_state_attributes = (
                    self.entity_description.attributes_fn(self.home, now)
                )
            self.async_write_ha_state()
