"""Water that is heated and drawn off, at one temperature.

    C (W[t+1] - W[t]) = dt (heat[t] - draw[t] - loss (W[t] - ambient))

Being colder than wished costs its price. Heat against legionella holds its
temperature over some steps once: W[t] >= hot while it is held.
"""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
import math

import numpy as np

from cem_core.model import Message
from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Rank, Soft, bounded, slack
from optimizer.horizon import Horizon, PerStep
from optimizer.series import Numbers


@dataclass(frozen=True, slots=True, kw_only=True)
class TankModel:
    """A tank and what is drawn off it, by step in kW."""

    tank: home.Tank
    draw_kw: PerStep

    def _hold(self, horizon: Horizon) -> int:
        """Return the steps whose ends are hot: the first end begins the hold."""
        cycle = self.tank.legionella
        minutes = 0 if cycle is None else cycle.hold_minutes
        return 1 + math.ceil(timedelta(minutes=minutes) / horizon.step)

    def starts(self, horizon: Horizon) -> range:
        """Return the steps at whose end a hot cycle may begin."""
        cycle = self.tank.legionella
        if cycle is None or cycle.by > horizon.end:
            return range(0)  # a later plan does it
        by = cycle.by if cycle.by > horizon.start else horizon.end  # overdue
        last = horizon.inside(horizon.start, by).stop
        return range(max(last - self._hold(horizon) + 1, 0))

    def _due(self, horizon: Horizon) -> bool:
        cycle = self.tank.legionella
        return cycle is not None and cycle.by <= horizon.end

    def structure(self, horizon: Horizon) -> Hashable:
        """Return when a hot cycle may begin, and how long it is."""
        return self.starts(horizon), self._hold(horizon), self._due(horizon)

    def data(self, horizon: Horizon) -> Data:
        """Return the tank, what is drawn off and what is wished."""
        tank, cycle = self.tank, self.tank.legionella
        unheated_c = self._unheated_c(horizon)
        hot_c = tank.max_c if cycle is None else cycle.temperature_c
        return {
            "water_kwh_per_k": tank.capacitance_kwh_per_k,
            "water_loss_kw_per_k": tank.loss_kw_per_k,
            "water_free_kw": tank.loss_kw_per_k * tank.ambient_c
            - np.asarray(self.draw_kw, float),
            "water_initial_c": tank.initial_c,
            "water_lowest_c": unheated_c,
            "water_highest_c": np.maximum(unheated_c, tank.max_c),
            "water_wished_c": tank.min_c,
            "water_hotter_k": np.maximum(hot_c - unheated_c, 0.0),
            "water_violation": tank.violation_per_kelvin_hour,
        }

    def _unheated_c(self, horizon: Horizon) -> Numbers:
        """Return the temperatures without any heat: the lowest there can be."""
        tank, found = self.tank, np.zeros(horizon.steps)
        water_c = tank.initial_c
        for t in horizon.index:
            lost_kw = tank.loss_kw_per_k * (water_c - tank.ambient_c) + self.draw_kw[t]
            water_c -= horizon.hours * lost_kw / tank.capacitance_kwh_per_k
            found[t] = water_c
        return found

    def build(
        self, block: Block, horizon: Horizon, heat_kw: Mapping[int, Expression]
    ) -> Expression:
        """Put the tank on ``block``, a part of its device's; return its cost."""
        given, index = block.parent_block().given, list(horizon.index)
        block.water = bounded(index, given.water_lowest_c, given.water_highest_c)
        block.before = bounded([0], given.water_initial_c, given.water_initial_c)

        @block.Constraint(index)
        def warmth(b: Block, t: int) -> Expression:
            before = b.water[t - 1] if t else b.before[0]
            gained = heat_kw[t] + given.water_free_kw[t]
            lost = given.water_loss_kw_per_k * before
            stored = given.water_kwh_per_k * (b.water[t] - before)
            # C (W[t+1] - W[t]) = dt (heat - draw - loss (W - ambient))
            return stored == horizon.hours * (gained - lost)

        block.too_cold = pyo.Var(index, domain=pyo.NonNegativeReals)

        @block.Constraint(index)
        def warm_enough(b: Block, t: int) -> Expression:
            # W[t+1] ≥ W_min - too_cold[t]
            return b.water[t] + b.too_cold[t] >= given.water_wished_c

        self._cycle(block, horizon)
        cold = pyo.quicksum(block.too_cold.values())
        return given.water_violation * (horizon.hours * cold)

    def _cycle(self, block: Block, horizon: Horizon) -> None:
        given = block.parent_block().given
        starts, hold = self.starts(horizon), self._hold(horizon)
        block.hot = pyo.Var(list(starts), domain=pyo.Binary)
        held = [t for t in horizon.index if starts and t < starts.stop + hold - 1]
        skipped = slack(block, [0] if self._due(horizon) else [])

        @block.Constraint(held)
        def hot_enough(b: Block, t: int) -> Expression:
            within = [s for s in range(t - hold + 1, t + 1) if s in starts]
            # W[t+1] ≥ W_unheated + (hot - W_unheated) y
            hotter = given.water_hotter_k[t] * pyo.quicksum(b.hot[s] for s in within)
            return b.water[t] >= given.water_lowest_c[t] + hotter

        @block.Constraint(list(skipped))
        def one_cycle(b: Block, _: int) -> Expression:
            # sum of y + skipped = 1
            return pyo.quicksum(b.hot.values()) + skipped[0] == 1

    def softs(self, name: str, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the hot cycle of the device of that name."""
        cycle = self.tank.legionella
        if cycle is None or not self._due(horizon):
            return ()
        by = f"{horizon.local(cycle.by):%H:%M}"
        return [
            Soft(
                rank=Rank.RUN,
                constraint=f"{name} hot water by {by}",
                unit="K",
                message=lambda _: Message.of(
                    "water_stays_cold",
                    device=name,
                    hot_c=cycle.temperature_c,
                    end_time=horizon.local(cycle.by),
                ),
                slack=[block.slack[0]],
                by_per_slack=max(cycle.temperature_c - self.tank.initial_c, 1.0),
            )
        ]
