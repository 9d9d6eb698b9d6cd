"""What makes a month's peak: the import that a battery could hold, and rare loads.

The highest mean of a month is made by one rare hour, which no forecast of a day
shows: it is met with what is in the battery by chance, unless some is kept. To
hold import at G, a store must hold the most that was ever drawn above G before it
could be charged again below G; the last weeks say how low G could have been. And
they say, by hour of the day, how high a load may come, and how seldom.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from optimizer.home import Battery
from optimizer.series import Numbers

_SHARE: Final = 0.5
_TRIES: Final = 16
_BESIDE_H: Final = 1.5
_WEIGHT: Final = 4.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rare:
    """The highest net power in kW by step of the clock's day, and its probability."""

    by_clock_kw: Numbers
    share: float

    def net_kw(self, clock: NDArray[np.int64], planned_kw: Numbers) -> Numbers:
        """Return the rare net power of steps with these numbers of the clock."""
        places = clock % len(self.by_clock_kw)
        return np.asarray(self.by_clock_kw[places] + planned_kw[: len(clock)])


def rare_loads(net_kw: Numbers, clock: NDArray[np.int64], per_day: int) -> Rare:
    """Return the highest of ``net_kw`` within an hour and a half of each clock time.

    ``clock`` numbers the local clock's steps from the first of ``net_kw`` on.
    """
    highest = np.full(per_day, -np.inf)
    np.maximum.at(highest, clock[: len(net_kw)] % per_day, net_kw)
    highest = np.where(np.isfinite(highest), highest, net_kw.max())
    width = max(1, round(_BESIDE_H * per_day / 24))
    around = np.max([np.roll(highest, k) for k in range(-width, width + 1)], axis=0)
    days = max(len(net_kw) / per_day, 1.0)
    return Rare(by_clock_kw=around, share=_WEIGHT / (days * (2 * width + 1)))


def holdable(battery: Battery, net_kw: Numbers, hours: float, per_day: int) -> Numbers:
    """Return by day the lowest import in kW that a share of the battery could hold.

    ``net_kw`` is load minus production of the last weeks, at least a day; what is
    more than whole days is left out at its beginning.
    """
    usable = _SHARE * max(battery.capacity_kwh - battery.min_energy_kwh, 0.0)
    high = max(float(net_kw.max()), 0.0)
    low = max(high - battery.discharge_limit_kw, float(net_kw.mean()), 0.0)
    targets = np.linspace(min(low, high), high, _TRIES)
    needed = _needed_kwh(battery, net_kw, hours, targets)
    days = len(net_kw) // per_day
    by_day = needed[len(needed) - days * per_day :].reshape(days, per_day, -1)
    fits = by_day.max(axis=1) <= usable
    return np.where(fits.any(axis=1), targets[fits.argmax(axis=1)], high)


def _needed_kwh(
    battery: Battery, net_kw: Numbers, hours: float, targets_kw: Numbers
) -> Numbers:
    """Return what each target has drawn from a store, shape (steps, targets)."""
    missing = np.zeros(len(targets_kw))
    needed = np.zeros((len(net_kw), len(targets_kw)))
    for t, net in enumerate(net_kw):
        above = net - targets_kw
        drawn = np.maximum(above, 0.0) / battery.discharge_efficiency
        stored = np.minimum(np.maximum(-above, 0.0), battery.charge_limit_kw)
        missing += hours * (drawn - battery.charge_efficiency * stored)
        missing = needed[t] = np.maximum(missing, 0.0)
    return needed
