"""A power that is 0 or inside one of a few ranges."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from optimizer import words as pyo
from optimizer.component import Block, Data, Expression, Variable
from optimizer.horizon import PerStep

type Range = tuple[float, float]


def chosen(ranges: Sequence[Range]) -> bool:
    """Tell whether being in ``ranges`` is a choice: one from 0 on is none."""
    return len(ranges) > 1 or ranges[0][0] > 0


def range_data(ranges: Sequence[Range], most_kw: PerStep) -> Data:
    """Return the data that `within` asks for.

    ``most_kw[t]`` is what can flow in a step: the tighter, the closer the linear
    bound to the optimum. A range that begins above it is closed.
    """
    flows = np.asarray(most_kw)
    return {"least_kw": [least for least, _ in ranges]} | {
        f"most_kw_{place}": np.where(flows >= least, np.minimum(flows, most), 0.0)
        for place, (least, most) in enumerate(ranges)
    }


def within(
    block: Block,
    power: Variable,
    count: int,
    prefix: str = "",
    *,
    whole: int | None = None,
    starting: Iterable[int] = (),
) -> Mapping[int, Expression]:
    """Keep ``power[t]`` at 0 or in one of ``count`` ranges; put that on ``block``.

    The data of `range_data` are on the block that holds ``block``, their names
    beginning with ``prefix``. Returns 1 for on and 0 for off, by step; after the
    first ``whole`` steps what lies between as well: they are not branched on.

    In the steps ``starting`` the share ``block.lost[t, range]`` of a step passes
    before it draws anything.
    """
    given, index, places = block.parent_block().given, list(power), range(count)
    least = getattr(given, f"{prefix}least_kw")
    most = [getattr(given, f"{prefix}most_kw_{place}") for place in places]
    block.chosen = pyo.Var(index[:whole], places, domain=pyo.Binary)
    later = [] if whole is None else index[whole:]
    block.mean = pyo.Var(later, places, bounds=(0, 1))
    state = {**block.chosen, **block.mean}
    block.lost = pyo.Var(list(starting), places, bounds=(0, 1))
    draws = {
        at: z - block.lost[at] if at in block.lost else z for at, z in state.items()
    }

    @block.Constraint(index)
    def least_power(_: Block, t: int) -> Expression:
        # power[t] ≥ sum over ranges of P_min z[t]
        return power[t] >= pyo.quicksum(least[r] * draws[t, r] for r in places)

    @block.Constraint(index)
    def most_power(_: Block, t: int) -> Expression:
        # power[t] ≤ sum over ranges of P_max[t] z[t]
        return power[t] <= pyo.quicksum(most[r][t] * draws[t, r] for r in places)

    @block.Constraint(list(starting), places)
    def lost_of_it(b: Block, t: int, r: int) -> Expression:
        # lost[t] ≤ z[t], of each range
        return b.lost[t, r] <= state[t, r]

    @block.Constraint(index if count > 1 else [])
    def one_range(_: Block, t: int) -> Expression:
        # sum over ranges of z[t] ≤ 1
        return pyo.quicksum(state[t, r] for r in places) <= 1

    return {t: pyo.quicksum(state[t, r] for r in places) for t in index}
