"""A long horizon, window after window: a whole plan, and what none is cheaper than.

Each window is planned with some hours more, of which nothing is kept, and begins
with what the one before has left in the stores (receding horizon). What is left at
its end is worth what it was worth on average in the window before.

The windows are then solved backwards as linear problems. Each pays what the next ones
say a state is worth, and together they pay the price of what lasts, such as a
month's peak: so their duals are those of the whole problem but for what a state is
worth elsewhere than where the plan leaves it. They give a proven bound (`dual_bound`).
"""

from dataclasses import dataclass
from itertools import pairwise
import time
from typing import Final

import highspy
import numpy as np

from optimizer.abandon import check
from optimizer.dive import dive
from optimizer.form import Form
from optimizer.instance import Instance
from optimizer.linear import Aim, Linear, Run
from optimizer.matrices import Compiled
from optimizer.series import Numbers
from optimizer.time_order import Piece, Places, TimeOrder
from optimizer.timeline import timeline

_DAY_HOURS: Final = 24.0
_LEAST_STEPS, _MOST_STEPS = 96, 288  # of a window
_AHEAD: Final = 0.5  # of a window
_PRICE_SHARE: Final = 0.4  # of what the plan took, where that was late
_PLAN_SHARE: Final = 0.7  # of the time; the rest is for the bound


@dataclass(frozen=True, slots=True, kw_only=True)
class Receded:
    """A plan by column, duals by row, and the basis of the linear optima."""

    values: Numbers
    duals: Numbers
    basis: highspy.HighsBasis


