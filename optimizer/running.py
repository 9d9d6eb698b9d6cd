"""A power with ranges, runs and rests, as heat pumps, heaters and generators have."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from cem_core.model import Message
from optimizer import home, words as pyo
from optimizer.commitment import Commitment
from optimizer.component import Block, Data, Expression, Rank, Soft, Variable
from optimizer.horizon import Horizon, PerStep
from optimizer.ranges import chosen, range_data, within
from optimizer.starts import share, starting_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How ``device`` runs. Its starts count whole where on or off is a choice."""

    device: home.Runs

    @property
    def commitment(self) -> Commitment:
        """How it runs and rests."""
        d = self.device
        return Commitment(
            min_on=timedelta(minutes=d.min_on_minutes),
            min_off=timedelta(minutes=d.min_off_minutes),
            starts_per_hour=d.max_starts_per_hour,
            initially_on=d.initially_on,
            held=timedelta(minutes=d.held_minutes),
            start_takes=timedelta(minutes=d.start_minutes),
        )

    @property
    def _committed(self) -> bool:
        return self.commitment.asked

    @property
    def _starting(self) -> bool:
        return self.device.start_cost > 0

    @property
    def _paid(self) -> bool:
        return self.device.cost_per_hour > 0

    @property
    def _whether(self) -> bool:
        """Whether on or off is a choice."""
        return chosen(self.device.ranges) or self._committed or self._paid

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how its power is chosen."""
        ranges = self.device.ranges
        runs = self._committed and self.commitment.structure(horizon)
        starts = self._starting and (True, self.device.initially_on)
        return (
            len(ranges),
            self._whether,
            self._paid,
            self._whole(horizon),
            runs,
            starts,
        )

    def _whole(self, horizon: Horizon) -> int | None:
        """Return in how many steps it is on or off, None: in all."""
        hours = self.device.whole_hours
        return None if hours is None else int(np.searchsorted(horizon.clock, hours))

    def data(self, horizon: Horizon, most_kw: PerStep | None = None) -> Data:
        """Return its ranges; ``most_kw`` is less than its most where that may not be."""
        usual_kw = np.full(horizon.steps, self.device.max_power_kw)
        return {
            **range_data(self.device.ranges, usual_kw if most_kw is None else most_kw),
            "start_lost": [
                part
                for starts in self.commitment.starting(horizon).values()
                for _, part in starts
            ],
            "held_kwh": self._held_hours(horizon) * self.device.max_power_kw,
            "start_cost": self.device.start_cost,
            "cost_of_step": self.device.cost_per_hour * horizon.hours,
            "share_per_kw": 1 / self.device.max_power_kw,
        }

    def build(
        self, block: Block, horizon: Horizon, power: Variable
    ) -> Mapping[str, Expression]:
        """Put the choice of ``power`` on ``block``; return what it costs.

        On the blocks `chosen`, `runs` and `starts`; `chosen.on` says where it is on,
        nothing where that is no choice.
        """
        block.chosen, block.runs, block.starts = pyo.Block(), pyo.Block(), pyo.Block()
        ranges = self.device.ranges
        on: Mapping[int, Expression] = {}
        if self._whether:
            on = within(
                block.chosen,
                power,
                len(ranges),
                whole=self._whole(horizon),
                starting=self.commitment.starting(horizon),
            )
        block.chosen.on = on
        if self._committed:
            self.commitment.build(block.runs, horizon, on)
            self._start_takes(block, horizon)
        costs: dict[str, Expression] = {}
        if self._paid:
            cost = block.given.cost_of_step
            costs["running"] = pyo.quicksum(cost[t] * on[t] for t in on)
        if self._starting:
            counted = on if chosen(self.device.ranges) else share(block, power)
            initially_on = self.device.initially_on
            costs |= starting_cost(block.starts, counted, initially_on=initially_on)
        return costs

    def _start_takes(self, block: Block, horizon: Horizon) -> None:
        """Let what a start takes be lost of the steps that it lies in."""
        parts, lost = iter(block.given.start_lost.values()), block.chosen.lost
        places = range(len(self.device.ranges))
        starts = block.runs.start
        taken = {
            t: pyo.quicksum(next(parts) * starts[s] for s, _ in each)
            for t, each in self.commitment.starting(horizon).items()
        }

        @block.runs.Constraint(list(taken))
        def start_takes(b: Block, t: int) -> Expression:
            del b
            # sum over ranges of lost[t] = share of t that starts take
            return pyo.quicksum(lost[t, r] for r in places) == taken[t]

    def _held_hours(self, horizon: Horizon) -> float:
        held = self.commitment.held_steps(horizon)
        return float(horizon.hours[held.start : held.stop].sum())

    def softs(self, name: str, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the run that has to go on, of the device of that name."""
        device, hours = self.device, self._held_hours(horizon)
        if not (hours and device.initially_on):
            return ()
        return [
            Soft(
                rank=Rank.RUN,
                constraint=f"{name} goes on running",
                unit="h",
                message=lambda by: Message.of(
                    "run_is_broken_off", device=name, by_hours=by
                ),
                slack=[block.runs.slack[0]],
                by_per_slack=hours,
                kwh_per_slack=block.given.held_kwh,
            )
        ]
