"""Production that the sun decides, and that may be curtailed."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer import home
from optimizer.component import Block, Data, Soft, bounded
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Solar:
    """0 <= production[t] <= available[t], equal where it cannot be curtailed."""

    device: home.Solar
    available_kw: PerStep

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    def structure(self, horizon: Horizon) -> Hashable:
        """Return nothing: every roof is built alike."""
        del horizon
        return None

    def data(self, horizon: Horizon) -> Data:
        """Return the least and the most that it produces."""
        least_kw = np.zeros(horizon.steps)
        return {
            "least_kw": least_kw if self.device.curtailable else self.available_kw,
            "available_kw": self.available_kw,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the production on ``block``."""
        given = block.given
        block.production = bounded(horizon.index, given.least_kw, given.available_kw)
        block.feed = dict(block.production.items())
        block.power = {t: -block.production[t] for t in horizon.index}

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: curtailing needs no leave."""
        del block, horizon
        return ()
