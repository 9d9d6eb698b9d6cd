"""What the home consumes whatever the plan says."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from optimizer.component import Block, Data, Soft
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """power[t] = load[t]."""

    load_kw: PerStep
    name: str = "load"

    def structure(self, horizon: Horizon) -> Hashable:
        """Return nothing: every load is built alike."""
        del horizon
        return None

    def data(self, horizon: Horizon) -> Data:
        """Return the load."""
        del horizon
        return {"load_kw": self.load_kw}

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the load on ``block``."""
        block.power = {t: block.given.load_kw[t] for t in horizon.index}

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: it does not give way."""
        del block, horizon
        return ()
