"""Conditions for automations: how cheap it is, what the sun leaves, who limits."""

from typing import Any, Final, override

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR_DOMAIN
from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.const import CONF_OPTIONS, STATE_ON
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.condition import (
    ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL,
    Condition,
    ConditionConfig,
    EntityConditionBase,
)
import probatio

from cem_core.insight.price_level import PriceLevel
from custom_components.cem.describe import number_of
from custom_components.cem.entity import ours

_LEVELS: Final = [level.value for level in PriceLevel]


def _with(option: probatio.Marker, value: Any) -> probatio.Schema:  # noqa: ANN401 - probatio's own types are not known to HA 2026.9
    return ENTITY_STATE_CONDITION_SCHEMA_ANY_ALL.extend(
        {probatio.Required(CONF_OPTIONS): {option: value}}
    )


class _OurCondition(EntityConditionBase):
    """Looks at the homes' entities of one key."""

    _key: str

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Of a target's entities take ours of that key."""
        return ours(self._hass, super().entity_filter(entities), self._key)


class PriceIs(_OurCondition):
    """Energy is cheap, normal or dear for its day."""

    _domain_specs = {SENSOR_DOMAIN: DomainSpec()}  # noqa: RUF012 - the base's form
    _key = "price_level"
    _schema = _with(
        probatio.Required("level"),
        probatio.All(cv.ensure_list, probatio.Length(min=1), [probatio.In(_LEVELS)]),
    )

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take what is asked for."""
        super().__init__(hass, config)
        self._levels = frozenset((config.options or {})["level"])

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Tell whether it is one of the levels."""
        return entity_state.state in self._levels


class SurplusAbove(_OurCondition):
    """The sun gives so much more than the house uses."""

    _domain_specs = {SENSOR_DOMAIN: DomainSpec()}  # noqa: RUF012 - the base's form
    _key = "surplus"
    _schema = _with(
        probatio.Required("power_w"),
        probatio.All(probatio.Coerce(float), probatio.Range(min=0)),
    )

    def __init__(self, hass: HomeAssistant, config: ConditionConfig) -> None:
        """Take what is asked for."""
        super().__init__(hass, config)
        self._power_w: float = (config.options or {})["power_w"]

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Tell whether it is more."""
        surplus_w = number_of(entity_state)
        return surplus_w is not None and surplus_w > self._power_w


class LimitInForce(_OurCondition):
    """An operator's limit holds."""

    _domain_specs = {BINARY_SENSOR_DOMAIN: DomainSpec()}  # noqa: RUF012 - the base's form
    _key = "limit_in_force"

    @override
    def is_valid_state(self, entity_state: State) -> bool:
        """Tell whether one holds."""
        return entity_state.state == STATE_ON


async def async_get_conditions(hass: HomeAssistant) -> dict[str, type[Condition]]:
    """Return the conditions by name."""
    return {
        "price_is": PriceIs,
        "surplus_above": SurplusAbove,
        "limit_in_force": LimitInForce,
    }
