"""One uninterrupted run of a fixed profile.

    sum(start) + skipped = 1 (<= 1 where it is optional),  power[t] = sum over s of start[s] profile[t - s]

A binary for each possible start, with the profile in the power itself: on/off
states with big-M rows take seventy times as long to solve.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from cem_core.model import Message
from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Rank, Soft, slack
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

    def due(self, horizon: Horizon) -> bool:
        """Tell whether it has to run now: no later plan can do it."""
        if self.device.value is not None:
            return False
        return bool(self.starts(horizon)) or self.device.latest_end <= horizon.end

    def structure(self, horizon: Horizon) -> Hashable:
        """Return the possible starts and how long a run is."""
        length = len(self.profile_kw(horizon))
        optional = self.device.value is not None
        return self.starts(horizon), length, self.due(horizon), optional

    def data(self, horizon: Horizon) -> Data:
        """Return the profile and its energy."""
        profile_kw = self.profile_kw(horizon)
        energy_kwh = horizon.hours * sum(profile_kw)
        value = 0.0 if self.device.value is None else self.device.value
        return {"profile_kw": profile_kw, "energy_kwh": energy_kwh, "value": value}

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
        block.power = block.draw
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

        block.cost = {"value": -block.given.value * runs} if len(block.start) else {}

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
