"""Number entities as they describe themselves: range, step, unit."""

import math
from typing import Any, Final

from homeassistant.core import State

ATTR_MIN: Final = "min"
ATTR_MAX: Final = "max"
ATTR_STEP: Final = "step"
ATTR_UNIT: Final = "unit_of_measurement"


def number_range(state: State) -> tuple[float, float, float]:
    """Return least, most and step of a number entity in its own unit."""
    return (
        _attribute(state, ATTR_MIN, 0.0),
        _attribute(state, ATTR_MAX, 100.0),
        _attribute(state, ATTR_STEP, 1.0),
    )


def _attribute(state: State, name: str, otherwise: float) -> float:
    value = finite(state.attributes.get(name))
    return otherwise if value is None else value


def finite(value: Any) -> float | None:  # noqa: ANN401 - what an entity says
    """Return ``value`` as a number, or None: nonsense is not a number."""
    try:
        number = float(value)
    except OverflowError, TypeError, ValueError:
        return None
    return number if math.isfinite(number) else None


def scale_w(state: State) -> float:
    """Return how many W one of the entity's units of power is."""
    return 1000.0 if state.attributes.get(ATTR_UNIT) == "kW" else 1.0
