"""A tank between heat pump and house, from which heat is given on when it is wanted.

    C (B[t+1] - B[t]) / dt = heat[t] - given_on[t] - loss (B[t] - ambient)

Giving heat on takes it neither below its least temperature nor, where it is found
below that, below what it cools down to by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from optimizer import home
from optimizer.component import Block, Data, Expression, bounded
from optimizer.horizon import Horizon
from optimizer.series import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferModel:
    """The buffer of a building."""

    buffer: home.Buffer

    def data(self, horizon: Horizon) -> Data:
        """Return the tank and what it can give on."""
        d, unheated_c = self.buffer, self._unheated_c(horizon)
        return {
            "buffer_kw_per_k": d.capacitance_kwh_per_k / horizon.hours,
            "buffer_loss_kw_per_k": d.loss_kw_per_k,
            "buffer_free_kw": d.loss_kw_per_k * d.ambient_c,
            "buffer_initial_c": d.initial_c,
            "buffer_lowest_c": np.minimum(unheated_c, d.min_c),
            "buffer_highest_c": np.maximum(unheated_c, d.max_c),
            "buffer_most_kw": d.most_given_on_kw,
        }

    def _unheated_c(self, horizon: Horizon) -> Numbers:
        d = self.buffer
        kept = 1 - horizon.hours * d.loss_kw_per_k / d.capacitance_kwh_per_k
        warmer_k = d.initial_c - d.ambient_c
        unheated_c: Numbers = np.array(d.ambient_c + warmer_k * np.cumprod(kept), float)
        return unheated_c

    def build(
        self, block: Block, horizon: Horizon, heat_kw: Mapping[int, Expression]
    ) -> Mapping[int, Expression]:
        """Put the buffer on ``block``, a part of its device's; return what it gives."""
        given, index = block.parent_block().given, list(horizon.index)
        block.water = bounded(index, given.buffer_lowest_c, given.buffer_highest_c)
        block.given_on = bounded(index, 0.0, given.buffer_most_kw)
        block.before = bounded([0], given.buffer_initial_c, given.buffer_initial_c)

        @block.Constraint(index)
        def warmth(b: Block, t: int) -> Expression:
            before = b.water[t - 1] if t else b.before[0]
            gained = heat_kw[t] + given.buffer_free_kw
            lost = given.buffer_loss_kw_per_k * before
            stored = given.buffer_kw_per_k[t] * (b.water[t] - before)
            # C (B[t+1] - B[t]) / dt = heat - given_on - loss (B - ambient)
            return stored == gained - b.given_on[t] - lost

        return dict(block.given_on.items())
