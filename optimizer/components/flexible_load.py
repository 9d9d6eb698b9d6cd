"""Energy that may be interrupted, within windows.

    energy - missing <= dt sum(P) <= energy + what a last step cannot help to draw

With a value it is optional: what is drawn earns it. Outside the preferred windows a
kWh costs more.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from cem_core.model import Message
from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Rank, Soft, bounded, slack
from optimizer.horizon import Horizon
from optimizer.running import Running
from optimizer.series import Numbers
from optimizer.windows import within

_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class FlexibleLoad:
    """A step is usable where it lies wholly in a window."""

    device: home.FlexibleLoad

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    @property
    def running(self) -> Running:
        """How its power is chosen."""
        return Running(device=self.device)

    def usable(self, horizon: Horizon) -> Numbers:
        """Return 1 in the steps in which it may run, 0 elsewhere."""
        return within(self.device.windows, horizon)

    def owed_kwh(self, horizon: Horizon) -> float:
        """Return what has to be drawn within the horizon, 0 where it is optional."""
        d = self.device
        if d.value_per_kwh is not None:
            return 0.0
        later = sum(
            max(window.end - max(window.start, horizon.end), timedelta(0)) / _HOUR
            for window in d.windows
        )
        return max(0.0, d.energy_kwh - d.max_power_kw * later)

    def end(self, horizon: Horizon) -> datetime:
        """Return when its last window closes, as far as the plan goes."""
        return min(max(window.end for window in self.device.windows), horizon.end)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how its power is chosen, and what it has to do or may."""
        d, owes = self.device, self.owed_kwh(horizon) > 0
        wishes = owes, d.value_per_kwh is not None, tuple(self._outside(horizon))
        return self.running.structure(horizon), wishes

    def _outside(self, horizon: Horizon) -> list[int]:
        """Return the usable steps outside the preferred windows, if it has any."""
        if not self.device.preferred:
            return []
        outside = self.usable(horizon) - within(self.device.preferred, horizon)
        return [int(t) for t in np.flatnonzero(outside > 0)]

    def data(self, horizon: Horizon) -> Data:
        """Return powers, energy and prices."""
        d = self.device
        most_kw = d.max_power_kw * self.usable(horizon)
        outside = 1.0 - within(d.preferred, horizon)
        value = 0.0 if d.value_per_kwh is None else d.value_per_kwh
        # What the last of its steps cannot help to draw.
        longest_h = float((horizon.hours * self.usable(horizon)).max())
        last_kwh = longest_h * max(least for least, _ in d.ranges)
        return {
            **self.running.data(horizon, most_kw),
            "most_kw": most_kw,
            "owed_kwh": self.owed_kwh(horizon),
            "most_kwh": d.energy_kwh + (last_kwh if d.value_per_kwh is None else 0.0),
            "hours": horizon.hours,
            "outside_price_per_kw": d.outside_price_per_kwh * outside * horizon.hours,
            "value_per_kw": value * horizon.hours,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the load on ``block``."""
        given, index, d = block.given, list(horizon.index), self.device
        block.electric = bounded(index, 0.0, given.most_kw)
        block.draw = block.power = dict(block.electric.items())
        block.cost = dict(self.running.build(block, horizon, block.electric))
        block.avoided = [block.electric[t] for t in self._outside(horizon)]
        drawn_kwh = pyo.quicksum(given.hours[t] * block.electric[t] for t in index)
        owed = [0] if self.owed_kwh(horizon) > 0 else []
        missing = slack(block, owed)

        @block.Constraint(owed)
        def enough(b: Block, _: int) -> Expression:
            del b
            # dt sum P ≥ energy - missing
            return drawn_kwh + missing[0] >= given.owed_kwh

        @block.Constraint()
        def not_more(b: Block) -> Expression:
            del b
            # dt sum P ≤ energy
            return drawn_kwh <= given.most_kwh

        block.cost["comfort"] = pyo.quicksum(
            given.outside_price_per_kw[t] * block.electric[t] for t in index
        )
        if d.value_per_kwh is not None:
            block.cost["value"] = -pyo.quicksum(
                given.value_per_kw[t] * block.electric[t] for t in index
            )

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the run that has to go on, and its energy."""
        running = self.running.softs(self.name, block, horizon)
        if not self.owed_kwh(horizon):
            return running
        end = horizon.local(self.end(horizon))
        return [
            *running,
            Soft(
                rank=Rank.RUN,
                constraint=f"{self.name} energy by {end:%H:%M}",
                unit="kWh",
                message=lambda by: Message.of(
                    "load_is_short", device=self.name, by_kwh=by, end_time=end
                ),
                slack=[block.slack[0]],
            ),
        ]
