"""A battery's real efficiency and capacity, from its own power and state of charge.

    dSOC capacity = dt (eta charge - discharge / eta)

Between two moments of equal state of charge the energy given over the energy drawn
is eta squared; the capacity is the slope of stored energy over state of charge.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from cem_core.insight.distribution import Numbers

_ETA_BOUNDS: Final = (0.8, 1.0)
_CAPACITY_BOUNDS: Final = (0.5, 1.1)  # of the rated capacity
_PRIOR_CYCLES: Final = 0.5
_ROUND: Final = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryModel:
    """One-way efficiency and usable capacity; ``cycles`` is what it rests on."""

    efficiency: float = 0.95
    capacity_kwh: float
    cycles: float = 0.0


def fit_battery(
    power_kw: Numbers,
    state_of_charge: Numbers,
    *,
    hours: float,
    rated_kwh: float,
) -> BatteryModel:
    """Return what ``power_kw`` (positive charging) and the state of charge show.

    ``state_of_charge`` (0..1) is at the start of each step and at the end, one
    value more than powers. Where little was cycled the rated values stand.
    """
    start = BatteryModel(capacity_kwh=rated_kwh)
    drawn = np.maximum(power_kw, 0.0) * hours
    given = np.maximum(-power_kw, 0.0) * hours
    cycles = float(given.sum()) / rated_kwh
    if cycles <= 0:
        return start
    share = cycles / (cycles + _PRIOR_CYCLES)
    change = float(state_of_charge[-1] - state_of_charge[0])
    eta, capacity = start.efficiency, rated_kwh
    # Each needs the other: a few rounds settle both.
    for _ in range(_ROUND):
        eta = _efficiency(float(drawn.sum()), float(given.sum()), change * capacity)
        stored = np.cumsum(eta * drawn - given / eta)
        capacity = _slope(stored, state_of_charge[1:] - state_of_charge[0], rated_kwh)
    return BatteryModel(
        efficiency=share * eta + (1 - share) * start.efficiency,
        capacity_kwh=share * capacity + (1 - share) * rated_kwh,
        cycles=cycles,
    )


def _efficiency(drawn_kwh: float, given_kwh: float, kept_kwh: float) -> float:
    """Return the root of eta drawn - given / eta = kept, within bounds."""
    if drawn_kwh <= 0:
        return _ETA_BOUNDS[1]
    root = np.sqrt(kept_kwh**2 + 4 * drawn_kwh * given_kwh)
    return float(np.clip((kept_kwh + root) / (2 * drawn_kwh), *_ETA_BOUNDS))


def _slope(stored_kwh: Numbers, charge: Numbers, rated_kwh: float) -> float:
    """Return kWh per unit of state of charge, differences between distant steps."""
    lag = max(1, len(charge) // 50)
    energy, level = stored_kwh[lag:] - stored_kwh[:-lag], charge[lag:] - charge[:-lag]
    weight = float(level @ level)
    if weight <= 0:
        return rated_kwh
    lowest, highest = (share * rated_kwh for share in _CAPACITY_BOUNDS)
    return float(np.clip(float(level @ energy) / weight, lowest, highest))
