"""A plan -> a cheaper one near it, by branch and bound in which most is held.

First what the plan shares with the linear optimum is held. Then all devices are
but one, and each has its turn: a dishwasher finds its best start although the
car's hours were chosen first.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from optimizer.exact import Neighbourhood, search
from optimizer.linear import Linear
from optimizer.matrices import Indices
from optimizer.series import Numbers

_ALIKE: Final = 0.1  # an integer of a plan and of the linear optimum
_ENOUGH: Final = 0.5  # of the gap, to stop a search near a plan at


def improve(
    linear: Linear, values: Numbers, optimum: Numbers, bound: float, gap: float
) -> Numbers:
    """Return ``values`` or a cheaper plan of ``linear``, whose optimum is given.

    It stops once a plan is as near to ``bound`` as half of ``gap``.
    """
    target = bound + gap * _ENOUGH * abs(bound + linear.compiled.offset)
    cost = linear.aim.cost
    for held in _neighbourhoods(linear, values, optimum):
        if cost @ values <= target or linear.search_seconds <= 0:
            break
        near = Neighbourhood(columns=held, values=np.round(values[held]), target=target)
        found = search(linear, values, gap * _ENOUGH, near).values
        if found is not None and cost @ found < cost @ values:
            values = found
    return values


def _neighbourhoods(
    linear: Linear, values: Numbers, optimum: Numbers
) -> Iterator[Indices]:
    """Yield the integers that are held in each."""
    integers = linear.compiled.integers
    apart = np.abs(optimum - np.round(values)) >= _ALIKE
    yield integers[~apart[integers]]
    parts = linear.compiled.integer_groups
    for part in sorted(parts, key=lambda part: -int(apart[part].sum())):
        if len(part) < len(integers):
            yield integers[~np.isin(integers, part)]
