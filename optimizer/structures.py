"""The structures that were compiled last, so that none is built twice.

A car that comes and goes, or a price that falls below zero, is another structure;
the one before is soon wanted again.
"""

from collections import OrderedDict, deque
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
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
_PLANS = 3  # a plan that came too late is made between one in force and its questions


@dataclass(slots=True, eq=False)
class _Made:
    """A plan, and whether its matrices have the numbers of another by now."""

    plan: Outcome
    used_again: bool = False

    def uses(self, compiled: Compiled) -> bool:
        return compiled is self.plan.compiled or compiled is self.plan.solution.compiled


class Structures:
    """Compiled structures, the last used last, and the plans that were made last."""

    def __init__(self) -> None:
        """Begin without any."""
        self._compiled: OrderedDict[Hashable, Compiled] = OrderedDict()
        self._made: deque[_Made] = deque(maxlen=_PLANS)

    def __len__(self) -> int:
        """Return how many are kept."""
        return len(self._compiled)

    def remember(self, plan: Outcome) -> None:
        """Keep ``plan``: who asks what else it could be asks soon, and often."""
        self._made.appendleft(_Made(plan))

    def recall(self, home: Home, horizon: Horizon, columns: Columns) -> Outcome | None:
        """Return the plan of just this problem, if it is one of those made last.

        Others may have been made or begun since.
        """
        for made in tuple(self._made):
            plan = made.plan
            if plan.home == home and plan.horizon == horizon and _same(plan, columns):
                self._made.remove(made)
                self._made.appendleft(made)
                if made.used_again:
                    self._give_back(made)
                return plan
        return None

    def _give_back(self, made: _Made) -> None:
        """Let the matrices of a plan have its numbers again."""
        plan = made.plan
        data = data_of(plan.parts, plan.horizon)
        for compiled in {
            id(c): c for c in (plan.compiled, plan.solution.compiled)
        }.values():
            self._given(compiled)
            compiled.give(data, plan.horizon.hours)
        made.used_again = False

    def _given(self, compiled: Compiled) -> None:
        """Note that the numbers in ``compiled`` change."""
        for made in self._made:
            if made.uses(compiled):
                made.used_again = True

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
        self._given(compiled)
        compiled.give(data, horizon.hours)
        return compiled


def _same(plan: Outcome, columns: Columns) -> bool:
    return plan.columns.keys() == columns.keys() and all(
        np.array_equal(values, columns[name]) for name, values in plan.columns.items()
    )


def _compile(
    parts: Parts, horizon: Horizon, data: Mapping[str, Data], *, tight: bool
) -> Compiled:
    model = build(parts, horizon, data)
    if tight:
        tighten(model, parts)
    compiled = compile_model(model)
    model.draft.clear()
    return compiled
