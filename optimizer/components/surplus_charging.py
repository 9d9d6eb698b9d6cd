"""A battery that never charges from the grid, only from what is left over.

charge[t] > 0 only where import[t] = 0
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np

from optimizer import words as pyo
from optimizer.component import Block, Data, Expression, Flows, Soft
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class SurplusCharging:
    """``most_charge_kw`` is the battery's own bound: 0 where nothing can be left."""

    battery: str
    most_charge_kw: PerStep
    most_import_kw: PerStep

    @property
    def name(self) -> str:
        """Its own name beside the battery's."""
        return f"surplus charging {self.battery}"

    def _steps(self) -> list[int]:
        return [int(t) for t in np.flatnonzero(np.asarray(self.most_charge_kw) > 0)]

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the battery and the steps in which there can be a surplus."""
        del horizon
        return self.battery, tuple(self._steps())

    def data(self, horizon: Horizon) -> Data:
        """Return the bounds."""
        del horizon
        return {
            "most_charge_kw": self.most_charge_kw,
            "most_import_kw": self.most_import_kw,
        }

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the rule on ``block``."""
        del horizon
        steps, charge, given = self._steps(), flows.drawn[self.battery], block.given
        block.charging = pyo.Var(steps, domain=pyo.Binary)

        @block.Constraint(steps)
        def charge_only(b: Block, t: int) -> Expression:
            # charge[t] ≤ most_charge[t] z[t]
            return charge[t] <= given.most_charge_kw[t] * b.charging[t]

        @block.Constraint(steps)
        def import_only(b: Block, t: int) -> Expression:
            # import[t] ≤ most_import[t] (1 - z[t])
            return flows.imported[t] <= given.most_import_kw[t] * (1 - b.charging[t])

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: it does not give way."""
        del block, horizon
        return ()
