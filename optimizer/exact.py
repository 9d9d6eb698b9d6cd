"""Branch and bound, for the problems that the dive leaves with too large a gap.

It runs in an instance of its own, so that the linear one keeps its basis, begins
with the dive's plan, and knows money alone.
"""

from dataclasses import dataclass
from typing import Final

import highspy
import numpy as np

from optimizer.abandon import check, heed
from optimizer.instance import new_highs
from optimizer.linear import Linear, SolverError
from optimizer.matrices import Indices
from optimizer.series import Numbers

SHARE: Final = 0.9  # of the gap: the rest is for tolerances and preferences
_LEAST_SECONDS: Final = 0.05
_LARGE: Final = 10_000  # columns; HiGHS then looks at its clock seldom
_LARGE_SHARE: Final = 0.6
_NEAR_SECONDS: Final = 1.0
_NEAR_SHARE: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbourhood:
    """Integers that are held, and a cost that is low enough to stop at."""

    columns: Indices
    values: Numbers
    target: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """The best plan, if any, and what no plan can be cheaper than."""

    values: Numbers | None
    bound: float
    impossible: bool


def search(
    linear: Linear,
    start: Numbers | None,
    gap: float,
    near: Neighbourhood | None = None,
    *,
    exchanged: bool = True,
) -> Searched:
    """Return the best plan found until the deadline, or ``near`` a known one.

    ``exchanged`` tells that exchanges did for ``start`` what they can.
    """
    aim, form = linear.aim, linear.instance.form
    highs = with_integers(linear, start)
    seconds = linear.search_seconds
    if len(form.columns) > _LARGE:
        seconds *= _LARGE_SHARE
    if near is not None:
        seconds = min(seconds * _NEAR_SHARE, _NEAR_SECONDS)
        highs.setOptionValue("objective_target", near.target * aim.scale)
        held = np.searchsorted(form.columns, near.columns).astype(np.int32)
        highs.changeColsBounds(len(held), held, near.values, near.values)
    elif start is not None and exchanged:
        # Exchanges found what these searches look for, in a tenth of their time.
        for name in ("rins", "rens", "root_reduced_cost"):
            highs.setOptionValue(f"mip_heuristic_run_{name}", False)
    highs.setOptionValue("mip_rel_gap", gap * SHARE)
    highs.setOptionValue("time_limit", max(seconds, _LEAST_SECONDS))
    heed(highs)
    highs.run()
    check()
    status, info = highs.getModelStatus(), highs.getInfo()
    if status == highspy.HighsModelStatus.kNotset:
        message = "the solver did not run"
        raise SolverError(message)
    feasible = (
        info.primal_solution_status == highspy.SolutionStatus.kSolutionStatusFeasible
    )
    values = None
    if feasible:
        values = np.zeros(len(linear.lower))
        values[form.columns] = highs.getSolution().col_value
    return Searched(
        values=values,
        bound=info.mip_dual_bound / aim.scale,
        impossible=status == highspy.HighsModelStatus.kInfeasible,
    )


def with_integers(linear: Linear, start: Numbers | None) -> highspy.Highs:
    """Return a solver with the problem of ``linear``, whole, and a plan of it."""
    compiled, aim, form = linear.compiled, linear.aim, linear.instance.form
    highs = new_highs()
    lp = linear.instance.lp(compiled.entries)
    lp.col_cost_ = (aim.cost * aim.scale)[form.columns]
    lp.col_lower_, lp.col_upper_ = (
        linear.lower[form.columns],
        linear.upper[form.columns],
    )
    kinds = (highspy.HighsVarType.kContinuous, highspy.HighsVarType.kInteger)
    lp.integrality_ = [
        kinds[int(integer)] for integer in np.isin(form.columns, compiled.integers)
    ]
    highs.passModel(lp)
    highs.setOptionValue("mip_abs_gap", 0.0)
    if start is not None:
        solution = highspy.HighsSolution()
        solution.col_value = list(start[form.columns])
        solution.value_valid = True
        highs.setSolution(solution)
    return highs
