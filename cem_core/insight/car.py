"""When a car leaves and how much it needs, by weekday, from its own stays.

A stay counts for the weekday of its departure; older ones weigh less. What is
learned is prudent: the energy that is enough on four days of five, a departure
that is early on four of five.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from cem_core.insight.distribution import weighted_quantile

_PRUDENT: Final = 0.8
_RECENCY_DAYS: Final = 45.0
_OTHER_DAY: Final = 0.25
_PRIOR: Final = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Stay:
    """One stay at the charger, in the home's local time."""

    arrive: datetime
    depart: datetime
    energy_kwh: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Habit:
    """What a departure on a weekday asks for; ``stays`` is what it rests on."""

    depart_hour: float
    energy_kwh: float
    stays: float


_START: Final = Habit(depart_hour=7.0, energy_kwh=12.0, stays=0.0)
"""Before the first stay: 12 kWh is about a day's drive of 60 km."""


def car_habit(stays: Sequence[Stay], weekday: int, now: datetime) -> Habit:
    """Return what the car needs on ``weekday`` (0 is Monday).

    Stays of other weekdays count for a quarter, those of workdays among each
    other for a half, so that a second week already says something.
    """
    past = [stay for stay in stays if stay.depart <= now]
    if not past:
        return _START
    weights = [_weight(stay, weekday, now) for stay in past]
    values = [[stay.energy_kwh for stay in past], [_hour(stay) for stay in past]]
    table = np.array(values).T
    table = np.vstack([table, [_START.energy_kwh, _START.depart_hour]])
    used = np.array([*weights, _PRIOR * np.exp(-sum(weights))])[:, None]
    energy = weighted_quantile(table[:, :1], used, _PRUDENT)
    depart = weighted_quantile(table[:, 1:], used, 1.0 - _PRUDENT)
    return Habit(
        depart_hour=float(depart[0]),
        energy_kwh=float(energy[0]),
        stays=float(sum(weights)),
    )


def _weight(stay: Stay, weekday: int, now: datetime) -> float:
    age_days = (now - stay.depart).total_seconds() / 86_400
    own = stay.depart.weekday()
    if own == weekday:
        same = 1.0
    elif (own < _SATURDAY) == (weekday < _SATURDAY):
        same = 2 * _OTHER_DAY
    else:
        same = _OTHER_DAY
    return same * float(np.exp(-age_days / _RECENCY_DAYS))


_SATURDAY: Final = 5


def _hour(stay: Stay) -> float:
    return stay.depart.hour + stay.depart.minute / 60
