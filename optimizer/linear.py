"""The linear relaxation in HiGHS: run it, hold columns, run it again from its basis.

The cost that the solver sees is scaled, so that a preference ten million times
smaller than money still stands out from its tolerance: one run finds the cheapest
plan, and among the equally cheap the preferred one.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
import struct
import time
from typing import Final

import highspy
import numpy as np

from optimizer.abandon import check
from optimizer.cuts import Cuts
from optimizer.form import Places
from optimizer.instance import LARGE, Instance
from optimizer.matrices import Compiled, Indices
from optimizer.series import Numbers

_WEIGHT: Final = 1e-7  # of a preference, against the mean cost of a column
_SCALE: Final = 1e3  # of the mean cost
_LEAST_SECONDS: Final = 0.05
_MANY: Final = 2_000  # columns; from there a first run with preferences is slow
_EDGES: Final = 1_000  # columns; from there steepest edges pay from the first run on
_PERTURBATION: Final = "dual_simplex_cost_perturbation_multiplier"
_EDGE_WEIGHTS: Final = "simplex_dual_edge_weight_strategy"
_DEVEX: Final = 1
_CHOSEN: Final = -1


class SolverError(RuntimeError):
    """The solver stopped without anything to show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Aim:
    """What is minimised: a cost, and a far smaller preference."""

    cost: Numbers
    weighted: Numbers  # with the preference
    spread: float  # the most that the preference can add to it
    scale: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run: values by column, a bound, and duals in units of the cost.

    Few ask for the duals, and to unpack them takes as long as the values.
    """

    values: Numbers
    bound: float
    column_dual: Callable[[], Numbers] = field(repr=False)
    row_dual: Callable[[], Numbers] = field(repr=False)


def aim_at(instance: Instance, cost: Numbers, weights: Numbers | None = None) -> Aim:
    """Return what to minimise for ``cost`` and, far smaller, ``weights``."""
    paid = np.abs(cost[cost != 0])
    mean = float(paid.mean()) if len(paid) else 1.0
    weighed = () if weights is None else np.flatnonzero(weights)
    if weights is None or not len(weighed):
        return Aim(cost=cost, weighted=cost, spread=0.0, scale=_SCALE / mean)
    sign = weights[weighed]
    reach = np.where(sign > 0, instance.upper[weighed], instance.lower[weighed])
    bounded = np.isfinite(reach)
    weight = np.where(bounded, _WEIGHT * mean * sign, 0.0)
    weighted = cost.copy()
    weighted[weighed] += weight
    return Aim(
        cost=cost,
        weighted=weighted,
        spread=float(weight @ np.where(bounded, reach, 0.0)),
        scale=_SCALE / mean,
    )


class Linear:
    """The relaxation of one problem, with its deadline (monotonic seconds)."""

    def __init__(self, compiled: Compiled, instance: Instance, deadline: float) -> None:
        """Begin with the numbers of the problem."""
        self.compiled, self.instance, self.deadline = compiled, instance, deadline
        instance.give(compiled.entries)
        self.lower, self.upper = instance.lower, instance.upper
        cost = compiled.entries.cost
        self.aim = Aim(cost=cost, weighted=cost, spread=0.0, scale=1.0)
        self.last_seconds = 0.0  # of the last run
        self.warm_seconds = 0.0  # of the longest that began from a basis
        self.is_late = False  # the last run had too little time
        self.patience_s = 0.0  # that runs may take after the deadline
        self.is_brief = False  # so few runs that steepest edges do not pay

    def cut(self, cuts: Cuts) -> Linear:
        """Return the same with ``cuts``, in an instance of its own."""
        instance = self.instance.cut(self.compiled.entries, cuts)
        linear = Linear(self.compiled, instance, self.deadline)
        linear.lower, linear.upper = self.lower, self.upper
        linear.free(instance.form.columns)
        linear.minimise(self.aim)
        return linear

    @property
    def seconds_left(self) -> float:
        """Return how long there is until the deadline."""
        return self.deadline - time.monotonic()

    @property
    def search_seconds(self) -> float:
        """Return how long a search may take and its powers still be made exact."""
        return self.seconds_left - self.warm_seconds

    def minimise(self, aim: Aim) -> None:
        """Take another aim."""
        self.aim = aim
        self.instance.cost(aim.weighted * aim.scale)

    def bound(self, columns: Indices, lower: Numbers, upper: Numbers) -> None:
        """Change the problem: ``columns`` have other bounds from here on."""
        # The bounds so far are also those of the instance, and of others.
        self.lower, self.upper = self.lower.copy(), self.upper.copy()
        self.lower[columns], self.upper[columns] = lower, upper
        self.free(columns)

    def hold(self, columns: Indices, values: Numbers) -> None:
        """Hold ``columns`` for now."""
        self.instance.hold(columns, values)

    def free(self, columns: Indices | Places) -> None:
        """Give ``columns`` their own bounds back."""
        self.instance.bound(columns, self.lower, self.upper)

    def forget(self) -> None:
        """Begin the next run anew, without a basis."""
        self.instance.forget()

    def run(self, below: float = np.inf) -> Run | None:
        """Return the optimum, None if there is none, or none in time.

        Nor where it is seen to cost more than ``below``, preferences counted.
        """
        check()
        instance, highs = self.instance, self.instance.highs
        seconds = self.seconds_left + self.patience_s
        self.is_late = seconds <= 0
        if self.is_late or not instance.possible:
            return None
        cold = instance.cold
        first = len(instance.form.columns) > LARGE and cold
        instance.option("presolve", "on" if first else "off")
        # A few steps from a basis do not stall, and need not take back perturbed costs.
        few = len(self.lower) <= _MANY and not cold
        instance.option(_PERTURBATION, 0.0 if few else 1.0)
        # Steepest edges would have to be worked out for the first basis.
        devex = cold and len(instance.form.columns) <= _EDGES
        devex |= self.is_brief
        instance.option(_EDGE_WEIGHTS, _DEVEX if devex else _CHOSEN)
        # HiGHS counts its time limit from the instance's first run.
        limit = highs.getRunTime() + max(seconds, _LEAST_SECONDS)
        highs.setOptionValue("time_limit", limit)
        instance.option("objective_bound", below * self.aim.scale)
        before = time.monotonic()
        if not (cold and self.aim.spread and len(self.lower) > _MANY):
            highs.run()
        else:
            self._run_twice()
        self.last_seconds = time.monotonic() - before
        instance.cold = not highs.getBasis().valid
        if not cold:
            self.warm_seconds = max(self.warm_seconds, self.last_seconds)
        # Status and values are lost once anything changes.
        status = highs.getModelStatus()
        if status == highspy.HighsModelStatus.kNotset:
            message = "the solver did not run"
            raise SolverError(message)
        self.is_late = status == highspy.HighsModelStatus.kTimeLimit
        if status != highspy.HighsModelStatus.kOptimal:
            return None
        reached = highs.getObjectiveValue()
        if reached > below * self.aim.scale:
            return None
        solution, form = highs.getSolution(), instance.form
        values = np.zeros(len(self.lower))
        values[form.columns] = _numbers(solution.col_value)
        scale, rows = self.aim.scale, self.compiled.row_count
        return Run(
            values=values,
            bound=reached / scale - self.aim.spread,
            column_dual=lambda: _spread(
                solution.col_dual, form.columns, len(values), scale
            ),
            row_dual=lambda: _spread(solution.row_dual, form.rows, rows, scale),
        )

    def _run_twice(self) -> None:
        """Run for money first, then with preferences if there is time for a dive too.

        Without a basis HiGHS takes up to ten times as long with preferences.
        """
        aim, before = self.aim, time.monotonic()
        self.minimise(aim_at(self.instance, aim.cost))
        self.instance.highs.run()
        if self.seconds_left > 2 * (time.monotonic() - before):
            self.minimise(aim)
            self.instance.highs.run()


def _spread(found: Sequence[float], places: Places, size: int, scale: float) -> Numbers:
    """Return the duals of a form, without those of its cuts, by place."""
    spread = np.zeros(size)
    spread[places] = _numbers(found)[: len(places)] / scale
    return spread


def _numbers(found: Sequence[float]) -> Numbers:
    """Return floats as an array: a third of the time that numpy takes for a list."""
    return np.frombuffer(struct.pack(f"{len(found)}d", *found))