class Receding:
    """The windows of one linear problem."""

    def __init__(self, linear: Linear, times_longer: int = 1) -> None:
        """Put the problem in order of time; windows may be longer than a day's."""
        compiled = linear.compiled
        self.linear = linear
        self.steps = len(compiled.balance)
        self.length = times_longer * window_steps(compiled)
        self.is_impossible = False  # no plan can be: not even one of the first window
        self.is_late = False  # nor is there one in time
        self._seconds = 0.0  # that the plan took
        self.ahead = int(self.length * _AHEAD)
        self.reach = timeline(compiled)
        longest = self.length + self.ahead
        self.order = TimeOrder(linear, self.reach, longest, self.length)
        order = self.order
        self.values = np.zeros(len(order.columns))
        self.duals = np.zeros(len(order.rows))
        status = highspy.HighsBasisStatus
        self.column_status = np.full(len(order.columns), status.kNonbasic, object)
        self.row_status = np.full(len(order.rows), status.kBasic, object)
        equations = order.unknown >= 0
        self.column_status[order.unknown[equations]] = status.kBasic
        self.row_status[equations] = status.kNonbasic
        self._worths = np.full(order.kinds + 1, np.nan)  # by kind; the last is of none
        self._bounds = order.lower.copy(), order.upper.copy()

    def windows(self) -> list[range]:
        """Return the steps of each; the last is not much shorter than the others."""
        count = max(1, round(self.steps / self.length))
        edges = np.linspace(0, self.steps, count + 1).astype(int).tolist()
        return [range(a, b) for a, b in pairwise(edges)]

    def plan(self) -> bool:
        """Plan window after window; tell whether all have a plan."""
        windows, begun = self.windows(), time.monotonic()
        for place, window in enumerate(windows):
            left = _PLAN_SHARE * max(self.linear.seconds_left, 0.0)
            left /= len(windows) - place
            if not place and not self._value(window, left):
                return False
            if not self._plan(window, left):
                return False
        self._seconds = time.monotonic() - begun
        return True

    def _linear(self, piece: Piece, seconds: float) -> Linear:
        """Return the solver's problem of ``piece``, with the basis as far as known."""
        compiled, whole = piece.compiled, self.linear
        form = Form.without(
            compiled.starts, compiled.indices, compiled.unknowns, compiled.shut, 1
        )
        instance = Instance(form, self._basis(piece.columns, piece.rows))
        linear = Linear(compiled, instance, time.monotonic() + seconds)
        linear.patience_s = max(whole.seconds_left, 0.0) + whole.patience_s
        linear.is_brief = True
        cost = compiled.entries.cost
        linear.minimise(
            Aim(
                cost=cost,
                weighted=cost + compiled.weights,
                spread=0.0,
                scale=whole.aim.scale,
            )
        )
        return linear

    def _basis(self, columns: Places, rows: Places) -> highspy.HighsBasis:
        basis = highspy.HighsBasis()
        basis.col_status = self.column_status[columns].tolist()
        basis.row_status = self.row_status[rows].tolist()
        basis.valid, basis.alien = True, True
        return basis

    def _learn(self, piece: Piece, linear: Linear) -> None:
        basis = linear.instance.highs.getBasis()
        self.column_status[piece.columns] = basis.col_status
        self.row_status[piece.rows] = basis.row_status

    def _foresee(self, window: range) -> None:
        """Let what comes next begin with the basis of a window's length before."""
        order, stop = self.order, min(window.stop + self.ahead, self.steps)
        for status, earlier, some in (
            (self.column_status, *order.columns_in(stop, stop + self.length)),
            (self.row_status, *order.rows_in(stop, stop + self.length)),
        ):
            known = earlier >= 0
            status[some][known] = status[earlier[known]]

    def _piece(self, window: range) -> Piece:
        stop = min(window.stop + self.ahead, self.steps)
        return self.order.piece(
            window.start, stop, window.stop, self.values, self._worth
        )

    def _value(self, window: range, seconds: float) -> bool:
        """Find out what states are worth at all."""
        piece = self._piece(window)
        linear = self._linear(piece, seconds)
        run = linear.run()
        if run is None:
            status = linear.instance.highs.getModelStatus()
            proven = status == highspy.HighsModelStatus.kInfeasible
            self.is_impossible = proven or not linear.instance.possible
            self.is_late = linear.is_late
            return False
        self._learn(piece, linear)
        self._appraise(piece, run, window)
        return True

    def _appraise(self, piece: Piece, run: Run, window: range) -> None:
        """Take the duals of what begins in ``window``, and a state's mean worth."""
        order, rows = self.order, piece.rows
        duals = run.row_dual()
        mine = order.row_first[rows] < window.stop
        self.duals[rows[mine]] = duals[mine]
        mine &= (order.kind[rows] >= 0) & (order.row_first[rows] >= window.start)
        kind = order.kind[rows[mine]]
        count = np.bincount(kind, minlength=order.kinds)
        total = np.bincount(kind, duals[mine], order.kinds)
        known = count > 0
        self._worths = np.full(order.kinds + 1, np.nan)
        self._worths[:-1][known] = total[known] / count[known]

    def _worth(self, rows: Places) -> Numbers:
        """Return what a state that ``rows`` hand on is worth, if that is known."""
        worths: Numbers = self._worths[self.order.kind[rows]]
        return worths

    def _plan(self, window: range, seconds: float) -> bool:
        check()
        order, piece = self.order, self._piece(window)
        linear = self._linear(piece, seconds)
        run = linear.run()
        if run is None:
            self.is_late = linear.is_late
            return False
        self._learn(piece, linear)
        self._foresee(window)
        self._appraise(piece, run, window)
        whole = dive(linear, run)
        if whole is None:
            # What is rounded at once, for lack of time, may be impossible together.
            linear.deadline = time.monotonic() + linear.patience_s
            whole = dive(linear, run)
        if whole is None:
            self.is_late = linear.is_late
            return False
        kept = (piece.columns >= order.lasting) | (
            piece.columns < order.begins(window.stop)
        )
        self.values[piece.columns[kept]] = whole.values[kept]
        order.narrow(window.start, window.stop, self.values)
        return True

    def price(self) -> None:
        """Solve the windows backwards, for duals that agree with each other.

        Where the plan came late, its bound may too: a plan late is told how good it is.
        """
        order = self.order
        is_late = self.linear.seconds_left < 0
        left = _PRICE_SHARE * self._seconds if is_late else self.linear.seconds_left
        deadline = time.monotonic() + left
        order.lower, order.upper = self._bounds
        windows = self.windows()
        shares = self._shares(windows)
        longest = 0.0
        for place in reversed(range(len(windows))):
            check()
            begun = time.monotonic()
            if deadline - begun < longest:
                return
            window = windows[place]
            piece = order.piece(
                window.start,
                window.stop,
                window.start,
                self.values,
                self.duals.__getitem__,
            )
            lasting = piece.columns >= order.lasting
            piece.compiled.entries.cost[lasting] = shares[place]
            linear = self._linear(piece, deadline - begun)
            run = linear.run()
            if run is None:
                return
            self.duals[piece.rows] = run.row_dual()
            longest = max(longest, time.monotonic() - begun)

    def _shares(self, windows: list[range]) -> list[Numbers]:
        """Return which part of the cost of what lasts each window pays."""
        order, lasting = self.order, self.order.lasting
        cost = order.cost[lasting:]
        paid = np.array(
            [order.paid(window.start, window.stop, self.duals) for window in windows]
        )
        total = paid.sum(axis=0)
        share = np.where(total > cost, cost / np.where(total > 0, total, 1.0), 1.0)
        rest = np.maximum(cost - total, 0.0) / len(windows)
        return [part * share + rest for part in paid]

    def found(self) -> Receded:
        """Return what was found, by column and row of the problem."""
        compiled, order, form = (
            self.linear.compiled,
            self.order,
            self.linear.instance.form,
        )
        values, duals = np.zeros(compiled.column_count), np.zeros(compiled.row_count)
        values[order.columns], duals[order.rows] = self.values, self.duals
        columns = np.zeros(compiled.column_count, int)
        columns[order.columns] = np.arange(len(order.columns))
        rows = np.full(compiled.row_count, -1)
        rows[order.rows] = np.arange(len(order.rows))
        basis = highspy.HighsBasis()
        basis.col_status = self.column_status[columns[form.columns]].tolist()
        status = np.full(len(form.rows), highspy.HighsBasisStatus.kBasic, object)
        known = rows[form.rows] >= 0
        status[known] = self.row_status[rows[form.rows[known]]]
        basis.row_status = status.tolist()
        basis.valid, basis.alien = True, True
        return Receded(values=values, duals=duals, basis=basis)


def window_steps(compiled: Compiled) -> int:
    """Return how many steps a window has: those of a day, within limits."""
    hours = compiled.hours
    a_day = round(_DAY_HOURS * len(hours) / float(hours.sum()))
    return min(max(a_day, _LEAST_STEPS), _MOST_STEPS)
