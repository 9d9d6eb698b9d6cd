"""What energy in a battery is expected to be worth: stochastic dynamic programming.

    V[T](E) = end(E)
    V[t](E) = mean over k of max over P of  -cost(net[t, k] + P) dt + V[t+1](E')

The load of a step is known to the battery while the step runs (it balances on
every telegram) but not when the plan is made, so that the mean is outside the
maximum. A plan on one expected load has a value per kWh that jumps from one price
to the next; this one knows how likely it is that a kWh is used at all. With V
concave the best power follows from four levels of energy (`levels`), which are
read off its slope: no search over powers.

Bellman, Dynamic Programming (1957); for a store with a price, levels as the
optimal policy: Secomandi, Management Science 56 (2010) 449.
"""

from collections.abc import Sequence
from dataclasses import dataclass
import math

import numpy as np

from optimizer.backtest.levels import Levels
from optimizer.backtest.peaks import PeakPrice
from optimizer.home import Battery
from optimizer.series import Numbers

_CELLS = 40
_MARGIN = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Prospect:
    """What is expected: per step prices and equally likely net powers in kW.

    ``net_kw`` has shape (steps, K). ``peak`` prices import above what was billed
    already. Beside the points stands, with the probability ``rare_share`` in each
    step, a net power of ``rare_kw``.
    """

    hours: float
    import_price: Numbers
    export_price: Numbers
    net_kw: Numbers
    peak: PeakPrice | None = None
    rare_kw: Numbers | None = None
    rare_share: float = 0.0
    export_limit_kw: float = math.inf


@dataclass(frozen=True, slots=True)
class _Value:
    """The value in currency of each energy, in between by straight lines."""

    energies_kwh: Numbers
    value: Numbers

    def at(self, energy_kwh: Numbers) -> Numbers:
        return np.asarray(np.interp(energy_kwh, self.energies_kwh, self.value))


def grid_kwh(battery: Battery) -> Numbers:
    """Return the energies at which the value is kept."""
    low = min(battery.min_energy_kwh, battery.capacity_kwh)
    return np.linspace(low, battery.capacity_kwh, _CELLS + 1)


def stored_value(
    battery: Battery, prospect: Prospect, end_value: Numbers
) -> Sequence[Levels]:
    """Return the levels to keep in each step.

    ``end_value`` is the value in currency of each energy of `grid_kwh` after the
    last step.
    """
    energies = grid_kwh(battery)
    value = end_value
    steps = len(prospect.import_price)
    chosen: list[Levels] = []
    for t in range(steps - 1, -1, -1):
        levels = _levels(battery, prospect, t, energies, value)
        chosen.append(levels)
        if t:
            value = _before(battery, prospect, t, levels, _Value(energies, value))
    chosen.reverse()
    return chosen


def _levels(
    battery: Battery, prospect: Prospect, t: int, energies: Numbers, value: Numbers
) -> Levels:
    slope = np.diff(value) / np.diff(energies)
    # The mean of concave functions is concave; rounding must not undo it.
    slope = np.minimum.accumulate(slope)
    gain, loss = battery.charge_efficiency, battery.discharge_efficiency
    peak = prospect.peak
    buy, sell = float(prospect.import_price[t]), float(prospect.export_price[t])

    def filled_while_worth(price: float) -> float:
        worth = int(np.count_nonzero(slope * gain > price + _MARGIN))
        return float(energies[worth]) if worth else -math.inf

    def emptied_while_worth(price: float) -> float:
        kept = slope >= (price - battery.wear_per_kwh) * loss - _MARGIN
        count = int(np.count_nonzero(kept))
        return float(energies[count]) if count < len(slope) else math.inf

    bought, sold = filled_while_worth(buy), emptied_while_worth(sell)
    return Levels(
        buy_kwh=bought,
        store_kwh=max(bought, filled_while_worth(sell)),
        cover_kwh=min(sold, emptied_while_worth(buy)),
        sell_kwh=sold,
        peaks_kw=() if peak is None else tuple(peak.above_kw[t].tolist()),
        shave_kwh=()
        if peak is None
        else tuple(emptied_while_worth(buy + float(p)) for p in peak.per_kwh[t]),
        export_limit_kw=prospect.export_limit_kw,
    )


def _before(
    battery: Battery,
    prospect: Prospect,
    t: int,
    levels: Levels,
    worth: _Value,
) -> Numbers:
    """Return the value at the start of step ``t``; ``worth`` is that at its end."""
    hours, energies = prospect.hours, worth.energies_kwh
    net = prospect.net_kw[t][None, :]
    if prospect.rare_kw is not None:
        net = np.append(net, [[prospect.rare_kw[t]]], axis=1)
    held = energies[:, None]
    power = levels.power_kw(battery, held, net, hours)
    charge, discharge = np.maximum(power, 0.0), np.maximum(-power, 0.0)
    after = held + hours * (
        battery.charge_efficiency * charge - discharge / battery.discharge_efficiency
    )
    flow = net + power
    cost = np.where(
        flow > 0, prospect.import_price[t] * flow, prospect.export_price[t] * flow
    )
    cost = cost + battery.wear_per_kwh * discharge
    peak = prospect.peak
    if peak is not None:
        rises = np.diff(peak.per_kwh[t], prepend=0.0)
        for above_kw, rise in zip(peak.above_kw[t], rises, strict=True):
            if rise > 0:
                cost = cost + rise * np.maximum(flow - above_kw, 0.0)
    found = worth.at(after) - hours * cost
    if prospect.rare_kw is None:
        return np.asarray(found.mean(axis=1))
    rare = prospect.rare_share
    return np.asarray((1.0 - rare) * found[:, :-1].mean(axis=1) + rare * found[:, -1])
