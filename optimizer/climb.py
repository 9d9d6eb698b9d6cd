"""A problem and an aim -> the best plan and a proven bound.

Each rung costs more than the one before, and is only climbed while the gap asks for
it: over a long horizon window after window; the linear optimum and a dive; exchanges
of single steps; a tightened model and again a dive; the cuts of branch and bound's
root and again a dive; branch and bound near the plan, and over all.
"""

from collections.abc import Callable
from enum import StrEnum
from functools import partial
from typing import Final

import numpy as np

from optimizer.dive import dive
from optimizer.dual_bound import dual_bound
from optimizer.exact import search
from optimizer.exchange import exchange
from optimizer.improve import improve
from optimizer.linear import Aim, Linear, Run, aim_at
from optimizer.makeshift import least_cost, makeshift
from optimizer.matrices import Compiled
from optimizer.receding import Receding, window_steps
from optimizer.root import root
from optimizer.series import Numbers
from optimizer.split import half_on, split

_CLOSE: Final = 1e-6
_CLOSE_SHARE: Final = 1e-9
_BUILD_SECONDS: Final = 1e-4  # a column, to build a tighter model; on a slow machine
_ENOUGH: Final = 0.9  # of the gap, for exchanges to end at
_WORTH: Final = 0.1  # of what the bound lacks, for a tightened model to be kept
_LONG: Final = 30_000  # columns; from there windows are much sooner than the whole
_PART: Final = 0.5  # of the horizon; longer windows save nothing
_LARGE: Final = 30_000  # columns; there the root's cuts take longer than the time
_FIRST_RUNS: Final = 60  # of exchanges, while the bound may still be the weak part
_MORE_RUNS: Final = 200


class Method(StrEnum):
    """How a solution was found; how good it is is another matter."""

    LINEAR = "linear"  # the linear optimum was whole: the best but for preferences
    ROUNDED = "rounded"  # the linear optimum, made whole
    SEARCH = "search"  # by exchanges, or by branch and bound


def gap_between(objective: float, bound: float) -> float:
    """Return the share of the cost that a better plan could save at most."""
    apart = objective - bound
    return 0.0 if apart <= _CLOSE * _CLOSE else apart / max(abs(objective), _CLOSE)


