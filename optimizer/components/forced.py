"""A component whose power somebody bounds, to learn what that would cost.

at_least[t] <= power[t] <= at_most[t]
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Final

from optimizer.component import Block, Component, Data, Expression, Soft
from optimizer.horizon import Horizon, PerStep

ANY_KW: Final = 1e3  # more than any home has: no bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Forced:
    """``component`` with bounds; where there are none they are -ANY_KW and ANY_KW.

    All bounds are data, so that every wish about a device has the same structure.
    """

    component: Component
    at_least_kw: PerStep
    at_most_kw: PerStep

    @property
    def name(self) -> str:
        """The component's name."""
        return self.component.name

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the component's."""
        return type(self.component), self.component.structure(horizon)

    def data(self, horizon: Horizon) -> Data:
        """Return the component's and the bounds."""
        return {
            **self.component.data(horizon),
            "at_least_kw": self.at_least_kw,
            "at_most_kw": self.at_most_kw,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the component and its bounds on ``block``."""
        self.component.build(block, horizon)
        steps = list(block.power)

        @block.Constraint(steps)
        def forced_up(b: Block, t: int) -> Expression:
            # power[t] ≥ at_least[t]
            return b.power[t] - b.given.at_least_kw[t] >= 0

        @block.Constraint(steps)
        def forced_down(b: Block, t: int) -> Expression:
            # power[t] ≤ at_most[t]
            return b.power[t] - b.given.at_most_kw[t] <= 0

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the component's."""
        return self.component.softs(block, horizon)
