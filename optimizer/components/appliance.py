"""One uninterrupted run of a fixed profile.

    sum(start) + skipped = 1 (<= 1 where it is optional)
    power[t] = sum over s of start[s] profile[t - s]

A binary for each possible start, with the profile in the power itself: on/off
states with big-M rows take seventy times as long to solve.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from cem_core.model import Message
from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Rank, Soft, slack
from optimizer.horizon import Horizon
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

    def profile_kw(self, horizon: Horizon) -> list[float]:
        """Return the mean power in each step of a run that starts with a step."""
        d = self.device
        length = timedelta(minutes=d.profile_step_minutes)
        profile_kw = [0.0] * -(-len(d.profile_kw) * length // horizon.step)
        for place, power_kw in enumerate(d.profile_kw):
            begin, end = place * length, (place + 1) * length
            for t in range(begin // horizon.step, -(-end // horizon.step)):
                overlap = min(end, (t + 1) * horizon.step) - max(
                    begin, t * horizon.step
                )
                profile_kw[t] += power_kw * (overlap / horizon.step)
        return profile_kw

    def starts(self, horizon: Horizon) -> range:
        """Return the steps a run may start with."""
        d = self.device
        window = horizon.inside(d.earliest_start, horizon.end)
        run = len(d.profile_kw) * timedelta(minutes=d.profile_step_minutes)
        last = min(d.latest_end, horizon.end) - run - horizon.start
        return range(window.start, max(window.start, last // horizon.step + 1))

    def due(self, horizon: Horizon) -> bool:
        """Tell whether it has to run now: no later plan can do it."""
        if self.device.value is not None:
            return False
        return bool(self.starts(horizon)) or self.device.latest_end <= horizon.end

    def _outside_kwh(self, horizon: Horizon) -> list[float]:
        """Return by possible start what is drawn outside the preferred windows."""
        starts = self.starts(horizon)
        if not self.device.preferred:
            return [0.0] * len(starts)
        profile_kwh = horizon.hours * np.array(self.profile_kw(horizon))
        outside = 1.0 - within(self.device.preferred, horizon)
        return [
            float(outside[s : s + len(profile_kwh)] @ profile_kwh[: horizon.steps - s])
            for s in starts
        ]

    def _outside(self, horizon: Horizon) -> list[int]:
        """Return the starts of runs that are not wholly within preferred windows."""
        drawn = zip(self.starts(horizon), self._outside_kwh(horizon), strict=True)
        return [s for s, outside_kwh in drawn if outside_kwh > 0]

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the possible starts, the wished ones, and how long a run is."""
        length = len(self.profile_kw(horizon))
        optional, priced = self.device.value is not None, self._priced
        starts = self.starts(horizon), tuple(self._outside(horizon))
        return starts, length, self.due(horizon), optional, priced

    @property
    def _priced(self) -> bool:
        return self.device.outside_price_per_kwh > 0

    def data(self, horizon: Horizon) -> Data:
        """Return the profile and its energy."""
        profile_kw = self.profile_kw(horizon)
        energy_kwh = horizon.hours * sum(profile_kw)
        value = 0.0 if self.device.value is None else self.device.value
        price = self.device.outside_price_per_kwh
        return {
            "profile_kw": profile_kw,
            "energy_kwh": energy_kwh,
            "value": value,
            "outside_cost": [price * kwh for kwh in self._outside_kwh(horizon)],
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the run on ``block``."""
        starts, profile_kw = self.starts(horizon), block.given.profile_kw
        block.start = pyo.Var(list(starts), domain=pyo.Binary)
        terms: dict[int, list[Expression]] = {}
        for s in starts:
            for place, power_kw in profile_kw.items():
                if s + place < horizon.steps:
                    terms.setdefault(s + place, []).append(power_kw * block.start[s])
        block.draw = {t: pyo.quicksum(parts) for t, parts in terms.items()}
        block.power, block.cost = block.draw, {}
        block.sooner = dict(block.start.items())
        block.avoided = [block.start[s] for s in self._outside(horizon)]
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
        latest_end = horizon.local(self.device.latest_end)
        return [
            Soft(
                rank=Rank.RUN,
                constraint=f"{self.name} run by {latest_end:%H:%M}",
                unit="kWh",
                message=lambda by: Message.of(
                    "appliance_does_not_run",
                    device=self.name,
                    end_time=latest_end,
                    by_kwh=by,
                ),
                slack=[block.slack[0]],
                by_per_slack=horizon.hours * sum(self.profile_kw(horizon)),
                kwh_per_slack=block.given.energy_kwh,
            )
        ]
