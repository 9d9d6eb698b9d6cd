"""A solar inverter: what the sky allows, or less when told so."""

from dataclasses import dataclass
import math
import random
from typing import Final

RAMP_W_PER_S: Final = 1500.0
# Small clouds come and go within about this time.
CLOUD_S: Final = 40.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SolarParameters:
    """``rated_w`` is the inverter's; ``clouds`` the unrest around the series."""

    rated_w: float
    clouds: float = 0.08


@dataclass(slots=True, kw_only=True)
class Solar:
    """The inverter as it is now; production >= 0."""

    parameters: SolarParameters
    limit_w: float
    draw: random.Random
    power_w: float = 0.0
    cloud: float = 0.0
    possible_w: float = 0.0

    def cut(self) -> None:
        """Lose the mains, and every order with it."""
        self.power_w, self.limit_w = 0.0, self.parameters.rated_w

    def step(self, seconds: float, *, sky_w: float, stuck: bool) -> None:
        """Let ``seconds`` pass with a mean of ``sky_w`` to be had."""
        keep = math.exp(-seconds / CLOUD_S)
        unrest = self.parameters.clouds * math.sqrt(1 - keep * keep)
        self.cloud = keep * self.cloud + unrest * self.draw.gauss(0, 1)
        possible_w = min(self.parameters.rated_w, sky_w * max(0.0, 1 + self.cloud))
        self.possible_w = possible_w
        if stuck:
            return
        change_w = min(possible_w, self.limit_w) - self.power_w
        most_w = RAMP_W_PER_S * seconds
        self.power_w += min(most_w, max(-most_w, change_w))
        # What the sky does not give cannot be produced, however slow the ramp.
        self.power_w = min(self.power_w, possible_w)
