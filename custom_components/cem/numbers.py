"""Number entities as they describe themselves: range, step, unit."""

from typing import Final

from homeassistant.core import State

ATTR_MIN: Final = "min"
ATTR_MAX: Final = "max"
ATTR_STEP: Final = "step"
ATTR_UNIT: Final = "unit_of_measurement"


def number_range(state: State) -> tuple[float, float, float]:
    """Return least, most and step of a number entity in its own unit."""
    attributes = state.attributes
    return (
        float(attributes.get(ATTR_MIN, 0)),
        float(attributes.get(ATTR_MAX, 100)),
        float(attributes.get(ATTR_STEP, 1)),
    )


def scale_w(state: State) -> float:
    """Return how many W one of the entity's units of power is."""
    return 1000.0 if state.attributes.get(ATTR_UNIT) == "kW" else 1.0
