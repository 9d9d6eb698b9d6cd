"""A price by the energy bought so far in the month, beside the price by time.

energy[m] = sum of used[b],  0 <= used[b] <= width[b],  cost = sum of p[b] used[b]

Rising prices fill the blocks in order by themselves; falling ones need a binary
that says a block is full before the next begins.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import pyomo.environ as pyo

from cem_core.tariff import EnergyBlock, TimeGrid, blocks_left, steps_by_month
from optimizer.component import Block, Expression, Flows
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPrice:
    """``so_far_kwh`` were bought in the first month before the horizon."""

    blocks: Sequence[EnergyBlock]
    so_far_kwh: float
    most_import_kw: PerStep
    name: str = "block price"

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the price on ``block``."""
        grid = TimeGrid(
            start=horizon.start,
            step=horizon.step,
            steps=horizon.steps,
            zone=horizon.zone,
        )
        months = list(steps_by_month(grid).values())
        block.month = pyo.Block(list(range(len(months))))
        costs = []
        for m, steps in enumerate(months):
            blocks = blocks_left(self.blocks, self.so_far_kwh if m == 0 else 0.0)
            energy = horizon.hours * pyo.quicksum(flows.imported[t] for t in steps)
            most = horizon.hours * sum(float(self.most_import_kw[t]) for t in steps)
            costs.append(_month(block.month[m], blocks, energy, most))
        block.cost = {"energy": pyo.quicksum(costs)}


def _month(
    part: Block, blocks: Sequence[EnergyBlock], energy: Expression, most_kwh: float
) -> Expression:
    ends = [most_kwh if b.up_to_kwh is None else b.up_to_kwh for b in blocks]
    widths = [
        max(min(end, most_kwh) - begin, 0.0) for begin, end in pairwise([0.0, *ends])
    ]
    prices = [b.price_per_kwh for b in blocks]
    index = list(range(len(blocks)))
    part.used = pyo.Var(index, bounds=lambda _, b: (0, widths[b]))

    @part.Constraint()
    def all_energy_has_a_price(p: Block) -> Expression:
        return energy - pyo.quicksum(p.used[b] for b in index) == 0

    falls = any(later < earlier for earlier, later in pairwise(prices))
    part.full = pyo.Var(index[:-1] if falls else [], domain=pyo.Binary)

    @part.Constraint(list(part.full))
    def full_before_the_next(p: Block, b: int) -> Expression:
        # used[b] ≥ width[b] full[b]
        return p.used[b] - widths[b] * p.full[b] >= 0

    @part.Constraint(list(part.full))
    def next_after_full(p: Block, b: int) -> Expression:
        # used[b+1] ≤ width[b+1] full[b]
        return p.used[b + 1] - widths[b + 1] * p.full[b] <= 0

    return pyo.quicksum(prices[b] * part.used[b] for b in index)
