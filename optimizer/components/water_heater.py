"""A boiler, an immersion heater or a pool's heat pump with its water.

heat[t] = COP[t] P[t]; the water is a `TankModel`.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Soft, bounded
from optimizer.horizon import Horizon, PerStep
from optimizer.running import Running
from optimizer.tank import TankModel


@dataclass(frozen=True, slots=True, kw_only=True)
class WaterHeater:
    """``cop[t]`` is 1 for a heating element."""

    device: home.WaterHeater
    cop: PerStep
    tank: TankModel

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    @property
    def running(self) -> Running:
        """How its power is chosen."""
        return Running(device=self.device)

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how its power is chosen, and its tank."""
        return self.running.structure(horizon), self.tank.structure(horizon)

    def data(self, horizon: Horizon) -> Data:
        """Return powers, COP and tank."""
        return {
            **self.running.data(horizon),
            **self.tank.data(horizon),
            "max_power_kw": self.device.max_power_kw,
            "cop": self.cop,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put heater and water on ``block``."""
        given, index = block.given, list(horizon.index)
        block.electric = bounded(index, 0.0, given.max_power_kw)
        block.draw = block.power = dict(block.electric.items())
        block.cost = dict(self.running.build(block, horizon, block.electric))
        block.tank = pyo.Block()
        heat_kw = {t: given.cop[t] * block.electric[t] for t in index}
        block.cost["comfort"] = self.tank.build(block.tank, horizon, heat_kw)

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return its run and the hot cycle of its tank; cold water is a cost."""
        return [
            *self.running.softs(self.name, block, horizon),
            *self.tank.softs(self.name, block.tank, horizon),
        ]
