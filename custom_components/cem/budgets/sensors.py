"""Sensors of a budget: what is used, how it will end, and the share of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, override

from homeassistant.components.sensor import (
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import PERCENTAGE
from homeassistant.core import callback
from homeassistant.helpers.device_registry import DeviceInfo
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from cem_core.exchange import NOT_FOR_BILLING
from cem_core.insight.budget import Progress
from custom_components.cem.budgets.budget import Budget
from custom_components.cem.const import DOMAIN
from custom_components.cem.entity import HomeEntity
from custom_components.cem.home import Home


@dataclass(frozen=True, kw_only=True)
class BudgetSensorDescription(SensorEntityDescription):
    """A value of a budget that is counted."""

    value_fn: Callable[[Progress], float | None]


BUDGET_SENSORS: Final = (
    BudgetSensorDescription(
        key="budget_used",
        translation_key="budget_used",
        state_class=SensorStateClass.TOTAL,
        suggested_display_precision=1,
        value_fn=lambda found: round(found.used, 3),
    ),
    BudgetSensorDescription(
        key="budget_expected",
        translation_key="budget_expected",
        suggested_display_precision=1,
        value_fn=lambda found: (
            None if found.expected is None else round(found.expected, 3)
        ),
    ),
    BudgetSensorDescription(
        key="budget_share",
        translation_key="budget_share",
        native_unit_of_measurement=PERCENTAGE,
        suggested_display_precision=0,
        value_fn=lambda found: round(100 * found.share, 1),
    ),
)


def add_budget_sensors(home: Home, add: AddConfigEntryEntitiesCallback) -> None:
    """Add the sensors of each budget under its subentry."""
    for standing in home.budgets.values():
        budget = standing.budget
        add(
            [BudgetSensor(home, budget, each) for each in BUDGET_SENSORS],
            config_subentry_id=budget.budget_id,
        )


class BudgetSensor(HomeEntity, SensorEntity):
    """A value of one budget."""

    entity_description: BudgetSensorDescription

    def __init__(
        self, home: Home, budget: Budget, description: BudgetSensorDescription
    ) -> None:
        """Belong to the budget's own entry in the device registry."""
        super().__init__(home, description)
        self._budget = budget
        self._shown: Progress | None = None
        self._attr_unique_id = f"{budget.budget_id}_{description.key}"
        self._attr_device_info = DeviceInfo(
            identifiers={(DOMAIN, budget.budget_id)},
            name=budget.name,
            manufacturer="CEM",
            model="Budget",
        )
        if description.native_unit_of_measurement is None:
            currency = home.hass.config.currency
            self._attr_native_unit_of_measurement = budget.unit(currency)

    @callback
    @override
    def update(self) -> None:
        """Write the state when it was counted anew."""
        found = self.home.budgets[self._budget.budget_id].progress
        if found is self._shown:
            return
        self._shown = found
        self._attr_native_value = (
            None if found is None else self.entity_description.value_fn(found)
        )
        self._attr_extra_state_attributes = self._said(found)
        if self.entity_description.state_class is not None:
            self._attr_last_reset = None if found is None else found.start
        self.async_write_ha_state()

    def _said(self, found: Progress | None) -> dict[str, Any]:
        said: dict[str, Any] = {
            "budget": self._budget.amount,
            "billing": NOT_FOR_BILLING,
        }
        if found is not None:
            said["counted_until"] = found.until.isoformat()
        return said
