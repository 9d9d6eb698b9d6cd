"""Triggers for automations: a limit came near, or is no longer."""

from typing import Any, Final, override

from homeassistant.components.event import DOMAIN as EVENT_DOMAIN
from homeassistant.const import CONF_OPTIONS
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import config_validation as cv, entity_registry as er
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
    DOMAIN,
    EVENT_NEAR_LIMIT,
    EVENT_NEAR_LIMIT_CLEARED,
)

_DIRECTIONS: Final = [direction.value for direction in Direction]
_LEVELS: Final = [level.word for level in Level if level is not Level.CLEAR]


def _some_of(words: list[str]) -> Any:  # noqa: ANN401 - probatio's own types are not known to HA 2026.9
    return probatio.All(cv.ensure_list, probatio.Length(min=1), [probatio.In(words)])


class _LimitTrigger(StatelessEntityTriggerBase):
    """Follows the homes' event entities for limits."""

    _domain_specs = {EVENT_DOMAIN: DomainSpec()}  # noqa: RUF012 - the base's form
    _event_type: str

    def __init__(self, hass: HomeAssistant, config: TriggerConfig) -> None:
        """Take what is asked for."""
        super().__init__(hass, config)
        self._directions = frozenset(self._options["direction"])

    @override
    def entity_filter(self, entities: set[str]) -> set[str]:
        """Of a target's event entities take those of ours that tell of limits."""
        registry = er.async_get(self._hass)
        return {
            entity_id
            for entity_id in super().entity_filter(entities)
            if (entry := registry.async_get(entity_id)) is not None
            and (entry.platform, entry.translation_key) == (DOMAIN, "limits")
        }

    @override
    def is_valid_state(
        self, state: State, report_not_triggered: NotTriggeredReasonReporter
    ) -> bool:
        """Tell whether the event is one that is asked for."""
        said = state.attributes
        return (
            said.get("event_type") == self._event_type
            and said.get("direction") in self._directions
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
    _schema = ENTITY_STATE_TRIGGER_SCHEMA.extend(
        {
            probatio.Required(CONF_OPTIONS, default={}): {
                probatio.Optional("direction", default=_DIRECTIONS): _some_of(
                    _DIRECTIONS
                ),
            }
        }
    )


async def async_get_triggers(hass: HomeAssistant) -> dict[str, type[Trigger]]:
    """Return the triggers by name."""
    return {
        "near_limit": NearLimitTrigger,
        "near_limit_cleared": NearLimitClearedTrigger,
    }
