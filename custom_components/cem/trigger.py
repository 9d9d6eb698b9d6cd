"""Triggers for automations: what happened to limits, devices, the plan and the price."""

from typing import Any, Final, override

from homeassistant.components.binary_sensor import DOMAIN as BINARY_SENSOR_DOMAIN
from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.components.sensor import DOMAIN as SENSOR_DOMAIN
from homeassistant.const import CONF_FOR, CONF_OPTIONS, STATE_ON
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    ENTITY_STATE_TRIGGER_SCHEMA,
    EntityTriggerBase,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
    TriggerConfig,
)
import probatio

from cem_core.insight.price_level import PriceLevel
from cem_core.limits import Level
from cem_core.model import Direction
from custom_components.cem.const import (
    EVENT_LIMIT_ENDED,
    EVENT_LIMIT_ORDERED,
    EVENT_NEAR_LIMIT,
    EVENT_NEAR_LIMIT_CLEARED,
    EVENT_NOT_OBEYING,
    EVENT_PLAN_CHANGED,
)
from custom_components.cem.describe import number_of
from custom_components.cem.entity import ours

_DIRECTIONS: Final = [direction.value for direction in Direction]
_LEVELS: Final = [level.word for level in Level if level is not Level.CLEAR]
_PRICE_LEVELS: Final = [level.value for level in PriceLevel]


def _some_of(words: list[str]) -> Any:  # noqa: ANN401 - probatio's own types are not known to HA 2026.9
    return probatio.All(cv.ensure_list, probatio.Length(min=1), [probatio.In(words)])


class _EventTrigger(StatelessEntityTriggerBase):
    """Follows the homes' event entities of one key."""

    _domain_specs = {EVENT_DOMAIN: DomainSpec()}  # noqa: RUF012 - the base's form
    _event_type: str
    _tells_of: str = "limits"

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Of a target's event entities take those of ours that tell of it."""
        found = super().entity_filter(entities)
        return ours(self._hass, found, self._tells_of)

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        """Tell whether the event is one that is asked for."""
        return state.attributes.get("event_type") == self._event_type


class _LimitTrigger(_EventTrigger):
    """Follows what happens to limits of a flow."""

    _schema = ENTITY_STATE_TRIGGER_SCHEMA.extend(
        {
            probatio.Required(CONF_OPTIONS, default={}): {
                probatio.Optional("direction", default=_DIRECTIONS): _some_of(
                    _DIRECTIONS
                ),
            }
        }
    )

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take what is asked for."""
        super().__init__(hass, config)
        self._directions = frozenset(self._options["direction"])

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        """Tell whether the event is one that is asked for."""
        return (
            super().is_valid_state(state, report_not_triggered)
            and state.attributes.get("direction") in self._directions
        )


class NearLimitTrigger(_LimitTrigger):
    """A limit came near."""

    _event_type = EVENT_NEAR_LIMIT
    _schema = ENTITY_STATE_TRIGGER_SCHEMA.extend(
        {
            probatio.Required(CONF_OPTIONS, default={}): {
                probatio.Optional("direction", default=_DIRECTIONS): _some_of(
                    _DIRECTIONS
                ),
                probatio.Optional("level", default=_LEVELS): _some_of(_LEVELS),
            }
        }
    )

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take what is asked for."""
        super().__init__(hass, config)
        self._levels = frozenset(self._options["level"])

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        """Tell whether the event is one that is asked for."""
        return (
            super().is_valid_state(state, report_not_triggered)
            and state.attributes.get("level") in self._levels
        )


class NearLimitClearedTrigger(_LimitTrigger):
    """A limit is no longer near."""

    _event_type = EVENT_NEAR_LIMIT_CLEARED


class LimitOrderedTrigger(_LimitTrigger):
    """Somebody ordered a limit."""

    _event_type = EVENT_LIMIT_ORDERED


class LimitEndedTrigger(_LimitTrigger):
    """An ordered limit ended."""

    _event_type = EVENT_LIMIT_ENDED


class NotObeyingTrigger(_EventTrigger):
    """A device did not do what a limit needed of it."""

    _event_type = EVENT_NOT_OBEYING


class PlanChangedTrigger(_EventTrigger):
    """There is a new plan."""

    _event_type = EVENT_PLAN_CHANGED
    _tells_of = "plan"


class _StateTrigger(EntityTriggerBase):
    """Follows the homes' entities of one key; triggers when a state becomes valid."""

    _key: str

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Of a target's entities take ours of that key."""
        return ours(self._hass, super().entity_filter(entities), self._key)

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        """Tell whether it was not so before."""
        return not self._holds(from_state)

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        """Tell whether it is so now."""
        return self._holds(state)

    def _holds(self, state: State) -> bool:
        raise NotImplementedError


def _lasting(options: dict[probatio.Marker, Any]) -> probatio.Schema:
    """Return the schema of a trigger on a state, with how long it has to last."""
    lasts = {probatio.Optional(CONF_FOR): cv.positive_time_period}
    return ENTITY_STATE_TRIGGER_SCHEMA.extend(
        {probatio.Required(CONF_OPTIONS, default={}): {**options, **lasts}}
    )


class PriceBecomesTrigger(_StateTrigger):
    """Energy became cheap, normal or dear for its day."""

    _domain_specs = {SENSOR_DOMAIN: DomainSpec()}  # noqa: RUF012 - the base's form
    _key = "price_level"
    _schema = _lasting({probatio.Required("level"): _some_of(_PRICE_LEVELS)})

    @override
    def is_valid_transition(self, from_state: State, to_state: State) -> bool:
        """Tell whether the level is another, be the one before asked for or not."""
        return from_state.state != to_state.state

    @override
    def _holds(self, state: State) -> bool:
        return state.state in self._options["level"]


class SurplusRisesTrigger(_StateTrigger):
    """The sun began to give so much more than the house uses."""

    _domain_specs = {SENSOR_DOMAIN: DomainSpec()}  # noqa: RUF012 - the base's form
    _key = "surplus"
    _schema = _lasting(
        {
            probatio.Required("power_w"): probatio.All(
                probatio.Coerce(float), probatio.Range(min=0)
            )
        }
    )

    @override
    def _holds(self, state: State) -> bool:
        surplus_w = number_of(state)
        return surplus_w is not None and surplus_w > self._options["power_w"]


class NewPeakAheadTrigger(_StateTrigger):
    """The plan brings a new peak of the month."""

    _domain_specs = {BINARY_SENSOR_DOMAIN: DomainSpec()}  # noqa: RUF012 - the base's form
    _key = "new_peak_ahead"
    _schema = ENTITY_STATE_TRIGGER_SCHEMA

    @override
    def _holds(self, state: State) -> bool:
        return state.state == STATE_ON


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by name."""
    return {
        "near_limit": NearLimitTrigger,
        "near_limit_cleared": NearLimitClearedTrigger,
        "limit_ordered": LimitOrderedTrigger,
        "limit_ended": LimitEndedTrigger,
        "device_not_obeying": NotObeyingTrigger,
        "plan_changed": PlanChangedTrigger,
        "price_becomes": PriceBecomesTrigger,
        "surplus_rises": SurplusRisesTrigger,
        "new_peak_ahead": NewPeakAheadTrigger,
    }
