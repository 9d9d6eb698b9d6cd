"""How the one actuator of a battery changes between charging, giving and resting."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from cem_core.s2.modes import Actuator, Mode
from cem_core.s2.power import Span
from cem_core.s2.stages import STANDBY_W, drawn, least_turn, stages

# Without one of these a direction can be changed at will.
_ASKED: Final = (
    *("min_on_minutes", "min_off_minutes", "held_minutes"),
    *("start_minutes", "start_cost", "cost_per_hour"),
)


def ways_of(modes: Sequence[Mode], actuator: Actuator, now: datetime) -> dict[str, Any]:
    """Return what runs of charging and of giving are bound to, as fields of a battery.

    Empty where it changes at will, or where one mode does both.
    """
    usual = [mode for mode in modes if not mode.abnormal_only]
    charge = [mode for mode in usual if mode.power_w.high > STANDBY_W]
    give = [mode for mode in usual if mode.power_w.low < -STANDBY_W]
    if not charge or not give or any(mode in give for mode in charge):
        return {}
    found = {
        "charging": stages(usual, actuator, now, drawn),
        "giving": stages(usual, actuator, now, _given),
    }
    turn = least_turn(actuator, usual, charge, give)
    if not turn and not any(each.get(k) for each in found.values() for k in _ASKED):
        return {}
    return {**found, "turn_minutes": turn}


def _given(mode: Mode) -> Span:
    return Span(-mode.power_w.start, -mode.power_w.end)
