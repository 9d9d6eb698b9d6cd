"""A power with ranges, runs and rests, as heat pumps, heaters and generators have."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from optimizer import home, words as pyo
from optimizer.commitment import Commitment
from optimizer.component import Block, Data, Expression, Variable
from optimizer.horizon import Horizon, PerStep
from optimizer.ranges import chosen, range_data, within
from optimizer.starts import share, starting_cost


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How ``device`` runs. Its starts count whole where on or off is a choice."""

    device: home.Ranged

    @property
    def commitment(self) -> Commitment:
        """How it runs and rests."""
        d = self.device
        return Commitment(
            min_on=timedelta(minutes=d.min_on_minutes),
            min_off=timedelta(minutes=d.min_off_minutes),
            starts_per_hour=d.max_starts_per_hour,
            initially_on=d.initially_on,
        )

    @property
    def _committed(self) -> bool:
        return self.commitment.asked

    @property
    def _starting(self) -> bool:
        return self.device.start_cost > 0

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how its power is chosen."""
        ranges = self.device.ranges
        runs = self._committed and self.commitment.structure(horizon)
        starts = self._starting and (True, self.device.initially_on)
        return len(ranges), chosen(ranges), self._whole(horizon), runs, starts

    def _whole(self, horizon: Horizon) -> int | None:
        """Return in how many steps it is on or off, None: in all."""
        hours = self.device.whole_hours
        return None if hours is None else int(np.searchsorted(horizon.clock, hours))

    def data(self, horizon: Horizon, most_kw: PerStep | None = None) -> Data:
        """Return its ranges; ``most_kw`` is less than its most where that may not be."""
        usual_kw = np.full(horizon.steps, self.device.max_power_kw)
        return {
            **range_data(self.device.ranges, usual_kw if most_kw is None else most_kw),
            "start_cost": self.device.start_cost,
            "share_per_kw": 1 / self.device.max_power_kw,
        }

    def build(
        self, block: Block, horizon: Horizon, power: Variable
    ) -> Mapping[str, Expression]:
        """Put the choice of ``power`` on ``block``; return what it costs.

        On the blocks `chosen`, `runs` and `starts`.
        """
        block.chosen, block.runs, block.starts = pyo.Block(), pyo.Block(), pyo.Block()
        ranges = self.device.ranges
        on: Mapping[int, Expression] = {}
        if chosen(ranges) or self._committed:
            on = within(block.chosen, power, len(ranges), whole=self._whole(horizon))
        if self._committed:
            self.commitment.build(block.runs, horizon, on)
        if not self._starting:
            return {}
        counted = on if chosen(ranges) else share(block, power)
        initially_on = self.device.initially_on
        return starting_cost(block.starts, counted, initially_on=initially_on)
