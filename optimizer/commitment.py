"""Runs and rests of a device that is on or off: least lengths, starts an hour.

    on[t] - on[t-1] = start[t] - stop[t]
    sum of start in the steps of the last min_on <= on[t]
    sum of stop in the steps of the last min_off <= 1 - on[t]

The rows of Rajan and Takriti (IBM Research Report RC23628, 2005), which describe
the convex hull of runs and rests; start and stop need no binaries of their own.

A run or a rest that has to go on when the plan starts holds on[t] in its first steps:
a rest for certain, a run unless nothing else is possible.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from optimizer import words as pyo
from optimizer.component import Block, Expression, slack
from optimizer.horizon import Horizon

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commitment:
    """How long a device runs and rests at least, and how often it starts."""

    min_on: timedelta
    min_off: timedelta
    starts_per_hour: int | None
    initially_on: bool
    held: timedelta = timedelta()
    start_takes: timedelta = timedelta()

    @property
    def asked(self) -> bool:
        """Whether there is anything to keep."""
        lengths = self.min_on, self.min_off, self.held, self.start_takes
        return any(lengths) or bool(self.starts_per_hour)

    def held_steps(self, horizon: Horizon) -> range:
        """Return the steps in which it cannot change, as far as the plan goes."""
        return horizon.touching(None, horizon.start + self.held)

    def starting(self, horizon: Horizon) -> Mapping[int, Sequence[tuple[int, float]]]:
        """Return for each step the starts that take some of it, and what share."""
        found: dict[int, list[tuple[int, float]]] = {}
        if not self.start_takes:
            return found
        for s, begin in enumerate(horizon.times):
            end = begin + self.start_takes
            for t in range(s, horizon.touching(None, end).stop):
                length = horizon.time(t + 1) - horizon.time(t)
                part = (min(end, horizon.time(t + 1)) - horizon.time(t)) / length
                found.setdefault(t, []).append((s, part))
        return found

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the steps that each step's state depends on, and how it begins."""
        return (
            tuple(horizon.since(self.min_on)),
            tuple(horizon.since(self.min_off)),
            tuple(horizon.since(_HOUR)),
            self.starts_per_hour,
            self.initially_on,
            len(self.held_steps(horizon)),
            tuple(
                (t, tuple(s for s, _ in starts))
                for t, starts in self.starting(horizon).items()
            ),
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

        run, rest, hour = map(horizon.since, (self.min_on, self.min_off, _HOUR))

        @block.Constraint(index)
        def least_run(b: Block, t: int) -> Expression:
            # started within min_on: on
            return pyo.quicksum(b.start[s] for s in run[t]) <= on[t]

        @block.Constraint(index)
        def least_rest(b: Block, t: int) -> Expression:
            # stopped within min_off: off
            return pyo.quicksum(b.stop[s] for s in rest[t]) <= 1 - on[t]

        held = [t for t in self.held_steps(horizon) if t in on]
        goes_on = slack(block, [0] if held and self.initially_on else [])

        @block.Constraint(held if self.initially_on else [])
        def runs_on(b: Block, t: int) -> Expression:
            del b
            # on[t] + given up ≥ 1
            return on[t] + goes_on[0] >= 1

        @block.Constraint([] if self.initially_on else held)
        def rests_on(b: Block, t: int) -> Expression:
            del b
            # on[t] ≤ 0
            return on[t] <= 0

        most = self.starts_per_hour
        bound = most is not None and most < max(map(len, hour))

        @block.Constraint(index if bound else [])
        def starts_an_hour(b: Block, t: int) -> Expression:
            # starts within an hour ≤ most
            return pyo.quicksum(b.start[s] for s in hour[t]) <= most
