"""What the home consumes whatever the plan says."""

from dataclasses import dataclass

from optimizer.component import Block
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """power[t] = load[t]."""

    load_kw: PerStep
    name: str = "load"

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the load on ``block``."""
        block.power = {t: float(self.load_kw[t]) for t in horizon.index}
