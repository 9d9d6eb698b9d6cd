"""An actuator as one of several ways to fill a storage of HOME, or to meet a demand."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from cem_core.s2.modes import Actuator, Mode
from cem_core.s2.power import Span
from cem_core.s2.stages import STANDBY_W, stages

_KW: Final = 1000.0


def source(
    modes: Sequence[Mode], actuator: Actuator, now: datetime, w_per_rate: float
) -> dict[str, Any] | None:
    """Return how it fills and runs, None where it fills nothing.

    ``w_per_rate`` is what fills by a rate of 1, in W of the storage. One that draws no
    electricity is measured by what it fills.
    """
    usual = [mode for mode in modes if not mode.abnormal_only]
    electric = any(mode.power_w.high > STANDBY_W for mode in usual)

    def measured(mode: Mode) -> Span:
        if electric:
            return mode.power_w
        return Span(mode.rate.start * w_per_rate, mode.rate.end * w_per_rate)

    found = stages(usual, actuator, now, measured)
    strongest = max(usual, key=lambda mode: measured(mode).high, default=None)
    if not found or strongest is None:
        return None
    filled_w = max(strongest.rate.high, 0.0) * w_per_rate
    efficiency = filled_w / measured(strongest).high
    if efficiency <= 0:
        return None
    return {**found, "electric": electric, "efficiency": efficiency}


def together(found: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the fields of a storage that ``found`` fill: the first and its sources.

    The first is electric, as a storage's own power is. Empty where none is.
    """
    own = next((each for each in found if each["electric"]), None)
    if own is None:
        return {}
    others = [each for each in found if each is not own]
    fields = {key: value for key, value in own.items() if key != "electric"}
    if others:
        fields["sources"] = [
            {"id": str(place), **each} for place, each in enumerate(others, start=2)
        ]
    return fields
