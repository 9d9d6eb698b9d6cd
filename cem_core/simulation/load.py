"""What nobody controls, second by second, around a series of means.

A half-hour mean of 1.2 kW is never 1.2 kW for half an hour: it is a base and
something with a thermostat or a person behind it that is on for a while and
off for a while. The draw keeps the mean.
"""

from dataclasses import dataclass
import math
import random
from typing import Final

BASE_W: Final = 250.0
SWITCHED_W: Final = 2000.0
SHORTEST_S: Final = 40.0
MEAN_CYCLE_S: Final = 240.0
HUM: Final = 0.04  # standard deviation of the small unrest, as a share
HUM_S: Final = 20.0
# Base and lights are spread over the phases; the oven is on the first.
PHASE_SHARES: Final = (0.45, 0.3, 0.25)


@dataclass(slots=True, kw_only=True)
class Load:
    """The uncontrolled load as it is now, on three phases."""

    draw: random.Random
    restless: bool = True
    on: bool = False
    left_s: float = 0.0
    hum: float = 0.0
    power_w: float = 0.0
    phases_w: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def step(self, seconds: float, *, mean_w: float) -> None:
        """Let ``seconds`` pass in a step whose mean is ``mean_w``."""
        base_w, switched_w = mean_w, 0.0
        if self.restless:
            base_w, duty = self._split(mean_w)
            self._switch(seconds, duty)
            switched_w = SWITCHED_W if self.on and duty > 0 else 0.0
            keep = math.exp(-seconds / HUM_S)
            unrest = HUM * math.sqrt(1 - keep * keep)
            self.hum = keep * self.hum + unrest * self.draw.gauss(0, 1)
            base_w *= max(0.0, 1 + self.hum)
        first, second, third = (base_w * share for share in PHASE_SHARES)
        self.phases_w = (first + switched_w, second, third)
        self.power_w = base_w + switched_w

    @staticmethod
    def _split(mean_w: float) -> tuple[float, float]:
        above_w = max(0.0, mean_w - BASE_W)
        duty = min(0.9, above_w / SWITCHED_W)
        return mean_w - duty * SWITCHED_W, duty

    def _switch(self, seconds: float, duty: float) -> None:
        self.left_s -= seconds
        if self.left_s > 0:
            return
        self.on = not self.on and duty > 0
        share = duty if self.on else 1 - duty
        mean_s = MEAN_CYCLE_S * share
        self.left_s = max(SHORTEST_S * share, mean_s * self.draw.uniform(0.5, 1.5))
