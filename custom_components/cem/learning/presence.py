"""Whether anybody is at home, of whatever entity says so."""

from collections.abc import Mapping
from typing import Final

from homeassistant.const import STATE_NOT_HOME, STATE_ON
from homeassistant.core import State

# A switch that says "away"; who is somewhere; how many are in a zone.
_AWAY: Final[Mapping[str, str]] = {
    "binary_sensor": STATE_ON,
    "input_boolean": STATE_ON,
    "person": STATE_NOT_HOME,
    "device_tracker": STATE_NOT_HOME,
    "group": STATE_NOT_HOME,
    "zone": "0",
}
DOMAINS: Final = tuple(_AWAY)


def is_away(state: State) -> bool:
    """Tell whether ``state`` says that nobody is there."""
    return state.state == _AWAY.get(state.domain)
