"""A power with ranges, runs and rests, as heat pumps, heaters and generators have."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import pyomo.environ as pyo

from optimizer import home
from optimizer.commitment import Commitment
from optimizer.component import Block, Data, Expression, Variable
from optimizer.horizon import Horizon, PerStep
from optimizer.ranges import chosen, range_data, within


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """How ``device`` runs; ``counts_starts`` where somebody asks for its starts."""

    device: home.Ranged
    counts_starts: bool = False

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
        return self.counts_starts or self.commitment.asked

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how its power is chosen."""
        ranges = self.device.ranges
        runs = self._committed and self.commitment.structure(horizon)
        return len(ranges), chosen(ranges), runs

    def data(self, horizon: Horizon, most_kw: PerStep | None = None) -> Data:
        """Return its ranges; ``most_kw`` is less than its most where that may not be."""
        usual_kw = np.full(horizon.steps, self.device.max_power_kw)
        return range_data(self.device.ranges, usual_kw if most_kw is None else most_kw)

    def build(self, block: Block, horizon: Horizon, power: Variable) -> None:
        """Put the choice of ``power`` on ``block``: `chosen`, `runs`."""
        block.chosen, block.runs = pyo.Block(), pyo.Block()
        ranges = self.device.ranges
        on: Mapping[int, Expression] = {}
        if chosen(ranges) or self._committed:
            on = within(block.chosen, power, len(ranges))
        if self._committed:
            self.commitment.build(block.runs, horizon, on)
