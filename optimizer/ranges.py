"""A power that is 0 or inside one of a few ranges."""

from collections.abc import Mapping, Sequence

import pyomo.environ as pyo

from optimizer.component import Block, Expression, Variable

type Range = tuple[float, float]


def within(
    block: Block, power: Variable, ranges: Sequence[Range], most: Mapping[int, float]
) -> Mapping[int, Expression]:
    """Keep ``power[t]`` at 0 or in one of ``ranges``; put that on ``block``.

    ``most[t]`` is what can flow in a step: the tighter, the closer the linear bound
    to the optimum. Returns 1 or 0 for on and off, by step; empty where a single
    range from 0 asks for no choice.
    """
    if len(ranges) == 1 and ranges[0][0] <= 0:
        return {}
    open_in = {
        t: [r for r, (least, _) in enumerate(ranges) if least <= kw]
        for t, kw in most.items()
    }
    choices = [(t, r) for t, places in open_in.items() for r in places]
    block.chosen = pyo.Var(choices, domain=pyo.Binary)

    def total(t: int, factor: Mapping[int, float]) -> Expression:
        return pyo.quicksum(factor[r] * block.chosen[t, r] for r in open_in[t])

    @block.Constraint(list(most))
    def least_power(b: Block, t: int) -> Expression:
        del b
        # power[t] ≥ sum over ranges of P_min z[t]
        least = {r: ranges[r][0] for r in open_in[t]}
        return power[t] >= total(t, least)

    @block.Constraint(list(most))
    def most_power(b: Block, t: int) -> Expression:
        del b
        # power[t] ≤ sum over ranges of P_max[t] z[t]
        highest = {r: min(ranges[r][1], most[t]) for r in open_in[t]}
        return power[t] <= total(t, highest)

    @block.Constraint([t for t in most if len(open_in[t]) > 1])
    def one_range(b: Block, t: int) -> Expression:
        # sum over ranges of z[t] ≤ 1
        return pyo.quicksum(b.chosen[t, r] for r in open_in[t]) <= 1

    on = {t: dict.fromkeys(places, 1.0) for t, places in open_in.items()}
    return {t: total(t, on[t]) for t in most}
