"""An efficiency that falls with power, as parts of the power with one each.

    power[t] = sum of part[t, s],  0 <= part[t, s] <= width[s]
    stored[t] = sum of efficiency[s] part[t, s]

Efficiencies fall from part to part, so that where energy is worth something the
first is filled first. In ``exclusive`` steps, where it may not be, a binary for each
part but the last lets the next begin only when it is full.
"""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

import numpy as np

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Variable
from optimizer.series import Numbers

_APART_KW = 1e-5


def part_data(losses: Sequence[home.LossPart], prefix: str) -> Data:
    """Return widths in kW and efficiencies of the parts."""
    tops = [part.up_to_kw for part in losses]
    return {
        f"{prefix}_width_kw": [top - below for below, top in pairwise([0.0, *tops])],
        f"{prefix}_efficiency": [part.efficiency for part in losses],
        f"{prefix}_per_efficiency": [1 / part.efficiency for part in losses],
    }


def split(
    block: Block, power: Variable, prefix: str, exclusive: Collection[int]
) -> Mapping[int, Sequence[Expression]]:
    """Put the parts of ``power`` on ``block``, whose parent has the data."""
    given = block.parent_block().given
    width = getattr(given, f"{prefix}_width_kw")
    index, parts = list(power), list(width)
    block.part = pyo.Var(index, parts, domain=pyo.NonNegativeReals)
    block.full = pyo.Var(sorted(exclusive), parts[:-1], domain=pyo.Binary)

    @block.Constraint(index)
    def together(b: Block, t: int) -> Expression:
        # power[t] = sum of part[t, s]
        return power[t] == pyo.quicksum(b.part[t, s] for s in parts)

    @block.Constraint(index, parts)
    def no_wider(b: Block, t: int, s: int) -> Expression:
        # part[t, s] ≤ width[s], and only when the one before is full
        begun = b.full[t, s - 1] if s and t in exclusive else 1.0
        return b.part[t, s] <= width[s] * begun

    @block.Constraint(sorted(exclusive), parts[:-1])
    def filled(b: Block, t: int, s: int) -> Expression:
        # part[t, s] ≥ width[s] full[t, s]
        return b.part[t, s] >= width[s] * b.full[t, s]

    return {t: [block.part[t, s] for s in parts] for t in index}


def out_of_order(
    parts: Sequence[Numbers], widths_kw: Sequence[float]
) -> frozenset[int]:
    """Return the steps in which a part is begun before the one below it is full."""
    steps: set[int] = set()
    for lower, upper, width_kw in zip(parts, parts[1:], widths_kw, strict=False):
        early = (upper > _APART_KW) & (lower < width_kw - _APART_KW)
        steps |= {int(t) for t in np.flatnonzero(early)}
    return frozenset(steps)
