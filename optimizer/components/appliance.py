"""One uninterrupted run of a fixed profile.

    sum(start) + skipped = 1 (<= 1 where it is optional)
    power[t] = sum over s of start[s] profile[s][t - s]

A binary for each possible start, with the profile in the power itself: on/off
states with big-M rows take seventy times as long to solve.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache

import numpy as np

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Soft, slack
from optimizer.horizon import Horizon
from optimizer.run_due import run_due
from optimizer.series import Numbers
from optimizer.windows import within


@dataclass(frozen=True, slots=True, kw_only=True)
class Appliance:
    """A run lies wholly within its window and, if it can, within the horizon.

    A run that can only be had after the horizon's end is left to a later plan.
    """

    device: home.Appliance

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    @property
    def _length(self) -> timedelta:
        d = self.device
        return len(d.profile_kw) * timedelta(minutes=d.profile_step_minutes)

    def run(self, horizon: Horizon, s: int) -> range:
        """Return the steps that a run touches which starts with step ``s``."""
        return range(s, horizon.touching(None, horizon.time(s) + self._length).stop)

    def profile_kw(self, horizon: Horizon, s: int) -> Numbers:
        """Return the mean power in each step of a run that starts with ``s``."""
        return self.profiles_kw(horizon, [self.run(horizon, s)])

    def profiles_kw(self, horizon: Horizon, runs: Sequence[range]) -> Numbers:
        """Return the mean power in each step of each of ``runs``, one after another."""
        steps = np.concatenate([np.zeros(0, int), *map(np.array, runs)])
        lengths = np.array([len(run) for run in runs], int)
        begun = np.repeat(np.array([run.start for run in runs], int), lengths)
        hour = self.device.profile_step_minutes / 60
        drawn_kwh = np.cumsum([0.0, *self.device.profile_kw]) * hour
        parts = np.arange(len(drawn_kwh)) * hour
        first, last = (
            np.interp(horizon.clock[edge] - horizon.clock[begun], parts, drawn_kwh)
            for edge in (steps, steps + 1)
        )
        mean_kw: Numbers = (last - first) / horizon.hours[steps]
        return mean_kw

    @property
    def energy_kwh(self) -> float:
        """What a run draws."""
        return sum(self.device.profile_kw) * self.device.profile_step_minutes / 60

    def starts(self, horizon: Horizon) -> range:
        """Return the steps a run may start with."""
        first = horizon.inside(self.device.earliest_start, horizon.end).start
        latest = min(self.device.latest_end, horizon.end) - self._length
        past = horizon.touching(None, latest + timedelta.resolution).stop
        return range(first, max(first, past))

    def due(self, horizon: Horizon) -> bool:
        """Tell whether it has to run now: no later plan can do it."""
        if self.device.value is not None:
            return False
        return bool(self.starts(horizon)) or self.device.latest_end <= horizon.end

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the possible starts, the wished ones, and how long a run is."""
        every = _every(self, horizon)
        optional, priced = self.device.value is not None, self._priced
        return every.runs, every.outside, self.due(horizon), optional, priced

    @property
    def _priced(self) -> bool:
        return self.device.outside_price_per_kwh > 0

    def data(self, horizon: Horizon) -> Data:
        """Return the profile and its energy."""
        value = 0.0 if self.device.value is None else self.device.value
        price = self.device.outside_price_per_kwh
        every = _every(self, horizon)
        return {
            "profile_kw": every.profiles_kw,
            "energy_kwh": self.energy_kwh,
            "value": value,
            "outside_cost": [price * kwh for kwh in every.outside_kwh],
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the run on ``block``."""
        starts = self.starts(horizon)
        block.start = pyo.Var(list(starts), domain=pyo.Binary)
        terms: dict[int, list[Expression]] = {}
        drawn_kw = iter(block.given.profile_kw.values())
        for s in starts:
            for t in self.run(horizon, s):
                terms.setdefault(t, []).append(next(drawn_kw) * block.start[s])
        block.draw = {t: pyo.quicksum(parts) for t, parts in terms.items()}
        block.power, block.cost = block.draw, {}
        block.sooner = dict(block.start.items())
        block.avoided = [block.start[s] for s in _every(self, horizon).outside]
        if self._priced and starts:
            paid = zip(starts, block.given.outside_cost.values(), strict=True)
            block.cost["comfort"] = pyo.quicksum(
                cost * block.start[s] for s, cost in paid
            )
        if self.device.value is not None:
            self._optional(block)
        if not self.due(horizon):
            return
        skipped = slack(block)

        @block.Constraint()
        def one_run(b: Block) -> Expression:
            # sum start[s] + skipped = 1
            return pyo.quicksum(b.start.values()) + skipped[0] == 1

    def _optional(self, block: Block) -> None:
        runs = pyo.quicksum(block.start.values())

        @block.Constraint([0] if len(block.start) > 1 else [])
        def at_most_one_run(b: Block, _: int) -> Expression:
            del b
            # sum start[s] ≤ 1
            return runs <= 1

        if len(block.start):
            block.cost["value"] = -block.given.value * runs

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the run."""
        if not self.due(horizon):
            return ()
        return [run_due(self.device, self.energy_kwh, block, horizon)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Every:
    """Every possible run: its steps, and in one vector the mean power in each."""

    runs: tuple[range, ...]
    profiles_kw: Numbers
    outside_kwh: Sequence[float]  # drawn outside the preferred windows, by run
    outside: tuple[int, ...]  # the starts of runs that are not wholly within them


@lru_cache(maxsize=64)  # a plan on new data has the same
def _every(appliance: Appliance, horizon: Horizon) -> _Every:
    runs = tuple(appliance.run(horizon, s) for s in appliance.starts(horizon))
    profiles_kw = appliance.profiles_kw(horizon, runs)
    preferred = appliance.device.preferred
    outside_kwh = np.zeros(len(runs))
    if preferred and runs:
        outside_h = horizon.hours * (1.0 - within(preferred, horizon))
        parts = np.split(profiles_kw, np.cumsum([len(run) for run in runs])[:-1])
        for place, (run, part) in enumerate(zip(runs, parts, strict=True)):
            outside_kwh[place] = part @ outside_h[run.start : run.stop]
    drawn = zip(runs, outside_kwh.tolist(), strict=True)
    return _Every(
        runs=runs,
        profiles_kw=profiles_kw,
        outside_kwh=outside_kwh.tolist(),
        outside=tuple(run.start for run, kwh in drawn if kwh > 0),
    )
