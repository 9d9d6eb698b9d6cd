"""What the forms say of a device's phases, as the fast loop takes it."""

from collections.abc import Mapping
from typing import Any, Final

UNKNOWN: Final = "unknown"
ALL: Final = "all"


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
