"""Voltage and current of each phase at the grid connection point."""

from collections.abc import Sequence
from dataclasses import dataclass, field
import math
import random
from typing import Final

NOMINAL_V: Final = 230.0
# Cable and transformer as seen from the house: what a phase drops per ampere.
OHM: Final = 0.18
DRIFT_V: Final = 1.5
DRIFT_S: Final = 120.0
POWER_FACTOR: Final = 0.98


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """One phase; ``power_w`` is positive for import."""

    power_w: float
    voltage_v: float
    current_a: float


@dataclass(slots=True, kw_only=True)
class Mains:
    """Three phases of a grid that others use too."""

    draw: random.Random
    drift_v: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])

    def step(self, seconds: float, powers_w: Sequence[float]) -> tuple[Phase, ...]:
        """Return the phases after ``seconds`` with ``powers_w`` on them."""
        keep = math.exp(-seconds / DRIFT_S)
        unrest_v = DRIFT_V * math.sqrt(1 - keep * keep)
        phases = []
        for place, power_w in enumerate(powers_w):
            drift_v = keep * self.drift_v[place] + unrest_v * self.draw.gauss(0, 1)
            self.drift_v[place] = drift_v
            voltage_v = NOMINAL_V + drift_v - OHM * power_w / NOMINAL_V
            phases.append(
                Phase(
                    power_w=power_w,
                    voltage_v=voltage_v,
                    current_a=abs(power_w) / voltage_v / POWER_FACTOR,
                )
            )
        return tuple(phases)
