"""A heat pump and the house it heats, as one resistance and one capacitance.

    T[t+1] = T[t] + dt/C (COP[t] P[t] + gains[t] - (T[t] - T_out[t]) / R)

Leaving the comfort band costs its price; the temperature is that of the step's end.
"""

from dataclasses import dataclass

import pyomo.environ as pyo

from optimizer import home
from optimizer.component import Block, Expression
from optimizer.horizon import Horizon, PerStep


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPump:
    """Series are per step: COP, free heat, outdoor temperature, comfort band."""

    device: home.HeatPump
    cop: PerStep
    gains_kw: PerStep
    outdoor_c: PerStep
    lowest_c: PerStep
    highest_c: PerStep

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the heat pump and its house on ``block``."""
        index, thermal = list(horizon.index), self.device.thermal
        block.electric = pyo.Var(index, bounds=(0, self.device.max_power_kw))
        block.indoor = pyo.Var(index)
        block.draw = block.power = dict(block.electric.items())
        per_kw = horizon.hours / thermal.capacitance_kwh_per_k
        loss = 1 / thermal.resistance_k_per_kw

        @block.Constraint(index)
        def warmth(b: Block, t: int) -> Expression:
            before = b.indoor[t - 1] if t else thermal.initial_c
            heat = float(self.cop[t]) * b.electric[t] + float(self.gains_kw[t])
            lost = (before - float(self.outdoor_c[t])) * loss
            # T[t+1] = T[t] + dt/C (COP P + gains - (T[t] - T_out) / R)
            return b.indoor[t] == before + per_kw * (heat - lost)

        self._comfort(block, horizon)

    def _comfort(self, block: Block, horizon: Horizon) -> None:
        index = list(horizon.index)
        block.too_cold = pyo.Var(index, domain=pyo.NonNegativeReals)
        block.too_warm = pyo.Var(index, domain=pyo.NonNegativeReals)

        @block.Constraint(index)
        def warm_enough(b: Block, t: int) -> Expression:
            # T[t+1] ≥ T_min[t] - too_cold[t]
            return b.indoor[t] + b.too_cold[t] >= float(self.lowest_c[t])

        @block.Constraint(index)
        def cool_enough(b: Block, t: int) -> Expression:
            # T[t+1] ≤ T_max[t] + too_warm[t]
            return b.indoor[t] - b.too_warm[t] <= float(self.highest_c[t])

        violation = pyo.quicksum(block.too_cold.values()) + pyo.quicksum(
            block.too_warm.values()
        )
        price = self.device.comfort.violation_per_kelvin_hour
        block.cost = {"comfort": price * horizon.hours * violation}