class Climb:
    """The search for one aim. Best plan and bound are without the constant cost."""

    def __init__(self, linear: Linear, aim: Aim, gap: float) -> None:
        """Begin with a model of the problem."""
        self.linear, self.aim, self.gap = linear, aim, gap
        self.best: Run | None = None
        self.best_linear = linear  # the model of the best plan
        self.method = Method.LINEAR  # of the best plan
        self.bound = -np.inf
        self.possible = True
        self._outside = np.inf  # what no plan that the model leaves out is cheaper than
        self._tight = False
        self._optimum: Run | None = None  # the linear one, of the last model

    @property
    def done(self) -> bool:
        """Whether the gap is reached, or there is no plan."""
        return not self.possible or self._reached(self.gap)

    def _reached(self, gap: float, bound: float | None = None) -> bool:
        if self.best is None:
            return False
        offset = self.linear.compiled.offset
        low = (self.bound if bound is None else bound) + offset
        return gap_between(self._money(self.best) + offset, low) <= gap

    def _money(self, run: Run) -> float:
        return float(self.aim.cost @ run.values)

    def _keep(self, run: Run | None, method: Method = Method.SEARCH) -> None:
        if run is None:
            return
        self.linear.patience_s = 0.0
        if self.best is None or self._money(run) < self._money(self.best):
            self.best, self.best_linear, self.method = run, self.linear, method

    def climb(self, tighter: Callable[[], Compiled] | None = None) -> None:
        """Search until the gap is reached or the time is over."""
        self._recede()
        if self.done:
            return
        self._relax()
        self._dive(careful=tighter is None)
        self.linear.patience_s = 0.0
        rungs = (
            partial(self._exchange, _FIRST_RUNS),
            partial(self._tighten, tighter),
            self._split,
            self._root,
            self._improve,
            self._search,
        )
        for rung in rungs:
            if self.done or self.linear.search_seconds <= 0:
                return
            rung()

    def _tighten(self, tighter: Callable[[], Compiled] | None) -> None:
        enough = self.linear.seconds_left > _BUILD_SECONDS * len(self.linear.lower)
        if tighter is None or not enough or not self.linear.compiled.half_on:
            return
        compiled, loose, below = tighter(), self.linear, self.bound
        self.linear = Linear(compiled, compiled.closed, loose.deadline)
        self._relax()
        self._tight = self._is_worth(below)
        if self._tight:
            self._dive(careful=True)
        else:
            self.linear = loose
            self._relax()

    def _is_worth(self, below: float) -> bool:
        """Tell whether half-on devices are what the bound lacks, or may be.

        They are not where the tightened model hardly raises it above ``below`` and
        no peak is paid for that a split could share out.
        """
        if self._reached(self.gap, below + (self.bound - below) / _WORTH):
            return True
        run = self._optimum
        if run is None:
            return False
        rows = half_on(self.linear.compiled)
        return rows is not None and run.values[rows.excess] > _CLOSE

    def _recede(self) -> None:
        """Plan a long horizon in windows: all at once may not end in time."""
        linear = self.linear
        steps, compiled = len(linear.compiled.balance), linear.compiled
        if len(linear.instance.form.columns) <= _LONG or not linear.instance.possible:
            return
        if not steps or window_steps(compiled) > steps * _PART:
            return
        linear.minimise(self.aim)
        receding, longer = Receding(linear), 1
        while not receding.plan():
            longer *= 2
            too_long = longer * window_steps(compiled) > steps * _PART
            if too_long or receding.is_impossible or receding.is_late:
                self.possible = not receding.is_impossible
                return
            receding = Receding(linear, longer)
        receding.price()
        found = receding.found()
        self._raise(dual_bound(linear, found.duals, receding.reach))
        self._raise(least_cost(linear, self.aim.cost))
        if compiled.keeps(found.values):
            self._keep(_run(compiled, found.values, found.duals), Method.ROUNDED)
        linear.instance.begin(found.basis)

    def _relax(self) -> None:
        """Take the linear optimum as a bound."""
        self.linear.minimise(self.aim)
        self._optimum = self.linear.run()
        if self._optimum is not None:
            self._raise(self._optimum.bound)
        elif self.bound == -np.inf:
            if self.linear.is_late and self.linear.patience_s > 0:
                self._make_do()
            self.possible = self.best is not None

    def _make_do(self) -> None:
        """Take a makeshift plan, unless wishes may give way: they have no price."""
        linear = self.linear
        if linear.instance is linear.compiled.closed:
            self._raise(least_cost(linear, self.aim.cost))
            self._keep(makeshift(linear), Method.ROUNDED)

    def _raise(self, bound: float) -> None:
        """Take a bound of the model, if it is higher."""
        self.bound = max(self.bound, min(bound, self._outside))

    def _dive(self, *, careful: bool) -> None:
        if self._optimum is None or self.done:
            return
        whole, optimum = (
            dive(self.linear, self._optimum, careful=careful),
            self._optimum,
        )
        if whole is not None:
            dearer = self._money(whole) - self._money(optimum)
            scale = float(np.abs(self.aim.cost) @ np.abs(optimum.values))
            exact = dearer <= _CLOSE_SHARE * scale
            self._keep(whole, Method.LINEAR if exact else Method.ROUNDED)
        sure = self._optimum.bound + self.aim.spread
        if not self.done and self._reached(self.gap, sure):
            self._raise(self._sure_bound())

    def _sure_bound(self) -> float:
        """Return what no plan is cheaper than, without the preferences' uncertainty."""
        self.linear.minimise(aim_at(self.linear.instance, self.aim.cost))
        run = self.linear.run()
        self.linear.minimise(self.aim)
        return -np.inf if run is None else run.bound

    def _exchange(self, most_runs: int) -> None:
        if self.best is None or self.done:
            return
        offset = self.linear.compiled.offset
        enough = self.bound + self.gap * _ENOUGH * abs(self.bound + offset)
        self._keep(exchange(self.linear, self.best, enough, most_runs))

    def _split(self) -> None:
        """Bound the peak to the range that better plans have."""
        rows = half_on(self.linear.compiled) if self._tight else None
        if self.best is None or self._optimum is None or rows is None:
            return
        if self._optimum.values[rows.excess] <= _CLOSE:
            return  # nothing half on pays half a peak
        cost = self._money(self.best)
        target = cost - self.gap * _ENOUGH * abs(cost + self.linear.compiled.offset)
        peak_kw = float(self.best.values[rows.excess])
        found = split(self.linear, rows, peak_kw, self.bound, target)
        if found is None:
            return
        self._raise(found.bound)
        if found.linear is not None and not self.done:
            self.linear, self._outside = found.linear, found.outside
            self._relax()
            self._dive(careful=True)

    def _root(self) -> None:
        """Take the root's bound, and its cuts into the model; dive again."""
        if self.best is None or len(self.linear.lower) > _LARGE:
            return
        tried = root(self.linear, self.best.values, self.gap)
        self._raise(tried.bound)
        if tried.cuts is None or self.done:
            return
        self.linear = self.linear.cut(tried.cuts)
        self._relax()
        self._dive(careful=self._tight)
        self._exchange(_MORE_RUNS)

    def _improve(self) -> None:
        if self.best is None or self._optimum is None:
            return
        values, optimum = self.best.values, self._optimum.values
        better = improve(self.linear, values, optimum, self.bound, self.gap)
        if better is not values:
            self._keep(self._exact(better))

    def _search(self) -> None:
        start = None if self.best is None else self.best.values
        # Least runs leave little to exchanges of single steps.
        searched = search(self.linear, start, self.gap, exchanged=self._tight)
        self._raise(searched.bound)
        if searched.values is not None:
            self._keep(self._exact(searched.values))

    def _exact(self, values: Numbers) -> Run:
        """Hold the integers: the exact powers and the marginal prices."""
        linear, integers = self.linear, self.linear.compiled.integers
        linear.hold(integers, np.round(values[integers]))
        run = linear.run()
        linear.free(integers)
        if run is not None:
            return run
        return _run(linear.compiled, values, np.zeros(linear.compiled.row_count))


def _run(compiled: Compiled, values: Numbers, row_dual: Numbers) -> Run:
    """Return ``values`` as if they came from a run that proves nothing."""
    return Run(
        values=values,
        bound=-np.inf,
        column_dual=lambda: np.zeros(compiled.column_count),
        row_dual=lambda: row_dual,
    )
