"""One uninterrupted run of a fixed profile.

    sum(start) + skipped = 1,  power[t] = sum over s of start[s] profile[t - s]

A binary for each possible start, with the profile in the power itself: on/off
states with big-M rows take seventy times as long to solve.
"""

from dataclasses import dataclass
from datetime import timedelta

import pyomo.environ as pyo

from optimizer import home
from optimizer.component import Block, Expression, Rank, Soft, slack
from optimizer.horizon import Horizon


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

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the run on ``block``."""
        d, starts = self.device, self.starts(horizon)
        profile_kw = self.profile_kw(horizon)
        block.start = pyo.Var(list(starts), domain=pyo.Binary)
        terms: dict[int, list[Expression]] = {}
        for s in starts:
            for place, power_kw in enumerate(profile_kw):
                if power_kw and s + place < horizon.steps:
                    terms.setdefault(s + place, []).append(power_kw * block.start[s])
        block.draw = {t: pyo.quicksum(parts) for t, parts in terms.items()}
        block.power = block.draw
        if not starts and d.latest_end > horizon.end:
            return  # a later plan runs it
        skipped = slack(block)
        energy_kwh = horizon.hours * sum(profile_kw)

        @block.Constraint()
        def one_run(b: Block) -> Expression:
            # sum start[s] + skipped = 1
            return pyo.quicksum(b.start.values()) + skipped[0] == 1

        by = f"{horizon.local(d.latest_end):%H:%M}"
        block.soft = [
            Soft(
                rank=Rank.RUN,
                constraint=f"{self.name} run by {by}",
                unit="kWh",
                text=f"{self.name} does not run before {by} ({{by}} not used)",
                slack=[skipped[0]],
                by_per_slack=energy_kwh,
                kwh_per_slack=energy_kwh,
            )
        ]
