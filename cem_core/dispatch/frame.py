"""All that the stages of one dispatch look at."""

from collections.abc import Sequence
from dataclasses import dataclass

from cem_core.dispatch.live import Live
from cem_core.dispatch.memory import Memory
from cem_core.dispatch.settings import DispatchSettings
from cem_core.limits import PEAK_ISSUER
from cem_core.model import LimitsInForce, PowerLimit, Priority, Reading


@dataclass(slots=True, kw_only=True)
class Frame:
    """One telegram: the devices, the limits, and what was worked out so far.

    ``protected_first`` are the devices whose power can be changed, those that
    keep it longest first; ``fixed`` are the others; ``slow``, ``restrained`` and
    ``stores`` as in `Fleet`. ``grid_w`` is the power at
    the connection, ``uncontrolled_w`` that without those devices of the former
    whose power is known; both are None while the meter is silent. ``own_supply_w``
    is what a limit on grid draw leaves out, ``guaranteed_w`` what an operator has to
    leave. ``chance`` is drawn evenly from 0 to 1. ``protects``: a device has to heat.
    """

    lives: Sequence[Live]
    protected_first: Sequence[Live]
    fixed: Sequence[Live]
    limits: LimitsInForce
    settings: DispatchSettings
    memory: Memory
    at_s: float
    elapsed_s: float
    reading: Reading | None
    reading_s: float
    grid_w: int | None
    guaranteed_w: int
    chance: float
    uncontrolled_w: float | None = None
    slow: Sequence[Live] = ()
    restrained: Sequence[Live] = ()
    stores: Sequence[Live] = ()
    own_supply_w: int = 0
    protects: bool = False

    @property
    def waiting(self) -> bool:
        """Tell whether the first telegram after a start is still to come."""
        waited_s = self.at_s - self.reading_s
        return self.reading is None and waited_s <= self.settings.meter_silent_after_s


def applies(limit: PowerLimit | None, live: Live) -> bool:
    """Tell whether a limit may be kept with the help of ``live``.

    A device that a person or itself has in hand is limited by every limit in
    force; one that is not to be commanded at all only by the grid operator's
    order and by the meter. Without a limit power is given back gradually, but
    at once to a device that is not to be commanded.
    """
    if live.commanded:
        return True
    state = live.state
    if state is None:
        return False
    if limit is None:
        return live.was_limited and state.enabled
    return state.enabled or limit.reaches_all


def may_turn_down(limit: PowerLimit | None, live: Live) -> bool:
    """Tell whether ``live`` may be turned down for a limit."""
    if limit is not None and spares(limit, live):
        return False
    return applies(limit, live)


def spares(limit: PowerLimit, live: Live, *, blindly: bool = False) -> bool:
    """Tell whether ``live`` has to heat and ``limit`` leaves it as it is.

    So does one that is about money alone: a peak that costs, flexibility that was
    sold. ``blindly``: nobody measures what it bounds; then only an operator's or the
    meter's own does not, as a contract may well be kept.
    """
    if live.protection is None:
        return False
    costs = limit.priority is Priority.MARKET or limit.issuer == PEAK_ISSUER
    return costs or (blindly and not limit.reaches_all)
