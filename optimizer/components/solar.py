"""Production that the sun decides, and that may be curtailed."""

from dataclasses import dataclass

import pyomo.environ as pyo

from optimizer import home
from optimizer.component import Block
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

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the production on ``block``."""

        def bounds(_: Block, t: int) -> tuple[float, float]:
            most = float(self.available_kw[t])
            return (0.0 if self.device.curtailable else most), most

        block.production = pyo.Var(list(horizon.index), bounds=bounds)
        block.feed = dict(block.production.items())
        block.power = {t: -block.production[t] for t in horizon.index}
