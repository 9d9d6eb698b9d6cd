"""The home's own sensors: the connection point, its limits, the plan."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.typing import StateType

from cem_core.exchange import NOT_FOR_BILLING
from cem_core.insight.savings import row, usual_error
from cem_core.limits.limitation import LimitationState
from cem_core.model import Direction, PlanStatus, Scope
from custom_components.cem.entity import HomeEntity, Recorded
from custom_components.cem.home import Home
from custom_components.cem.limit_view import why
from custom_components.cem.marks import grid_quality, load_quality
from custom_components.cem.sensor_shapes import MEASURED, POWER
from custom_components.cem.view import distance_w


@dataclass(frozen=True, kw_only=True)
class HomeSensorDescription(SensorEntityDescription):
    """A value read off the home."""

    value_fn: Callable[[Home], StateType]
    attributes_fn: Callable[[Home], dict[str, Any]] | None = None
    exists_fn: Callable[[Home], bool] = lambda _: True


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
        value_fn=value_fn,
        attributes_fn=attributes_fn,
        **(POWER | MEASURED if measured else POWER),
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

# In a home in Germany: what an operator has to leave (§14a EnWG).
MINIMUM: Final = _power("minimum_owed", lambda home: home.minimum_w, measured=False)


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
