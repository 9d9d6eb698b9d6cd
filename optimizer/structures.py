"""The structures that were compiled last, so that none is built twice.

A car that comes and goes, or a price that falls below zero, is another structure;
the one before is soon wanted again.
"""

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from optimizer.align import Columns
from optimizer.assemble import Parts
from optimizer.compile import compile_model
from optimizer.component import Data
from optimizer.horizon import Horizon
from optimizer.matrices import Compiled
from optimizer.problem import build, data_of, structure
from optimizer.tighten import tighten

if TYPE_CHECKING:
    from optimizer.home import Home
    from optimizer.outcome import Outcome

_KEPT = 6  # some MB each


class Structures:
    """Compiled structures, the last used last, and the plan that was made last."""

    def __init__(self) -> None:
        """Begin without any."""
        self._compiled: OrderedDict[Hashable, Compiled] = OrderedDict()
        self._plan: Outcome | None = None
        self._used_again = False  # the plan's matrices: their numbers are others'

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._compiled)

    def remember(self, plan: Outcome) -> None:
        """Keep ``plan``: who asks what else it could be asks soon, and often."""
        self._plan, self._used_again = plan, False

    def recall(self, home: Home, horizon: Horizon, columns: Columns) -> Outcome | None:
        """Return the plan of just this problem, if it is the one that was made last.

        Another may have been begun since, and been given up.
        """
        plan = self._plan
        if plan is None or plan.home != home or plan.horizon != horizon:
            return None
        same = plan.columns.keys() == columns.keys() and all(
            np.array_equal(values, columns[name])
            for name, values in plan.columns.items()
        )
        if not same:
            return None
        if self._used_again:
            self._give_back(plan)
        return plan

    def _give_back(self, plan: Outcome) -> None:
        """Let the matrices of ``plan`` have its numbers again."""
        data = data_of(plan.parts, plan.horizon)
        plan.compiled.give(data, plan.horizon.hours)
        if plan.solution.compiled is not plan.compiled:
            plan.solution.compiled.give(data, plan.horizon.hours)
        self._used_again = False

    def compiled(
        self, parts: Parts, horizon: Horizon, *, tight: bool = False
    ) -> Compiled:
        """Return the matrices of ``parts``, their data given.

        A ``tight`` model has the same columns and more rows.
        """
        key = tight, structure(parts, horizon)
        data = data_of(parts, horizon)
        compiled = self._compiled.pop(key, None)
        if compiled is None:
            compiled = _compile(parts, horizon, data, tight=tight)
            if len(self._compiled) >= _KEPT:
                self._compiled.popitem(last=False)
        self._compiled[key] = compiled
        if (plan := self._plan) is not None and (
            compiled is plan.compiled or compiled is plan.solution.compiled
        ):
            self._used_again = True
        compiled.give(data, horizon.hours)
        return compiled


def _compile(
    parts: Parts, horizon: Horizon, data: Mapping[str, Data], *, tight: bool
) -> Compiled:
    model = build(parts, horizon, data)
    if tight:
        tighten(model, parts)
    compiled = compile_model(model)
    model.draft.clear()
    return compiled
