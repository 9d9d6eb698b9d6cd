"""On which phases a device stands: what a fuse per phase has to know of it."""

from typing import Final

from custom_components.cem.forms.field import EntityNeeds, choice, entity
from custom_components.cem.phases import ALL, UNKNOWN

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
