"""Triggers for automations: what happened to limits, devices and the plan."""

from typing import Any, Final, override

from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.const import CONF_OPTIONS
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.automation import DomainSpec
from homeassistant.helpers.trigger import (
    ENTITY_STATE_TRIGGER_SCHEMA,
    NotTriggeredReasonReporter,
    StatelessEntityTriggerBase,
    Trigger,
    TriggerConfig,
)
import probatio

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
from custom_components.cem.entity import ours

_DIRECTIONS: Final = [direction.value for direction in Direction]
_LEVELS: Final = [level.word for level in Level if level is not Level.CLEAR]


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


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by name."""
    return {
        "near_limit": NearLimitTrigger,
        "near_limit_cleared": NearLimitClearedTrigger,
        "limit_ordered": LimitOrderedTrigger,
        "limit_ended": LimitEndedTrigger,
        "device_not_obeying": NotObeyingTrigger,
        "plan_changed": PlanChangedTrigger,
    }
