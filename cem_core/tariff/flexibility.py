"""What is paid for using less or more than a baseline, and for being able to.

An activation pays for each kWh of deviation in the direction that was asked for, up
to the power that was sold; what is missing of that costs a penalty. A reservation
pays for each kW that is held back for each hour, and costs one for what is not held.
The baseline is given, not estimated here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from cem_core.tariff.integration import Powers


class Deviation(StrEnum):
    """Which way the net power at the connection is to go."""

    REDUCE = "reduce"
    INCREASE = "increase"

    @property
    def sign(self) -> int:
        """What a deviation in kW is multiplied by to count as delivered."""
        return -1 if self is Deviation.REDUCE else 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexibilityPrice:
    """A power that was sold: currency per kWh, or per kW and hour, and what lacks."""

    power_kw: float
    price_per_kwh: float = 0.0
    penalty_per_kwh: float = 0.0

    def cost(self, given_kw: Powers, hours: Sequence[float]) -> float:
        """Return penalties less payments for ``given_kw`` over ``hours`` a step."""
        return sum(
            each * (self.penalty_per_kwh * self.power_kw - self.per_kwh * given_kw[t])
            for t, each in enumerate(hours)
        )

    @property
    def per_kwh(self) -> float:
        """What one kWh more is worth: its payment, and no penalty."""
        return self.price_per_kwh + self.penalty_per_kwh


def delivered_kw(
    deviation: Deviation, power_kw: float, net_kw: Powers, baseline_kw: Powers
) -> Sequence[float]:
    """Return what counts of net power's distance to the baseline, in each step.

    It is min(power, max(0, ±(net - baseline))): nothing for the other direction.
    """
    return [
        min(power_kw, max(0.0, deviation.sign * (net_kw[t] - baseline_kw[t])))
        for t in range(len(net_kw))
    ]


def covered_hours(
    edges: Sequence[datetime], start: datetime, end: datetime
) -> Sequence[float]:
    """Return how long [start, end) covers each step between two of ``edges``."""
    return [
        max((min(end, after) - max(start, before)).total_seconds(), 0.0) / 3600
        for before, after in pairwise(edges)
    ]
