"""On which phases a device stands: what a fuse per phase has to know of it."""

from collections.abc import Mapping
from typing import Any, Final

from custom_components.cem.forms.field import EntityNeeds, choice, entity

UNKNOWN: Final = "unknown"
ALL: Final = "all"

PHASE: Final = choice(
    "phase", (UNKNOWN, "1", "2", "3", ALL), default=UNKNOWN, advanced=True
)
# A charger tells the number of its phases apart: here is the one of its L1.
FIRST_PHASE: Final = choice(
    "phase", (UNKNOWN, "1", "2", "3"), default=UNKNOWN, advanced=True
)
PHASES_IN_USE: Final = entity(
    "phases_in_use",
    EntityNeeds(domains=("sensor", "number", "input_number", "select")),
    advanced=True,
)


def on_phases(data: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the answers say of the phases, as fields of a `Device`."""
    count, phase = int(data.get("phases", 1)), data.get("phase", UNKNOWN)
    if phase == UNKNOWN:
        return {"phase_count": count}
    first = 1 if phase == ALL else int(phase)
    if phase == ALL:
        count = 3
    return {
        "phases": tuple((first - 1 + place) % 3 + 1 for place in range(count)),
        "phase_count": count,
    }
