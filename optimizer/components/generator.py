"""Production that burns fuel.

power[t] = -P[t],  cost = dt fuel sum(P)
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Soft, bounded
from optimizer.horizon import Horizon
from optimizer.running import Running


@dataclass(frozen=True, slots=True, kw_only=True)
class Generator:
    """It is off, or between its least and its most power."""

    device: home.Generator

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    @property
    def running(self) -> Running:
        """How its power is chosen."""
        return Running(device=self.device)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how its power is chosen, and whether its tank is bounded."""
        return self.running.structure(horizon), self.device.max_energy_kwh is not None

    def data(self, horizon: Horizon) -> Data:
        """Return powers and prices."""
        d = self.device
        return {
            **self.running.data(horizon),
            "max_power_kw": d.max_power_kw,
            "most_kwh": 0.0 if d.max_energy_kwh is None else d.max_energy_kwh,
            "fuel_cost_per_kw": d.fuel_cost_per_kwh * horizon.hours,
            "hours": horizon.hours,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the generator on ``block``."""
        given, index = block.given, list(horizon.index)
        block.production = bounded(index, 0.0, given.max_power_kw)
        block.feed = dict(block.production.items())
        block.power = {t: -block.production[t] for t in index}
        block.cost = dict(self.running.build(block, horizon, block.production))
        made_kwh = pyo.quicksum(given.hours[t] * block.production[t] for t in index)

        @block.Constraint([] if self.device.max_energy_kwh is None else [0])
        def fuel(b: Block, _: int) -> Expression:
            del b
            # sum of dt P ≤ energy in its tank
            return made_kwh <= given.most_kwh

        block.cost["fuel"] = pyo.quicksum(
            given.fuel_cost_per_kw[t] * block.production[t] for t in index
        )

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the run that has to go on."""
        return self.running.softs(self.name, block, horizon)
