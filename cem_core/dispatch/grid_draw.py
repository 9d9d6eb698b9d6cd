"""What of controllable devices' consumption does not come from the grid.

A limit by grid draw bounds only what the devices draw beyond own production that no
other load uses (BNetzA BK6-22-300, annex 1, 2.3). What nobody measures is not there:
a silent inverter produces nothing. A battery's discharge counts as far as it is
measured, was asked for at this telegram and can last; then it may not charge.
"""

from collections.abc import Iterable

from cem_core.dispatch.frame import Frame
from cem_core.dispatch.live import Live
from cem_core.dispatch.settings import DispatchSettings
from cem_core.model import Basis, Direction, Scope

_SECONDS_PER_HOUR = 3600


def own_supply_w(frame: Frame) -> int:
    """Return what the limit in force on controllable devices leaves out, in W.

    0 where it bounds all that they consume, and while the meter is silent: nobody
    knows then what the rest of the house uses.
    """
    limit = frame.limits.get(Direction.IMPORT, Scope.CONTROLLABLE)
    if limit is None or limit.basis is not Basis.GRID_DRAW:
        return 0
    if frame.uncontrolled_w is None:
        return 0
    supply_w = _produced_w(frame.lives) + _discharged_w(frame.lives, frame.settings)
    other_w = frame.uncontrolled_w + _other_w(frame.protected_first)
    free_w = max(0, round(supply_w - max(0.0, other_w)))
    whole = frame.limits.consumption
    return free_w if whole is None else min(free_w, whole.limit_w - limit.limit_w)


def _produced_w(lives: Iterable[Live]) -> int:
    """Return the production that is measured and is not about to be turned down."""
    return sum(
        live.now_w if live.power_w is None else min(live.now_w, live.power_w)
        for live in lives
        if live.solar and live.measured_w is not None
    )


def _discharged_w(lives: Iterable[Live], settings: DispatchSettings) -> float:
    total_w = 0.0
    for live in lives:
        if not live.battery or live.measured_w is None:
            continue
        asked_w = -(live.power_w or 0)
        power_w = min(-live.measured_w, asked_w, _lasting_w(live, settings))
        if power_w > 0:
            live.most_able_w = 0  # what is counted as a source may not charge
            total_w += power_w
    return total_w


def _lasting_w(live: Live, settings: DispatchSettings) -> float:
    """Return the discharge that it can keep up; unknown energy is none."""
    charge = None if live.state is None else live.state.state_of_charge
    if charge is None:
        return 0.0
    device = live.device
    usable_wh = max(0.0, charge - device.least_state_of_charge) * device.capacity_wh
    return usable_wh * _SECONDS_PER_HOUR / settings.sustain_s


def _other_w(changeable: Iterable[Live]) -> int:
    """Return what devices draw that could be turned down but do not count."""
    return sum(
        max(0, live.now_w)
        for live in changeable
        if live.known and not live.solar and not live.device.counts_as_controllable
    )
