"""Starts that cost something.

    start[t] >= on[t] - on[t-1],  start[t] >= 0

As they cost, they are no larger than this asks for, and whole wherever on is: they
need no binaries of their own. The rows are those of a network, so they leave the
linear model as tight as that of on itself.

Where power is no matter of on or off, on[t] is P[t] / P_max: a rise to full power is
a start, a smaller rise its share. That is what the linear model makes of the exact
one; its binaries would cost many times the rest of a plan (decision 0017).
"""

from collections.abc import Mapping

from optimizer import words as pyo
from optimizer.component import Block, Expression, Variable


def starting_cost(
    block: Block, on: Mapping[int, Expression], *, initially_on: bool
) -> Mapping[str, Expression]:
    """Return the cost of the starts of what is ``on``, from 0 to 1, by its name.

    In a step that ``on`` leaves out it is off. The rows come onto ``block``; the
    price `start_cost` is given on the block that holds it.
    """
    index = list(on)
    block.start = pyo.Var(index, bounds=(0, 1))

    @block.Constraint(index)
    def started(b: Block, t: int) -> Expression:
        before = on.get(t - 1, 0) if t else int(initially_on)
        # start[t] ≥ on[t] - on[t-1]
        return b.start[t] >= on[t] - before

    price = block.parent_block().given.start_cost
    return {"starting": price * pyo.quicksum(block.start.values())}


def share(block: Block, power: Variable) -> Mapping[int, Expression]:
    """Return ``power[t]`` as a share of the most; `share_per_kw` is on ``block``."""
    return {t: block.given.share_per_kw * power[t] for t in power}
