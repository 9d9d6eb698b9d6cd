"""Any duals -> a cost that no plan is below.

With y on the rows b ≤ A x ≤ d, every x within its bounds costs at least

    sum over rows of min(y b, y d)  +  sum over columns of min((c - A'y) x)

(weak duality). The duals may come from anywhere; the better they are, the higher it
is. A column without bounds asks for c - A'y = 0: the dual of the row that is written for it
is set so, from the last column to the first.
"""

from typing import Final

import numpy as np

from optimizer.linear import Linear
from optimizer.matrices import Indices
from optimizer.series import Numbers
from optimizer.timeline import Timeline

_TINY: Final = 1e-9  # of the largest cost; what the solver leaves of a reduced cost
_FAR: Final = 1e4  # what no unbounded column of a home reaches, in its unit
_TRIES: Final = 3


def dual_bound(linear: Linear, duals: Numbers, reach: Timeline) -> float:
    """Return a bound of ``linear``'s cost from ``duals`` by row, maybe -inf."""
    found = -np.inf
    for _ in range(_TRIES):
        duals = _balanced(linear, _possible(linear, duals), reach)
        found, without = _bound(linear, duals)
        if not len(without):
            break
        duals = _less(linear, duals, without)
    return found


def _possible(linear: Linear, duals: Numbers) -> Numbers:
    """Return ``duals``, 0 where a row has no bound on the side that they are of."""
    entries = linear.compiled.entries
    none = (duals > 0) & ~np.isfinite(entries.row_lower)
    none |= (duals < 0) & ~np.isfinite(entries.row_upper)
    return np.where(none, 0.0, duals)


def _reduced(linear: Linear, duals: Numbers) -> Numbers:
    """Return c - A'y, 0 for columns that are not in the problem."""
    compiled = linear.compiled
    terms = compiled.entries.coefficients * duals[compiled.rows]
    cost = linear.aim.cost - np.bincount(compiled.indices, terms, compiled.column_count)
    inside = np.zeros(len(cost), bool)
    inside[linear.instance.form.columns] = True
    return np.where(inside, cost, 0.0)


def _balanced(linear: Linear, duals: Numbers, reach: Timeline) -> Numbers:
    """Return duals with which no unbounded column has a reduced cost."""
    compiled = linear.compiled
    free = ~np.isfinite(linear.lower) & ~np.isfinite(linear.upper)
    rows = np.flatnonzero(compiled.unknowns >= 0)
    rows = rows[free[compiled.unknowns[rows]]]
    columns = compiled.unknowns[rows]
    if not len(rows):
        return duals
    order = np.argsort(-reach.first[columns], kind="stable")
    place = np.full(compiled.column_count, -1)
    place[columns] = np.arange(len(columns))
    which = np.flatnonzero(place[compiled.indices] >= 0)
    by_column = which[np.argsort(place[compiled.indices[which]], kind="stable")]
    ends = np.cumsum(np.bincount(place[compiled.indices[which]])).tolist()
    found = duals.tolist()
    row_of, factor_of = (
        compiled.rows[by_column].tolist(),
        compiled.entries.coefficients[by_column].tolist(),
    )
    cost = linear.aim.cost[columns].tolist()
    for at in order.tolist():
        begin, own, rest, row = ends[at - 1] if at else 0, 0.0, cost[at], rows[at]
        for k in range(begin, ends[at]):
            if row_of[k] == row:
                own += factor_of[k]
            else:
                rest -= factor_of[k] * found[row_of[k]]
        if own:
            found[row] = rest / own
    return np.array(found)


def _bound(linear: Linear, duals: Numbers) -> tuple[float, Indices]:
    """Return the bound, and the columns because of which there is none."""
    entries, reduced = linear.compiled.entries, _reduced(linear, duals)
    side = np.where(duals > 0, entries.row_lower, entries.row_upper)
    rows = float(duals[duals != 0] @ side[duals != 0])
    best = np.where(reduced > 0, linear.lower, linear.upper)
    tiny = _TINY * float(np.abs(linear.aim.cost).max(initial=0.0))
    far = np.where(reduced > 0, -_FAR, _FAR)
    small = ~np.isfinite(best) & (np.abs(reduced) <= tiny)
    best = np.where(small, far, best)
    paid = reduced != 0
    without = np.flatnonzero(paid & ~np.isfinite(best)).astype(np.int32)
    if len(without):
        return -np.inf, without
    return rows + float(reduced[paid] @ best[paid]), without


def _less(linear: Linear, duals: Numbers, columns: Indices) -> Numbers:
    """Return smaller duals of the rows of ``columns``, which cost too little for them."""
    compiled, reduced = linear.compiled, _reduced(linear, duals)
    cost = linear.aim.cost
    paid = cost - reduced
    share = np.ones(len(cost))
    too_dear = columns[(cost[columns] >= 0) & (paid[columns] > cost[columns])]
    share[too_dear] = cost[too_dear] / paid[too_dear]
    least = np.ones(compiled.row_count)
    np.minimum.at(least, compiled.rows, share[compiled.indices])
    return duals * least
