"""A plan where not even the linear optimum comes in time: no store gives anything.

Stores bind steps that are far apart; without them the linear problem takes a quarter
of the time. What is on or off is then rounded at once. Its cost is a plan's, no bound:
that is what each quantity costs at the least, alone.
"""

from typing import Final

import numpy as np

from optimizer.dive import dive
from optimizer.linear import Linear, Run, aim_at
from optimizer.matrices import Indices
from optimizer.series import Numbers

_PATIENCE_S: Final = 10.0


def makeshift(linear: Linear) -> Run | None:
    """Return a whole plan in which stores rest, None if there is none in 10 s more.

    The aim is money alone afterwards.
    """
    linear.patience_s = _PATIENCE_S - linear.seconds_left
    linear.minimise(aim_at(linear.instance, linear.aim.cost))
    linear.forget()
    idle = _giving(linear)
    linear.hold(idle, np.zeros(len(idle)))
    run = linear.run()
    whole = None if run is None else dive(linear, run)
    linear.free(idle)
    return whole


def least_cost(linear: Linear, cost: Numbers) -> float:
    """Return what no plan is cheaper than: each column at its better bound."""
    paid = cost != 0
    better = np.where(cost > 0, linear.lower, linear.upper)[paid]
    return float(cost[paid] @ better)


def _giving(linear: Linear) -> Indices:
    """Return the columns of what stores give and may as well keep."""
    compiled = linear.compiled
    blocks = compiled.model.part.values()
    given = [each for b in blocks for each in getattr(b, "discharge", {}).values()]
    columns = compiled.columns_of(given)
    may_rest = ~compiled.shut[columns] & (linear.lower[columns] <= 0)
    return columns[may_rest]
