"""One inverter that solar and a battery share on its direct-current side.

-limit <= sum of production and discharge - charge <= limit
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from optimizer import home
from optimizer.component import Block, Data, Expression, Flows, Soft
from optimizer.horizon import Horizon


@dataclass(frozen=True, slots=True, kw_only=True)
class Inverter:
    """What is charged from the sun does not pass it; all else does."""

    inverter: home.Inverter

    @property
    def name(self) -> str:
        """The inverter's name."""
        return f"inverter {self.inverter.id}"

    def structure(self, horizon: Horizon) -> Hashable:
        """Return who shares it."""
        del horizon
        return self.inverter.devices

    def data(self, horizon: Horizon) -> Data:
        """Return its limit."""
        del horizon
        return {"limit_kw": self.inverter.limit_kw}

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the limit on ``block``; at rest all of them keep it."""
        index, given = list(horizon.index), block.given
        shared = frozenset(self.inverter.devices)
        fed, drawn = flows.fed_by(shared), flows.drawn_by(shared)

        @block.Constraint(index)
        def most_given(b: Block, t: int) -> Expression:
            del b
            # production + discharge - charge ≤ limit
            return fed[t] - drawn[t] <= given.limit_kw

        @block.Constraint(index)
        def most_taken(b: Block, t: int) -> Expression:
            del b
            # charge - production - discharge ≤ limit
            return drawn[t] - fed[t] <= given.limit_kw

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: an inverter cannot do more."""
        del block, horizon
        return ()
