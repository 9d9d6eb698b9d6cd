"""A heat pump and the house it heats, as one resistance and one capacitance.

    C (T[t+1] - T[t]) / dt = heat[t] + gains[t] - (T[t] - T_out[t]) / R
    heat[t] = COP[t] P_heating[t] + P_backup[t] - EER[t] P_cooling[t]

A buffer gives the heat on when it is wanted; with a floor the heat goes into that first: C_f (F[t+1] - F[t]) / dt = heat[t] - (F[t]
- T[t]) / R_f, and (F[t] - T[t]) / R_f from it into the room. Leaving the comfort
band costs its price; temperatures are those of the step's end.
"""

from collections.abc import Hashable, Mapping, Sequence, Set as AbstractSet
from dataclasses import dataclass

import numpy as np

from optimizer import home, words as pyo
from optimizer.buffer import BufferModel
from optimizer.component import Block, Data, Expression, Soft, Variable, bounded
from optimizer.horizon import Horizon, PerStep
from optimizer.running import Running
from optimizer.tank import TankModel

_START = -1  # the step before the first
_FAR_K = 2.5  # from its bound a temperature is comfortable enough


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatPump:
    """Series are per step: COPs, free heat, outdoor temperature, comfort band.

    It can heat water and cool in the same step as the room, one after the other,
    but does not heat and cool the room at once: in ``exclusive`` steps by a binary.
    """

    device: home.HeatPump
    cop: PerStep
    gains_kw: PerStep
    outdoor_c: PerStep
    lowest_c: PerStep
    highest_c: PerStep
    cooling: PerStep | None = None
    water_cop: PerStep | None = None
    tank: TankModel | None = None
    exclusive: AbstractSet[int] = frozenset()

    @property
    def name(self) -> str:
        """The device's name."""
        return self.device.id

    @property
    def running(self) -> Running:
        """How its power is chosen."""
        return Running(device=self.device)

    @property
    def buffer(self) -> BufferModel | None:
        """The tank before the house."""
        buffer = self.device.thermal.buffer
        return None if buffer is None else BufferModel(buffer=buffer)

    def _apart(self) -> tuple[int, ...]:
        return () if self.cooling is None else tuple(sorted(self.exclusive))

    def structure(self, horizon: Horizon) -> Hashable:
        """Return how its power is chosen, and what it can do."""
        d, tank = self.device, self.tank
        can = d.backup_heater_kw > 0, self.cooling is not None, self._apart()
        stores = (
            d.thermal.floor is not None,
            d.thermal.buffer is not None,
            None if tank is None else tank.structure(horizon),
        )
        return self.running.structure(horizon), can, stores

    def data(self, horizon: Horizon) -> Data:
        """Return the building, the weather and what is wished."""
        d, thermal, floor = self.device, self.device.thermal, self.device.thermal.floor
        conductance = 1 / thermal.resistance_k_per_kw
        none = np.zeros(horizon.steps)
        lowest_c, highest_c = np.asarray(self.lowest_c), np.asarray(self.highest_c)
        half_k = np.clip((highest_c - lowest_c) / 2, 0.0, _FAR_K)
        return {
            **self.running.data(horizon),
            **({} if self.tank is None else self.tank.data(horizon)),
            **({} if self.buffer is None else self.buffer.data(horizon)),
            "max_power_kw": d.max_power_kw,
            "most_heating_kw": d.max_power_kw if d.heats else 0.0,
            "backup_heater_kw": d.backup_heater_kw,
            "cop": self.cop,
            "water_cop": none if self.water_cop is None else self.water_cop,
            "cooling": none if self.cooling is None else self.cooling,
            "capacitance_kw_per_k": thermal.capacitance_kwh_per_k / horizon.hours,
            "conductance_kw_per_k": conductance,
            "free_kw": np.add(self.gains_kw, np.multiply(self.outdoor_c, conductance)),
            "initial_c": thermal.initial_c,
            "floor_capacitance_kw_per_k": none
            if floor is None
            else floor.capacitance_kwh_per_k / horizon.hours,
            "floor_kw_per_k": 0.0 if floor is None else 1 / floor.resistance_k_per_kw,
            "floor_initial_c": 0.0 if floor is None else floor.initial_c,
            "lowest_c": lowest_c + half_k,
            "highest_c": highest_c - half_k,
            "half_k": half_k,
            "violation_per_k": d.comfort.violation_per_kelvin_hour * horizon.hours,
        }

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the heat pump and its house on ``block``."""
        index, given = list(horizon.index), block.given
        block.electric = bounded(index, 0.0, given.max_power_kw)
        block.tank = pyo.Block()
        block.cost = dict(self.running.build(block, horizon, block.electric))
        heating = self._share(block, index)
        self._backup(block, index)
        heat_kw = {t: given.cop[t] * heating[t] for t in index}
        if self.device.backup_heater_kw:
            heat_kw = {t: heat_kw[t] + block.backup[t] for t in index}
        if self.cooling is not None:
            cold = {t: given.cooling[t] * block.cooling[t] for t in index}
            heat_kw = {t: heat_kw[t] - cold[t] for t in index}
        self._warmth(block, horizon, heat_kw)
        self._comfort(block, horizon)
        if self.tank is not None:
            water_kw = {t: given.water_cop[t] * block.water[t] for t in index}
            block.cost["comfort"] += self.tank.build(block.tank, horizon, water_kw)

    def _share(self, block: Block, index: Sequence[int]) -> Variable:
        """Share the electric power among its uses; return that of heating."""
        given = block.given
        uses: list[Variable] = []
        if self.tank is not None:
            block.water = bounded(index, 0.0, given.max_power_kw)
            uses.append(block.water)
        if self.cooling is not None:
            block.cooling = bounded(index, 0.0, given.max_power_kw)
            uses.append(block.cooling)
        if not uses:
            return block.electric
        block.heating = bounded(index, 0.0, given.most_heating_kw)
        uses.append(block.heating)

        @block.Constraint(index)
        def shared(b: Block, t: int) -> Expression:
            # P = P_heating + P_water + P_cooling
            return b.electric[t] == pyo.quicksum(use[t] for use in uses)

        block.warming = pyo.Var(self._apart(), domain=pyo.Binary)

        @block.Constraint(self._apart())
        def heating_only(b: Block, t: int) -> Expression:
            # P_heating ≤ P_max z
            return b.heating[t] <= given.max_power_kw * b.warming[t]

        @block.Constraint(self._apart())
        def cooling_only(b: Block, t: int) -> Expression:
            # P_cooling ≤ P_max (1 - z)
            return b.cooling[t] <= given.max_power_kw * (1 - b.warming[t])

        return block.heating

    def _backup(self, block: Block, index: Sequence[int]) -> None:
        block.draw = block.power = dict(block.electric.items())
        if not self.device.backup_heater_kw:
            block.most_draw = dict.fromkeys(index, block.given.max_power_kw)
            return
        block.backup = bounded(index, 0.0, block.given.backup_heater_kw)
        block.total = pyo.Var(index)

        @block.Constraint(index)
        def together(b: Block, t: int) -> Expression:
            # P_total = P + P_backup
            return b.total[t] == b.electric[t] + b.backup[t]

        block.draw = block.power = dict(block.total.items())

    def _warmth(
        self, block: Block, horizon: Horizon, heat_kw: Mapping[int, Expression]
    ) -> None:
        given, index = block.given, list(horizon.index)
        block.start = bounded([_START], given.initial_c, given.initial_c)
        block.indoor = pyo.Var(index)
        block.buffer = pyo.Block()
        if self.buffer is not None:
            heat_kw = self.buffer.build(block.buffer, horizon, heat_kw)
        if self.device.thermal.floor is not None:
            heat_kw = self._floor(block, horizon, heat_kw)

        @block.Constraint(index)
        def warmth(b: Block, t: int) -> Expression:
            before = b.indoor[t - 1] if t else b.start[_START]
            heat = heat_kw[t] + given.free_kw[t]
            lost = given.conductance_kw_per_k * before
            stored = given.capacitance_kw_per_k[t] * (b.indoor[t] - before)
            # C (T[t+1] - T[t]) / dt = heat + gains - (T[t] - T_out) / R
            return stored == heat - lost

    def _floor(
        self, block: Block, horizon: Horizon, heat_kw: Mapping[int, Expression]
    ) -> Mapping[int, Expression]:
        """Put the floor between the heat and the room; return what it gives on."""
        given, index = block.given, list(horizon.index)
        first_c = given.floor_initial_c
        block.floor_start = bounded([_START], first_c, first_c)
        block.floor = pyo.Var(index)
        floor = {_START: block.floor_start[_START], **block.floor}
        indoor = {_START: block.start[_START], **block.indoor}
        given_on = {
            t: given.floor_kw_per_k * (floor[t - 1] - indoor[t - 1]) for t in index
        }

        @block.Constraint(index)
        def floor_warmth(b: Block, t: int) -> Expression:
            per_k = given.floor_capacitance_kw_per_k[t]
            # C_f (F[t+1] - F[t]) / dt = heat - (F[t] - T[t]) / R_f
            return per_k * (b.floor[t] - floor[t - 1]) == heat_kw[t] - given_on[t]

        return given_on

    def _comfort(self, block: Block, horizon: Horizon) -> None:
        index, given = list(horizon.index), block.given
        block.too_cold = pyo.Var(index, domain=pyo.NonNegativeReals)
        block.too_warm = pyo.Var(index, domain=pyo.NonNegativeReals)
        # Up to `half` from its bound the temperature is off the middle for nothing.
        block.below = bounded(index, 0.0, given.half_k)
        block.above = bounded(index, 0.0, given.half_k)
        block.off_centre = [*block.below.values(), *block.above.values()]

        @block.Constraint(index)
        def warm_enough(b: Block, t: int) -> Expression:
            # T[t+1] ≥ T_min[t] + half - below[t] - too_cold[t], below ≤ half
            return b.indoor[t] + b.below[t] + b.too_cold[t] >= given.lowest_c[t]

        @block.Constraint(index)
        def cool_enough(b: Block, t: int) -> Expression:
            # T[t+1] ≤ T_max[t] - half + above[t] + too_warm[t], above ≤ half
            return b.indoor[t] - b.above[t] - b.too_warm[t] <= given.highest_c[t]

        block.cost["comfort"] = pyo.quicksum(
            given.violation_per_k[t] * (block.too_cold[t] + block.too_warm[t])
            for t in index
        )

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return its run and the hot cycle of its tank; discomfort is a cost."""
        running = self.running.softs(self.name, block, horizon)
        if self.tank is None:
            return running
        return [*running, *self.tank.softs(self.name, block.tank, horizon)]
