"""A price by the energy bought so far in the month, beside the price by time.

energy[m] = sum of used[b],  0 <= used[b] <= width[b],  cost = sum of p[b] used[b]

Rising prices fill the blocks in order by themselves; falling ones need a binary
that says a block is full before the next begins.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from cem_core.tariff import EnergyBlock, blocks_left, steps_by_month
from optimizer import words as pyo
from optimizer.component import Block, Data, Expression, Flows, Soft, bounded
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockPrice:
    """``so_far_kwh`` were bought in the first month before the horizon."""

    blocks: Sequence[EnergyBlock]
    so_far_kwh: float
    most_import_kw: PerStep
    name: str = "block price"

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the steps of each month and its blocks, if in order by itself."""
        months = self._months(horizon)
        return tuple(
            (tuple(steps), len(blocks), _falls(blocks)) for steps, blocks in months
        )

    def data(self, horizon: Horizon) -> Data:
        """Return width and price of the blocks of each month."""
        data: dict[str, Sequence[float]] = {}
        for m, (steps, blocks) in enumerate(self._months(horizon)):
            most = horizon.hours * sum(float(self.most_import_kw[t]) for t in steps)
            ends = [
                most if b.up_to_kwh is None else min(b.up_to_kwh, most) for b in blocks
            ]
            data[f"width_kwh_{m}"] = [b - a for a, b in pairwise([0.0, *ends])]
            data[f"price_per_kwh_{m}"] = [block.price_per_kwh for block in blocks]
        return data

    def build(self, block: Block, horizon: Horizon, flows: Flows) -> None:
        """Put the price on ``block``."""
        months = self._months(horizon)
        block.month = pyo.Block(list(range(len(months))))
        costs = []
        for m, (steps, blocks) in enumerate(months):
            width = getattr(block.given, f"width_kwh_{m}")
            price = getattr(block.given, f"price_per_kwh_{m}")
            bought = flows.bought_kwh
            energy = pyo.quicksum(bought[t] for t in steps if t in bought)
            _month(block.month[m], energy, width, in_order=not _falls(blocks))
            used = block.month[m].used
            costs.append(pyo.quicksum(price[b] * used[b] for b in used))
        block.cost = {"energy": pyo.quicksum(costs)}

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: energy costs money and does not give way."""
        del block, horizon
        return ()

    def _months(
        self, horizon: Horizon
    ) -> Sequence[tuple[Sequence[int], Sequence[EnergyBlock]]]:
        """Return the steps of each month and the blocks that are left in it."""
        return [
            (steps, blocks_left(self.blocks, self.so_far_kwh if m == 0 else 0.0))
            for m, steps in enumerate(steps_by_month(horizon.grid).values())
        ]


def _falls(blocks: Sequence[EnergyBlock]) -> bool:
    return any(b.price_per_kwh < a.price_per_kwh for a, b in pairwise(blocks))


def _month(
    part: Block, energy: Expression, width: Mapping[int, Expression], *, in_order: bool
) -> None:
    index = list(width)
    part.used = bounded(index, 0.0, width)

    @part.Constraint()
    def all_energy_has_a_price(p: Block) -> Expression:
        return energy - pyo.quicksum(p.used[b] for b in index) == 0

    part.full = pyo.Var([] if in_order else index[:-1], domain=pyo.Binary)

    @part.Constraint(list(part.full))
    def full_before_the_next(p: Block, b: int) -> Expression:
        # used[b] ≥ width[b] full[b]
        return width[b] * p.full[b] - p.used[b] <= 0

    @part.Constraint(list(part.full))
    def next_after_full(p: Block, b: int) -> Expression:
        # used[b+1] ≤ width[b+1] full[b]
        return p.used[b + 1] - width[b + 1] * p.full[b] <= 0
