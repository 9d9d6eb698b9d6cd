"""The import that a battery could have held, and the energy that takes.

The highest mean of a month is made by one rare hour, which no forecast of a day
shows: it is met with what is in the battery by chance, unless some is kept. How
much is read off the last weeks: to hold import at G, a store must hold the most
that was ever drawn above G before it could be charged again below G.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from optimizer.home import Battery
from optimizer.series import Numbers

_SHARE: Final = 0.25  # of the usable capacity; the rest is for prices
_TRIES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Holdable:
    """Hold import at ``import_kw`` by keeping ``reserve_kwh`` above the minimum."""

    import_kw: float
    reserve_kwh: float


def holdable(battery: Battery, net_kw: Numbers, hours: float) -> Holdable:
    """Return the lowest import that a share of the battery could have held.

    ``net_kw`` is load minus production of the last weeks, not empty.
    """
    usable = _SHARE * max(battery.capacity_kwh - battery.min_energy_kwh, 0.0)
    high = max(float(net_kw.max()), 0.0)
    low = max(high - battery.discharge_limit_kw, float(net_kw.mean()), 0.0)
    targets = np.linspace(min(low, high), high, _TRIES)
    needed = _needed_kwh(battery, net_kw, hours, targets)
    fits = np.flatnonzero(needed <= usable)
    chosen = int(fits[0]) if len(fits) else _TRIES - 1
    return Holdable(import_kw=float(targets[chosen]), reserve_kwh=float(needed[chosen]))


def _needed_kwh(
    battery: Battery, net_kw: Numbers, hours: float, targets_kw: Numbers
) -> Numbers:
    """Return the store that each target would have emptied."""
    missing, most = np.zeros(len(targets_kw)), np.zeros(len(targets_kw))
    for net in net_kw:
        above = net - targets_kw
        drawn = np.maximum(above, 0.0) / battery.discharge_efficiency
        stored = np.minimum(np.maximum(-above, 0.0), battery.charge_limit_kw)
        missing += hours * (drawn - battery.charge_efficiency * stored)
        missing = np.maximum(missing, 0.0)
        most = np.maximum(most, missing)
    return most
