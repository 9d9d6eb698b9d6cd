"""Constraints that no whole plan breaks, but half-on devices do.

Between off and its least power a device is only ever half on: z = 0.6 stands for
three steps of five. What else happens in such a step is bounded less by the linear
model than by either state. Let p be the device's power, z its state, y what a set
of other devices draws (at most Y), w all that is fed in and what a bound on the
import may be exceeded by at a price. Off: y <= Y. On: p + y <= bound - load + w. So

    p + y - w <= Y (1 - z) + (bound - load) z

holds for both, and for no set is it implied by the rest when Y < bound - load.
These are mixed-integer rounding cuts of the balance (Marchand and Wolsey, 2001);
on cars with three phases they close most of the gap of the linear model. Of what is
left, much is closed by whole numbers of steps at the least power (`Departures`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from optimizer import words as pyo
from optimizer.assemble import Parts
from optimizer.component import Block, Cap, Expression
from optimizer.problem import Model, at

_ALL_SETS = 3  # of more other devices only singles and all together are tried


@dataclass(frozen=True, slots=True)
class Capped:
    """A row of the tightened model, and what its bound may be exceeded by."""

    row: int
    excess: Expression


def tighten(model: Model, parts: Parts) -> None:
    """Add the constraints to ``model``."""
    blocks = [model.part[name] for name in parts.consumers()]
    load = model.part[parts.load.name]
    caps = [cap for b in model.part.values() for cap in getattr(b, "caps", ())]
    cuts = [
        (block, chosen, cap)
        for block in blocks
        for cap in caps
        if cap.step in getattr(block, "on", {})
        for chosen in _sets(
            [b for b in blocks if b is not block and _bounded(b, cap.step)]
        )
    ]

    steps = [row for block in blocks for row in getattr(block, "whole_steps", ())]

    @model.Constraint(range(len(steps)))
    def whole_steps(m: Model, place: int) -> Expression:
        del m
        # sum z[t] + (stored above P_min + missing) / rest ≥ ceil(energy / P_min)
        return steps[place]

    @model.Constraint(range(len(cuts)))
    def half_on(m: Model, place: int) -> Expression:
        del m
        # p + y - w ≤ Y (1 - z) + (bound - load) z
        return _cut(*cuts[place], blocks, load)

    model.capped = [
        Capped(row, cap.excess)
        for row, (_, _, cap) in zip(model.half_on.values(), cuts, strict=True)
    ]


def _bounded(block: Block, t: int) -> bool:
    return t in getattr(block, "most_draw", {}) and t in block.draw


def _sets(others: list[Block]) -> Iterator[tuple[Block, ...]]:
    sizes = {*range(min(len(others), _ALL_SETS) + 1)}
    if len(others) > _ALL_SETS:
        sizes = {0, 1, len(others)}
    for size in sorted(sizes):
        yield from combinations(others, size)


def _cut(
    block: Block,
    chosen: tuple[Block, ...],
    cap: Cap,
    blocks: list[Block],
    load: Block,
) -> Expression:
    t = cap.step
    on = block.on[t]
    drawn = block.draw[t] + pyo.quicksum(b.draw[t] for b in chosen)
    fed = pyo.quicksum(at(b, "feed", t) for b in blocks)
    most = pyo.quicksum(b.most_draw[t] for b in chosen)
    room = cap.bound - load.given.load_kw[t]
    return drawn - fed - cap.excess <= most * (1 - on) + room * on
