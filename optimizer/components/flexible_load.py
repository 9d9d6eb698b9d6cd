"""Energy that may be interrupted, within windows.

    energy - missing <= dt sum(P) <= energy + what a last step cannot help to draw

With a value it is optional: what is drawn earns it. Outside the preferred windows a
kWh costs more.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from cem_core.model import Message
from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Rank, Soft, bounded, slack
from optimizer.horizon import Horizon
from optimizer.running import Running
from optimizer.series import Numbers

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
        return _within(self.device.windows, horizon)

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
        return self.running.structure(horizon), owes, d.value_per_kwh is not None

    def data(self, horizon: Horizon) -> Data:
        """Return powers, energy and prices."""
        d = self.device
        most_kw = d.max_power_kw * self.usable(horizon)
        outside = 1.0 - _within(d.preferred, horizon)
        optional = d.value_per_kwh is not None
        last_kwh = horizon.hours * max(least for least, _ in d.ranges)
        return {
            **self.running.data(horizon, most_kw),
            "most_kw": most_kw,
            "owed_kwh": self.owed_kwh(horizon),
            "most_kwh": d.energy_kwh + (0.0 if optional else last_kwh),
            "outside_price": d.outside_price_per_kwh * outside,
            "value_per_kwh": 0.0 if d.value_per_kwh is None else d.value_per_kwh,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the load on ``block``."""
        given, index, d = block.given, list(horizon.index), self.device
        block.electric = bounded(index, 0.0, given.most_kw)
        block.draw = block.power = dict(block.electric.items())
        block.cost = dict(self.running.build(block, horizon, block.electric))
        drawn_kwh = horizon.hours * pyo.quicksum(block.electric.values())
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

        outside = pyo.quicksum(
            given.outside_price[t] * block.electric[t] for t in index
        )
        block.cost["comfort"] = horizon.hours * outside
        if d.value_per_kwh is not None:
            block.cost["value"] = -given.value_per_kwh * drawn_kwh

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return its energy."""
        if not self.owed_kwh(horizon):
            return ()
        end = horizon.local(self.end(horizon))
        return [
            Soft(
                rank=Rank.RUN,
                constraint=f"{self.name} energy by {end:%H:%M}",
                unit="kWh",
                message=lambda by: Message.of(
                    "load_is_short", device=self.name, by_kwh=by, end_time=end
                ),
                slack=[block.slack[0]],
            )
        ]


def _within(windows: Iterable[home.Window], horizon: Horizon) -> Numbers:
    inside = np.zeros(horizon.steps)
    for window in windows:
        steps = horizon.inside(window.start, window.end)
        inside[steps.start : steps.stop] = 1.0
    return inside
