"""Runs and rests of a device that is on or off: least lengths, starts an hour.

    on[t] - on[t-1] = start[t] - stop[t]
    sum of start in the last min_on steps <= on[t]
    sum of stop in the last min_off steps <= 1 - on[t]

The rows of Rajan and Takriti (IBM Research Report RC23628, 2005), which describe
the convex hull of runs and rests; start and stop need no binaries of their own.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import timedelta
import math

from optimizer import words as pyo
from optimizer.component import Block, Expression
from optimizer.horizon import Horizon

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """How long a device runs and rests at least, and how often it starts."""

    min_on: timedelta
    min_off: timedelta
    starts_per_hour: int | None
    initially_on: bool

    @property
    def asked(self) -> bool:
        """Whether there is anything to keep."""
        return bool(self.min_on or self.min_off or self.starts_per_hour)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the lengths in steps, and how it begins."""
        return (
            math.ceil(self.min_on / horizon.step),
            math.ceil(self.min_off / horizon.step),
            math.ceil(_HOUR / horizon.step),
            self.starts_per_hour,
            self.initially_on,
        )

    def build(
        self, block: Block, horizon: Horizon, on: Mapping[int, Expression]
    ) -> None:
        """Put runs and rests on ``block``; what was before the plan is over."""
        index = list(on)
        block.start = pyo.Var(index, bounds=(0, 1))
        block.stop = pyo.Var(index, bounds=(0, 1))

        @block.Constraint(index)
        def switching(b: Block, t: int) -> Expression:
            before = on[t - 1] if t else int(self.initially_on)
            # on[t] - on[t-1] = start[t] - stop[t]
            return on[t] - before == b.start[t] - b.stop[t]

        def last(flags: Mapping[int, Expression], t: int, steps: int) -> Expression:
            return pyo.quicksum(flags[s] for s in range(max(t - steps + 1, 0), t + 1))

        run, rest = (
            max(math.ceil(length / horizon.step), 1)
            for length in (self.min_on, self.min_off)
        )

        @block.Constraint(index)
        def least_run(b: Block, t: int) -> Expression:
            # started within min_on: on
            return last(b.start, t, run) <= on[t]

        @block.Constraint(index)
        def least_rest(b: Block, t: int) -> Expression:
            # stopped within min_off: off
            return last(b.stop, t, rest) <= 1 - on[t]

        hour = math.ceil(_HOUR / horizon.step)
        most = self.starts_per_hour

        @block.Constraint(index if most is not None and most < hour else [])
        def starts_an_hour(b: Block, t: int) -> Expression:
            # starts within an hour ≤ most
            return last(b.start, t, hour) <= most
