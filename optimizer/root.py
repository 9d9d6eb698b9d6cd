"""The root of branch and bound and nothing below: a better bound, and its cuts.

HiGHS separates cuts there in a tenth of a second, which closes most of what the
tightened model leaves. Its own searches for plans take many times that; a dive in
the linear model with these cuts finds as good ones.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import highspy
import numpy as np

from optimizer.abandon import check, heed
from optimizer.cuts import Cuts
from optimizer.exact import SHARE, with_integers
from optimizer.linear import Linear, SolverError
from optimizer.series import Numbers

_LEAST_SECONDS: Final = 0.05
_TIME_SHARE: Final = 0.3
_OPTIONS: Final[Mapping[str, str | bool | float]] = {
    # So that cuts are in the columns of the problem.
    "presolve": "off",
    "mip_allow_restart": False,
    "mip_detect_symmetry": False,
    "mip_max_nodes": 1,
    "mip_heuristic_effort": 0.0,
    "mip_heuristic_run_rins": False,
    "mip_heuristic_run_rens": False,
    "mip_heuristic_run_root_reduced_cost": False,
    "mip_heuristic_run_feasibility_jump": False,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """What no plan can be cheaper than, and cuts that no better one breaks."""

    bound: float
    cuts: Cuts | None


def root(linear: Linear, start: Numbers, gap: float) -> Root:
    """Return what the root says of ``linear``; ``start`` is a plan of it."""
    highs = with_integers(linear, start)
    for name, value in _OPTIONS.items():
        highs.setOptionValue(name, value)
    highs.setOptionValue("mip_rel_gap", gap * SHARE)
    seconds = max(linear.search_seconds * _TIME_SHARE, _LEAST_SECONDS)
    highs.setOptionValue("time_limit", seconds)
    pools: list[Cuts] = []

    def keep(event: Any) -> None:  # noqa: ANN401 - highspy
        out = event.data_out
        pool = Cuts(
            starts=np.array(out.cutpool_start, np.int32)[: out.cutpool_num_cut + 1],
            indices=np.array(out.cutpool_index, np.int32),
            values=np.array(out.cutpool_value, float),
            lower=np.array(out.cutpool_lower, float),
            upper=np.array(out.cutpool_upper, float),
        )
        if out.cutpool_num_col == len(linear.instance.form.columns):
            pools.append(pool)

    highs.cbMipGetCutPool.subscribe(keep)
    heed(highs)
    highs.run()
    check()
    if highs.getModelStatus() == highspy.HighsModelStatus.kNotset:
        message = "the solver did not run"
        raise SolverError(message)
    return Root(
        bound=highs.getInfo().mip_dual_bound / linear.aim.scale,
        cuts=pools[-1] if pools and len(pools[-1].lower) else None,
    )
