"""A store that electricity fills and a demand empties.

    (energy[t+1] - kept energy[t]) / dt = sum of eta P[t] - demand[t] + unmet[t]

What is not met, and being below the wished energy, costs its price. Each of its sources
runs and rests by itself; one that is not electric only costs while it runs.
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from optimizer import home, words as pyo
from optimizer.component import Block, Data, Expression, Soft, bounded
from optimizer.horizon import Horizon, PerStep
from optimizer.prefixed import Prefixed, prefixed
from optimizer.running import Running
from optimizer.wished_energy import wished_kwh


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
        sources = [
            (Running(device=each).structure(horizon), each.electric)
            for each in self.device.sources
        ]
        return self.running.structure(horizon), tuple(sources)

    def data(self, horizon: Horizon) -> Data:
        """Return powers, energies and losses."""
        d = self.device
        per_hour = 1 / horizon.hours
        kept_per_hour = per_hour - d.loss_per_hour
        return {
            **self.running.data(horizon),
            **dict(self._of_sources(horizon)),
            "max_power_kw": d.max_power_kw,
            "capacity_kwh": d.capacity_kwh,
            "per_hour": per_hour,
            "kept_per_hour": kept_per_hour,
            "initial_kw": kept_per_hour[0] * d.initial_energy_kwh,
            "wished_kwh": wished_kwh(d.targets, d.min_energy_kwh, horizon),
            "stored_per_drawn": d.efficiency,
            "demand_kw": self.demand_kw,
            "missing_price_per_kw": d.missing_price_per_kwh * horizon.hours,
        }

    def _of_sources(self, horizon: Horizon) -> Iterator[tuple[str, object]]:
        for place, source in enumerate(self.device.sources):
            found: Data = {
                **Running(device=source).data(horizon),
                "max_power_kw": source.max_power_kw,
                "stored_per_drawn": source.efficiency,
            }
            yield from prefixed(_prefix(place), found).items()

    def build(self, block: Block, horizon: Horizon) -> None:
        """Put the store on ``block``."""
        given, index = block.given, list(horizon.index)
        block.electric = bounded(index, 0.0, given.max_power_kw)
        block.cost = dict(self.running.build(block, horizon, block.electric))
        self._sources(block, horizon)
        self._draw(block, index)
        filled_kw = self._filled(block, index)
        block.energy = bounded(index, 0.0, given.capacity_kwh)
        block.unmet = bounded(index, 0.0, given.demand_kw)
        block.below = pyo.Var(index, domain=pyo.NonNegativeReals)

        @block.Constraint(index)
        def storage(b: Block, t: int) -> Expression:
            before = given.initial_kw
            if t:
                before = given.kept_per_hour[t] * b.energy[t - 1]
            taken = given.demand_kw[t] - b.unmet[t]
            # E[t+1] / dt = kept E[t] / dt + sum of eta P - demand + unmet
            return given.per_hour[t] * b.energy[t] == before + filled_kw[t] - taken

        @block.Constraint(index)
        def wished(b: Block, t: int) -> Expression:
            # E[t] ≥ E_min - below[t]
            return b.energy[t] + b.below[t] >= given.wished_kwh[t]

        block.cost["comfort"] = pyo.quicksum(
            given.missing_price_per_kw[t] * (block.unmet[t] + block.below[t])
            for t in index
        )

    def _sources(self, block: Block, horizon: Horizon) -> None:
        """Put each of its sources on a block of its own."""
        block.filled_by, index = [], list(horizon.index)
        for place, source in enumerate(self.device.sources):
            setattr(block, f"source_{place}", pyo.Block())
            part = getattr(block, f"source_{place}")
            part.given = Prefixed(block.given, _prefix(place))
            part.electric = bounded(index, 0.0, part.given.max_power_kw)
            costs = Running(device=source).build(part, horizon, part.electric)
            for name, cost in costs.items():
                block.cost[name] = block.cost.get(name, 0.0) + cost
            block.filled_by.append(part)

    def _with_sources(self, block: Block) -> Iterator[tuple[home.Source, Block]]:
        yield from zip(self.device.sources, block.filled_by, strict=True)

    def _draw(self, block: Block, index: Sequence[int]) -> None:
        """Draw from the home what all of its ways draw that are electric."""
        others = [part for way, part in self._with_sources(block) if way.electric]
        if others:
            block.together = pyo.Var(index, domain=pyo.NonNegativeReals)

            @block.Constraint(index)
            def drawn(b: Block, t: int) -> Expression:
                each = [b.electric[t], *(part.electric[t] for part in others)]
                # P[t] = sum of what its electric sources draw
                return b.together[t] == pyo.quicksum(each)

        found = block.together if others else block.electric
        block.draw = block.power = dict(found.items())

    def _filled(self, block: Block, index: Sequence[int]) -> Mapping[int, Expression]:
        ways = block, *block.filled_by
        return {
            t: pyo.quicksum(w.given.stored_per_drawn * w.electric[t] for w in ways)
            for t in index
        }

    def softs(self, block: Block, horizon: Horizon) -> Sequence[Soft]:
        """Return the runs that have to go on; what is missed is a cost."""
        found = [*self.running.softs(self.name, block, horizon)]
        for source, part in self._with_sources(block):
            name = f"{self.name} {source.id}"
            found += Running(device=source).softs(name, part, horizon)
        return found


def _prefix(place: int) -> str:
    return f"source_{place}_"
