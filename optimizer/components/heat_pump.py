"""A heat pump and the house it heats, as one resistance and one capacitance.

    C (T[t+1] - T[t]) = dt (COP[t] P[t] + gains[t] - (T[t] - T_out[t]) / R)

Leaving the comfort band costs its price; the temperature is that of the step's end.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
import pyomo.environ as pyo

from optimizer import home
from optimizer.component import Block, Data, Expression, Soft, bounded
from optimizer.horizon import Horizon, PerStep

_START = -1  # the step before the first


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

    def structure(self, horizon: Horizon) -> Hashable:
        """Return nothing: every heat pump is built alike."""
        del horizon
        return None

    def data(self, horizon: Horizon) -> Data:
        """Return the building, the weather and what is wished."""
        del horizon
        thermal = self.device.thermal
        conductance = 1 / thermal.resistance_k_per_kw
        return {
            "max_power_kw": self.device.max_power_kw,
            "cop": self.cop,
            "capacitance_kwh_per_k": thermal.capacitance_kwh_per_k,
            "conductance_kw_per_k": conductance,
            "free_kw": np.add(self.gains_kw, np.multiply(self.outdoor_c, conductance)),
            "initial_c": thermal.initial_c,
            "lowest_c": self.lowest_c,
            "highest_c": self.highest_c,
            "violation_per_kelvin_hour": self.device.comfort.violation_per_kelvin_hour,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the heat pump and its house on ``block``."""
        given, index = block.given, list(horizon.index)
        block.electric = bounded(index, 0.0, given.max_power_kw)
        block.start = bounded([_START], given.initial_c, given.initial_c)
        block.indoor = pyo.Var(index)
        block.draw = block.power = dict(block.electric.items())

        @block.Constraint(index)
        def warmth(b: Block, t: int) -> Expression:
            before = b.indoor[t - 1] if t else b.start[_START]
            heat = given.cop[t] * b.electric[t] + given.free_kw[t]
            lost = given.conductance_kw_per_k * before
            stored = given.capacitance_kwh_per_k * (b.indoor[t] - before)
            # C (T[t+1] - T[t]) = dt (COP P + gains - (T[t] - T_out) / R)
            return stored == horizon.hours * (heat - lost)

        self._comfort(block, horizon)

    def _comfort(self, block: Block, horizon: Horizon) -> None:
        index, given = list(horizon.index), block.given
        block.too_cold = pyo.Var(index, domain=pyo.NonNegativeReals)
        block.too_warm = pyo.Var(index, domain=pyo.NonNegativeReals)

        @block.Constraint(index)
        def warm_enough(b: Block, t: int) -> Expression:
            # T[t+1] ≥ T_min[t] - too_cold[t]
            return b.indoor[t] + b.too_cold[t] >= given.lowest_c[t]

        @block.Constraint(index)
        def cool_enough(b: Block, t: int) -> Expression:
            # T[t+1] ≤ T_max[t] + too_warm[t]
            return b.indoor[t] - b.too_warm[t] <= given.highest_c[t]

        violation = pyo.quicksum(block.too_cold.values()) + pyo.quicksum(
            block.too_warm.values()
        )
        price = given.violation_per_kelvin_hour
        block.cost = {"comfort": price * horizon.hours * violation}

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return nothing: leaving the comfort band is a cost."""
        del block, horizon
        return ()
