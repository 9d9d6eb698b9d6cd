"""A store that electricity fills and a demand empties.

    (energy[t+1] - kept energy[t]) / dt = eta P[t] - demand[t] + unmet[t]

What is not met, and being below the wished energy, costs its price.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Soft, bounded
from optimizer.horizon import Horizon, PerStep
from optimizer.running import Running


@dataclass(frozen=True, slots=True, kw_only=True)
class Storage:
    """``demand_kw[t]`` is what is taken out."""

    device: home.Storage
    demand_kw: PerStep

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    @property
    def running(self) -> Running:
        """How its power is chosen."""
        return Running(device=self.device)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how its power is chosen."""
        return self.running.structure(horizon)

    def data(self, horizon: Horizon) -> Data:
        """Return powers, energies and losses."""
        d = self.device
        per_hour = 1 / horizon.hours
        kept_per_hour = per_hour - d.loss_per_hour
        return {
            **self.running.data(horizon),
            "max_power_kw": d.max_power_kw,
            "capacity_kwh": d.capacity_kwh,
            "per_hour": per_hour,
            "kept_per_hour": kept_per_hour,
            "initial_kw": kept_per_hour[0] * d.initial_energy_kwh,
            "wished_kwh": d.min_energy_kwh,
            "stored_per_drawn": d.efficiency,
            "demand_kw": self.demand_kw,
            "missing_price_per_kw": d.missing_price_per_kwh * horizon.hours,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the store on ``block``."""
        given, index = block.given, list(horizon.index)
        block.electric = bounded(index, 0.0, given.max_power_kw)
        block.draw = block.power = dict(block.electric.items())
        block.cost = dict(self.running.build(block, horizon, block.electric))
        block.energy = bounded(index, 0.0, given.capacity_kwh)
        block.unmet = bounded(index, 0.0, given.demand_kw)
        block.below = pyo.Var(index, domain=pyo.NonNegativeReals)

        @block.Constraint(index)
        def storage(b: Block, t: int) -> Expression:
            before = given.initial_kw
            if t:
                before = given.kept_per_hour[t] * b.energy[t - 1]
            taken = given.demand_kw[t] - b.unmet[t]
            gain = given.stored_per_drawn * b.electric[t] - taken
            # E[t+1] / dt = kept E[t] / dt + eta P - demand + unmet
            return given.per_hour[t] * b.energy[t] == before + gain

        @block.Constraint(index)
        def wished(b: Block, t: int) -> Expression:
            # E[t] ≥ E_min - below[t]
            return b.energy[t] + b.below[t] >= given.wished_kwh

        block.cost["comfort"] = pyo.quicksum(
            given.missing_price_per_kw[t] * (block.unmet[t] + block.below[t])
            for t in index
        )

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the run that has to go on; what is missed is a cost."""
        return self.running.softs(self.name, block, horizon)
